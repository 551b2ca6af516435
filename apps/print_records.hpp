// Reads topics and prints their records: `stream`, and `consume` when it only prints.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "command.hpp"
#include "kbeat/filter/filter.hpp"
#include "kbeat/pipeline/connect_loop.hpp"
#include "kbeat/pipeline/topics.hpp"
#include "kbeat/reading/read_progress.hpp"
#include "kbeat/reading/time_merge.hpp"
#include "record_printer.hpp"
#include "registry_values.hpp"

namespace kbeat::app {

struct PrintPlan {
  std::vector<std::string> topics;  ///< ^ begins a pattern
  std::optional<GroupId> group;  ///< its positions follow what was written; without one nothing is committed
  std::vector<int> partitions;   ///< only these; empty: all. Not with a group.
  reading::ReadRange range;
  reading::Bound default_start;
  std::optional<std::uint64_t> count;
  std::optional<std::uint64_t> tail;  ///< the last so many come first, merged by time
  bool by_time = false;               ///< partitions are merged by time
  bool exit_at_end = false;
  std::optional<Milliseconds> idle_exit;
  std::optional<Milliseconds> max_time;
  bool skip_gaps = false;
  int connect_attempts = 0;  ///< 0: no limit, or one attempt when the plan has an end
  PrintOptions form;
  filter::Wanted wanted;

  /// It ends by itself when all goes well.
  [[nodiscard]] bool bounded() const { return exit_at_end || count || range.until || range.everywhere.end; }
};

/// Throws Error{usage} for a wrong format or filter, so that it is told before connecting.
void check_plan(const PrintPlan& plan, Context& context);

/// Prints until the plan's end or a signal.
class RecordPrinting {
 public:
  /// All that it is given outlives it.
  RecordPrinting(const PrintPlan& plan, transport::Transport& transport, Context& context);
  ~RecordPrinting();

  /// Returns the exit code.
  [[nodiscard]] int run();

 private:
  enum class Ended { no, done, time_limit };

  void open();
  void turn();
  void start_all();
  void print_tail(std::span<const TopicPartition> partitions, std::span<const Offset> ends);
  void assign(std::span<const TopicPartition> partitions, const reading::Bound& fallback);
  void end_here(std::span<const TopicPartition> partitions, std::vector<reading::Stretch>& stretches);
  [[nodiscard]] std::vector<TopicPartition> continue_group(std::span<const TopicPartition> partitions,
                                                           std::vector<reading::Stretch>& stretches);
  [[nodiscard]] std::set<TopicName> topics_of_group() const;
  void look_for_more();
  void end_at_time();

  void take(const transport::ConsumerEvent& event);
  void print(const RecordBatch& batch);
  [[nodiscard]] bool wants(const RecordView& record);
  [[nodiscard]] bool emit(const RecordView& record);
  void merge(const RecordBatch& batch);
  void ease_crowd();
  void revoked(const transport::Revoked& revoked);
  void topic_gone(const TopicName& topic);
  void cross_gap(const transport::OffsetGone& gone);
  void retire_done();
  void settle();
  [[nodiscard]] bool has_enough() const { return m_plan.count && m_printed >= *m_plan.count; }
  [[nodiscard]] Ended ended() const;
  [[nodiscard]] bool work_is_left() const;
  [[nodiscard]] int conclude(Ended how) const;

  const PrintPlan& m_plan;
  transport::Transport& m_transport;
  Context& m_context;
  Milliseconds m_timeout;
  RecordPrinter m_printer;
  filter::Filter m_filter;
  ValueDecoder m_decoder;
  pipeline::ConnectLoop m_connect;
  pipeline::GoneTopics m_gone;
  std::unique_ptr<transport::TopicAdmin> m_topics;
  std::unique_ptr<transport::OffsetAdmin> m_offsets;
  std::unique_ptr<transport::Consumer> m_consumer;
  reading::ReadProgress m_progress;
  reading::TimeMerge m_merge;
  std::map<TopicPartition, Offset> m_ends;  ///< with -e: where each ended at its first assignment
  std::uint64_t m_printed = 0;
  bool m_assigned = false;
  bool m_time_is_up = false;  ///< --until has passed and the partitions have their ends
  SteadyTime m_begun;
  SteadyTime m_last_record;
  SteadyTime m_last_look;  ///< for new topics and partitions
};

}  // namespace kbeat::app
