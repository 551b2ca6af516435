// `kbeat dlq retry --here` and `--to-brokers`: copies that no transaction of the DLQ's cluster can take.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "command.hpp"
#include "kbeat/dlq/letter_desk.hpp"

namespace kbeat::app {

/// Hands copies to the handlers of this process, into the store. What fails again is a letter of its own.
class HereHandlers {
 public:
  /// `dlq_topic` is where what fails again goes; empty: as the topics have it. The others outlive it.
  HereHandlers(transport::Transport& transport, std::string dlq_topic, Context& context);
  HereHandlers(const HereHandlers&) = delete;
  HereHandlers& operator=(const HereHandlers&) = delete;
  ~HereHandlers();

  /// Why nobody here would handle the copy of a letter that failed in `handler`; nothing when somebody would.
  [[nodiscard]] std::optional<std::string> obstacle(const Record& copy, std::string_view handler);
  [[nodiscard]] dlq::Courier courier();
  /// How many became dead letters again.
  [[nodiscard]] std::uint64_t failed_again() const;

 private:
  class Work;
  std::unique_ptr<Work> m_work;
};

/// Sends copies to another cluster, each confirmed.
[[nodiscard]] dlq::Courier cluster_courier(transport::Transport& target, Milliseconds timeout);

}  // namespace kbeat::app
