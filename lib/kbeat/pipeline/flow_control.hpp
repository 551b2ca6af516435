// Bounds what the consumer has in hand: partitions that are read too far ahead pause until work catches up.
#pragma once

#include <cstddef>

#include "kbeat/pipeline/committer.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::pipeline {

/// Used by the loop's thread.
class FlowControl {
 public:
  /// `max_ahead` records of one partition may be read beyond its position.
  explicit FlowControl(std::size_t max_ahead) : m_max_ahead(max_ahead) {}

  /// What the whole consumer has in hand, and whether it takes any more records at all.
  struct Load {
    std::size_t bytes = 0;
    bool closed = false;
  };
  /// Pauses partitions that are full or at their stop; resumes those that are at half of their bounds again.
  void steer(const Partitions& owned, const Load& load, transport::Consumer& consumer) const;

 private:
  std::size_t m_max_ahead;
};

}  // namespace kbeat::pipeline
