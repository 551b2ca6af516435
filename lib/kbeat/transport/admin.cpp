// What can be told from the description of a topic.
#include "kbeat/transport/admin.hpp"

#include <algorithm>

namespace kbeat::transport {

bool TopicInfo::is_replicated(Partition partition) const {
  return std::any_of(partitions.begin(), partitions.end(), [partition](const PartitionInfo& each) {
    return each.partition == partition && each.replicas.size() > 1;
  });
}

}  // namespace kbeat::transport
