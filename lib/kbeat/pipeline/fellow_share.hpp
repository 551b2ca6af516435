// What is left in the partitions that other members of the group hold, for a run that ends at the end.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "kbeat/pipeline/committer.hpp"
#include "kbeat/pipeline/consume_options.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::pipeline {

/// A member that was killed while the group formed is given partitions all the same, and its death is noticed
/// only after its session. Whoever ends before that leaves them unread. Used by the loop's thread.
class FellowShare {
 public:
  FellowShare(transport::Transport& transport, const ConsumeOptions& options);

  /// The group shared its partitions out anew.
  void shared_out(SteadyTime now);

  /// Nothing is left with others, or they had their time to show that they live. Looks at most five times a
  /// second; a broker that does not answer is asked again.
  [[nodiscard]] bool settled(const Partitions& owned, SteadyTime now);

 private:
  [[nodiscard]] bool nothing_left(const Partitions& owned);

  transport::Transport& m_transport;
  GroupId m_group;
  std::vector<std::string> m_topics;
  Milliseconds
      m_patience;  ///< after which a dead member's partitions have come to us; 0: there are no others
  Milliseconds m_timeout;
  SteadyTime m_shared_out;
  SteadyTime m_next_look;
  std::map<TopicPartition, Offset> m_ends;  ///< when they were seen first
};

}  // namespace kbeat::pipeline
