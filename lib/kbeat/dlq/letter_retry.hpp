// Sends dead letters back to where they came from, each exactly once.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "kbeat/dlq/letter_desk.hpp"

namespace kbeat::dlq {

/// Makes a letter's new value of its original one; nothing leaves the letter as it is. Throws
/// Error{bad_input} when it cannot.
using Editor = std::function<std::optional<Bytes>(const SeenLetter&, const std::optional<Bytes>& value)>;

struct RetryOptions {
  std::optional<TopicName> to{};  ///< instead of each letter's origin
  int max_replays = 3;            ///< a letter that was retried so often is archived
  Editor edit{};
  bool sends = true;  ///< false: copies are handled, so that their topics need not exist
  /// The target is not the letters' cluster: one that cannot be reached ends the run, since reading the
  /// states again would not bring it back.
  bool to_other_cluster = false;
};

/// The record of a retry: original key, value and headers, with the event's identity, the letter that it is a
/// copy of, the group it is for and how often it was retried. To the origin's partition unless `to` is
/// another topic.
[[nodiscard]] Record retry_record(const SeenLetter& letter, const std::optional<TopicName>& to);

/// Decides for a retry. Asks the transport once about each target topic. For one thread.
class RetryDecider {
 public:
  RetryDecider(transport::Transport& transport, Milliseconds timeout, RetryOptions options);
  ~RetryDecider();

  [[nodiscard]] Verdict operator()(const SeenLetter& letter);

 private:
  [[nodiscard]] std::optional<std::string> obstacle(const SeenLetter& letter) const;
  [[nodiscard]] std::optional<int> partitions_of(const TopicName& topic);

  transport::Transport& m_transport;
  Milliseconds m_timeout;
  RetryOptions m_options;
  std::unique_ptr<transport::TopicAdmin> m_admin;
  std::map<std::string, std::optional<int>> m_partitions;  ///< by topic; nothing: it does not exist
};

}  // namespace kbeat::dlq
