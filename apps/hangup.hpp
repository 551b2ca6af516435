// What SIGHUP means to a command that runs for long: read again what can be read again.
#pragma once

#include <functional>

#include "command.hpp"

namespace kbeat::app {

/// While it lives, SIGHUP reads the settings again and applies the log's level; a config that is wrong
/// changes nothing but is told. `also` is called besides, on the thread that waits for signals. In a terminal
/// nothing of this: there SIGHUP says that the terminal is gone, and ends the command.
class RereadOnHangup {
 public:
  explicit RereadOnHangup(const Context& context, std::function<void()> also = {});
  RereadOnHangup(const RereadOnHangup&) = delete;
  RereadOnHangup& operator=(const RereadOnHangup&) = delete;
  ~RereadOnHangup();

 private:
  const Context& m_context;
};

}  // namespace kbeat::app
