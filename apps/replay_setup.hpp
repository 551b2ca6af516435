// Source and sink of a replay, from its flags.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "cmd_replay.hpp"
#include "kbeat/reading/read_range.hpp"
#include "kbeat/replay/envelope_source.hpp"
#include "kbeat/replay/record_rewrite.hpp"
#include "kbeat/replay/replayer.hpp"
#include "kbeat/replay/topic_sink.hpp"
#include "kbeat/store/store.hpp"
#include "kbeat/transport/transport.hpp"
#include "line_letters.hpp"
#include "watch_kit.hpp"

namespace kbeat::app {

/// Throws Error{usage} for flags that do not go with --plan-file, before the plan takes their places.
void check_plan_flags(const ReplayFlags& flags);

/// Throws Error{usage} for flags that do not fit together, before anything is opened.
void check_replay_flags(const ReplayFlags& flags, const Context& context);

/// Owns the transports, the store and the source. Flags and context outlive it.
class ReplaySetup {
 public:
  ReplaySetup(const ReplayFlags& flags, Context& context);
  ~ReplaySetup();

  [[nodiscard]] replay::ReplaySource& source() { return *m_source; }
  [[nodiscard]] transport::Transport& transport() { return m_watchers.transport(); }
  /// For a consume loop; nothing when nobody watches.
  [[nodiscard]] pipeline::ConsumeWatch* watch() { return m_watchers.watch(); }
  /// The last export of metrics. Throws Error{io} when their file cannot be written.
  void finish() { m_watchers.finish(); }
  [[nodiscard]] std::string cluster();
  /// As the flags had it when this was made.
  [[nodiscard]] reading::ReadRange range() const;
  [[nodiscard]] replay::ReplayOptions options();
  [[nodiscard]] std::unique_ptr<replay::ReplaySink> make_sink();
  /// Reads it all, for a dry run: records that are wanted, by the cursor's partitions.
  [[nodiscard]] std::map<TopicPartition, std::uint64_t> count_records();

 private:
  [[nodiscard]] std::unique_ptr<replay::ReplaySource> make_source();
  [[nodiscard]] replay::EnvelopeSource::OnBadLine on_bad_line();
  [[nodiscard]] transport::Transport& target();
  [[nodiscard]] replay::Rewrite rewrite();
  [[nodiscard]] std::string cluster_of(transport::Transport& transport) const;
  void refuse_loop();

  const ReplayFlags& m_flags;
  Context& m_context;
  WallTime m_begun;
  Milliseconds m_timeout;
  WatchKit m_watchers;
  std::unique_ptr<transport::Transport> m_other;  ///< with --to-brokers
  std::unique_ptr<store::Store> m_store;          ///< with --archive
  std::unique_ptr<LineLetters> m_letters;         ///< with --on-error dlq
  std::unique_ptr<replay::ReplaySource> m_source;
};

}  // namespace kbeat::app
