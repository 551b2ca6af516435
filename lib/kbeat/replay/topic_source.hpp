// A bounded range of topics, partition after partition or in one order by time.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kbeat/reading/read_range.hpp"
#include "kbeat/reading/time_merge.hpp"
#include "kbeat/replay/replay_source.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::replay {

enum class ReplayOrder { offset, time };
/// What to do about records that are not in the log any more.
enum class OnGap { fail, skip };

struct TopicSourceOptions {
  std::vector<std::string> topics;
  std::vector<int> partitions;  ///< only these; empty: all
  reading::ReadRange range;
  ReplayOrder order = ReplayOrder::offset;
  OnGap on_gap = OnGap::fail;
  Cursor plan;  ///< the stretches themselves; empty: they are made of topics, partitions and range
  Milliseconds timeout{30'000};
};

/// What an end that was not given means is fixed when it is made: the last stable offset. Reads without a
/// group. Throws Error{not_found} for a topic or partition that does not exist, Error{usage} for a range that
/// ends before it begins, Error{data_gap} naming what the log has when the range begins outside of it (with
/// OnGap::skip a warning, and what is left is read).
class TopicSource final : public ReplaySource {
 public:
  TopicSource(transport::Transport& transport, TopicSourceOptions options);

  [[nodiscard]] std::string description() const override;
  [[nodiscard]] const Cursor& cursor() const override { return m_cursor; }
  [[nodiscard]] Cursor cursor_before(const RecordView& record) const override;
  void keep_marks() override { m_keeps_marks = true; }
  /// With OnGap::skip a topic that was made anew begins where its plan does.
  void seek(const Cursor& cursor) override;
  [[nodiscard]] Turn turn(Milliseconds timeout, const Take& take) override;

 private:
  void plan();
  void check(const reading::Stretch& wanted, const TopicPartition& partition, Offset first, Offset last);
  void check_undecided(const Position& begin, Offset first, transport::OffsetAdmin& offsets);
  void cross(const transport::OffsetGone& gap);
  void open();
  void start_next();
  [[nodiscard]] bool at_end() const;
  [[nodiscard]] CursorPart* find(std::string_view topic, Partition partition);
  void take_batch(const RecordBatch& batch, const Take& take);
  void merge_batch(const RecordBatch& batch);
  bool hand_out(const RecordView& record, const Take& take);
  void reached(const TopicPartition& partition, Offset next);
  void finish(CursorPart& part);

  transport::Transport& m_transport;
  TopicSourceOptions m_options;
  Cursor m_cursor;
  Cursor m_planned;  ///< the cursor at its beginning
  bool m_keeps_marks = false;
  std::optional<store::RecordMark> m_mark_before;  ///< of the part whose record is being handed out
  std::unique_ptr<transport::Consumer> m_consumer;
  std::size_t m_current = 0;                  ///< of the partitions, in the order of offsets
  std::map<TopicPartition, Offset> m_merged;  ///< what the merge was given, by time
  reading::TimeMerge m_merge;
  SteadyTime m_progress;
};

}  // namespace kbeat::replay
