// `kbeat notify`: list, add and deliver notifications.
#pragma once

#include <cstdint>
#include <string>

#include "command.hpp"

namespace kbeat::app {

struct NotifyListOptions {
  bool unsent = false;
  bool sent = false;
  std::int64_t limit = 1000;
  std::string output;
};

struct NotifySendOptions {
  std::string user;
  std::string event;
  std::string content;
};

struct NotifyProcessOptions {
  std::int64_t limit = 0;  ///< 0: all
  int max_retries = 2;
  std::string retry_delay = "200ms";
};

void add_notify(CommandLine& line);
[[nodiscard]] int run_notify_list(const NotifyListOptions& options, Context& context);
/// 1 when the notification is stored but could not be delivered.
[[nodiscard]] int run_notify_send(const NotifySendOptions& options, Context& context);
/// 5 when some could not be delivered, 1 when none of several could.
[[nodiscard]] int run_notify_process(const NotifyProcessOptions& options, Context& context);

}  // namespace kbeat::app
