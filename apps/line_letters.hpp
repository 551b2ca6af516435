// Lines of input that are no records, kept as dead letters.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "kbeat/base/error.hpp"
#include "kbeat/model/outcome.hpp"
#include "kbeat/model/record.hpp"
#include "kbeat/transport/confirmed_sender.hpp"

namespace kbeat::app {

/// A line and what is wrong with it.
struct BadLine {
  std::string_view text;
  std::uint64_t number = 0;  ///< stands for an offset
  std::string topic;         ///< it was meant for; "unknown" when nobody knows
  std::string command;       ///< that read it
  std::string run;           ///< of the command, for its letter has the group COMMAND:RUN
  FailureCategory category = FailureCategory::deserialization;
  std::string error;
};

/// Tells this run of a command from all others, so that bad lines of the same number are different letters.
[[nodiscard]] std::string run_name(WallTime now);

/// The letter's record, for the DLQ of the line's topic unless another is `chosen`.
[[nodiscard]] Record line_letter(const BadLine& line, const std::optional<TopicName>& chosen, WallTime now);

/// Sends letters, each once in the life of this object, however often its line is read.
class LineLetters {
 public:
  /// `chosen` is the DLQ; nothing: that of each line's topic. The transport outlives this.
  LineLetters(transport::Transport& transport, std::optional<TopicName> chosen, Milliseconds timeout);

  /// Returns when the letter is acknowledged. Lines come with rising numbers, from the first again when the
  /// input is read again. Throws Error{undelivered}, or Error{not_found} for a DLQ that is missing.
  void keep(const BadLine& line, WallTime now);

 private:
  transport::Transport& m_transport;
  std::optional<TopicName> m_chosen;
  Milliseconds m_timeout;
  std::uint64_t m_kept_up_to = 0;  ///< line number
  std::set<TopicName> m_made;      ///< topics of letters
  std::optional<Error> m_failure;
  transport::ConfirmedSender m_sender;
};

}  // namespace kbeat::app
