// What a record becomes on its way to another topic.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kbeat/model/record.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::replay {

enum class PartitionChoice { keep, hash };
enum class StampChoice { keep, now };

struct RewriteOptions {
  TopicName target;
  PartitionChoice partition = PartitionChoice::keep;
  StampChoice stamp = StampChoice::keep;
  std::string cluster;  ///< of the source: part of the identity of records that have none of their own
};

/// Keeps key, value and headers, and adds the event's identity as kbeat.event-id where there is none, so that
/// a double can be told. For one thread; copyable before its first use.
class RecordRewrite {
 public:
  /// Throws Error{not_found} when the target does not exist, with the command that creates it.
  RecordRewrite(transport::Transport& transport, RewriteOptions options, Milliseconds timeout);

  /// Valid until the next call. Throws Error{usage} for a partition that the target does not have.
  [[nodiscard]] RecordView operator()(const RecordView& record);

 private:
  void warn_of_retention(const RecordView& record);

  RewriteOptions m_options;
  int m_partitions = 0;
  std::optional<WallTime> m_kept_since;  ///< older stamps are deleted soon
  std::vector<HeaderView> m_headers;
  std::string m_identity;
};

}  // namespace kbeat::replay
