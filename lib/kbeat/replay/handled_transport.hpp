// A replay as a transport whose groups own its source: the consume loop handles it as it handles any topic.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "kbeat/replay/pacer.hpp"
#include "kbeat/replay/replay_source.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::replay {

/// One partition of a replay as the loop sees it: [begin, end) of its offsets.
using HandledParts = std::vector<CursorPart>;

struct HandledOptions {
  std::function<bool(const RecordView&)> wanted{};
  Pace pace;
  /// Records of files and of the archive have no place in a log: they are numbered, a partition a topic, and
  /// keep their own place as headers.
  bool numbered = false;
  std::string cluster;  ///< part of the identity of numbered records that have none of their own
};

/// The topics of a source's records with how many it has: read through and sought back.
[[nodiscard]] HandledParts number_parts(ReplaySource& source, std::stop_token stop);

/// Everything but the reading of groups goes to `inner`. No position is written to it: the store has them.
/// One consumer at a time; all that it is given outlives it.
class HandledTransport final : public transport::Transport {
 public:
  HandledTransport(transport::Transport& inner, ReplaySource& source, HandledParts parts,
                   HandledOptions options, Clock& clock);
  ~HandledTransport() override;

  [[nodiscard]] transport::TransportKind kind() const override { return m_inner.kind(); }
  [[nodiscard]] std::unique_ptr<transport::Producer> make_producer(
      const transport::ProducerOptions& options) override;
  [[nodiscard]] std::unique_ptr<transport::TransactionalProducer> make_transactional_producer(
      const transport::ProducerOptions& options) override;
  [[nodiscard]] std::unique_ptr<transport::Consumer> make_consumer(
      const transport::ConsumerOptions& options) override;
  [[nodiscard]] std::unique_ptr<transport::TopicAdmin> make_topic_admin(Milliseconds timeout) override;
  [[nodiscard]] std::unique_ptr<transport::OffsetAdmin> make_offset_admin(Milliseconds timeout) override;

 private:
  transport::Transport& m_inner;
  ReplaySource& m_source;
  HandledParts m_parts;
  HandledOptions m_options;
  Clock& m_clock;
};

}  // namespace kbeat::replay
