// The loop from a consumer to stdout.
#include "print_records.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "exit_code.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"
#include "kbeat/reading/tail.hpp"
#include "kbeat/reading/topic_choice.hpp"

namespace kbeat::app {
namespace {

constexpr Milliseconds k_idle_wait{100};
constexpr std::chrono::seconds k_look_every{5};
constexpr std::size_t k_merge_budget = 64u << 20;

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

int attempts_of(const PrintPlan& plan, const Context& context) {
  if (plan.connect_attempts > 0) return plan.connect_attempts;
  return plan.bounded() ? context.settings().connect.max_retries : 0;
}

}  // namespace

void check_plan(const PrintPlan& plan, Context& context) {
  const RecordPrinter form(plan.form, context.io.out().kind());
  const filter::Filter wanted(plan.wanted);
  if (plan.form.decode) static_cast<void>(registry_codec_for("--decode", context));
}

RecordPrinting::RecordPrinting(const PrintPlan& plan, transport::Transport& transport, Context& context)
    : m_plan(plan),
      m_transport(transport),
      m_context(context),
      m_timeout(admin_timeout(context)),
      m_printer(plan.form, context.io.out().kind()),
      m_filter(plan.wanted),
      m_decoder(registry_codec(context)),
      m_connect(context.settings().connect, context.clock, pipeline::broker_probe(transport, m_timeout),
                attempts_of(plan, context)),
      m_begun(context.clock.steady()),
      m_last_record(m_begun),
      m_last_look(m_begun) {}

RecordPrinting::~RecordPrinting() = default;

int RecordPrinting::run() {
  const bool patient = !m_plan.bounded() || m_plan.connect_attempts > 0;
  if (m_transport.kind() == transport::TransportKind::kafka && patient) {
    m_connect.run(m_context.stop());
  } else {
    m_connect.not_needed();  // a plan with an end fails at once
  }
  if (m_context.stop().stop_requested()) return conclude(Ended::no);
  open();
  Ended how = ended();
  while (how == Ended::no && !m_context.stop().stop_requested()) {
    turn();
    how = ended();
  }
  settle();
  return conclude(how);
}

void RecordPrinting::open() {
  pipeline::ensure_topics(m_transport, m_plan.topics, pipeline::MakeTopics::no, m_timeout);
  m_topics = m_transport.make_topic_admin(m_timeout);
  m_offsets = m_transport.make_offset_admin(m_timeout);
  m_consumer =
      m_transport.make_consumer({.client_id = "kbeat-" + m_context.command,
                                 .group = m_plan.group,
                                 .topics = m_plan.group ? m_plan.topics : std::vector<std::string>()});
  if (!m_plan.group) start_all();
  m_last_record = m_context.clock.steady();
}

void RecordPrinting::turn() {
  m_connect.step();
  end_at_time();
  look_for_more();
  transport::ConsumerEvent event = m_consumer->poll(Milliseconds{0});
  if (std::holds_alternative<transport::Idle>(event)) {
    settle();
    m_gone.check(m_transport, m_context.clock.steady(), m_timeout);
    event = m_consumer->poll(k_idle_wait);
  }
  take(event);
  retire_done();
  if (m_plan.by_time) m_merge.drain([&](const RecordView& record) { return emit(record); });
}

// --- what is read ---

void RecordPrinting::start_all() {
  const std::vector<TopicPartition> partitions =
      reading::choose_partitions(*m_topics, {m_plan.topics, m_plan.partitions});
  reading::check_there(partitions, m_plan.partitions, "-p");
  reading::check_there(partitions, m_plan.range.placed(), "-o");
  if (partitions.empty() && m_plan.bounded()) {
    throw Error(ErrorCode::not_found, "no topic matches the pattern");
  }
  if (m_plan.tail) {
    print_tail(partitions, m_offsets->offsets(partitions, transport::LogEnd::last_stable));
  } else {
    assign(partitions, m_plan.default_start);
  }
}

/// The last records, and then what comes behind them.
void RecordPrinting::print_tail(std::span<const TopicPartition> partitions, std::span<const Offset> ends) {
  const reading::TailOptions options{.count = *m_plan.tail,
                                     .client_id = "kbeat-" + m_context.command,
                                     .timeout = std::max(m_timeout, k_admin_timeout),
                                     .wanted = [this](const RecordView& record) { return wants(record); }};
  for (const Record& record : reading::read_tail(m_transport, partitions, ends, options, m_context.stop())) {
    if (has_enough()) break;
    static_cast<void>(emit(RecordLoan(record).view()));
  }
  std::vector<Position> starts;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    m_progress.add(partitions[i], {ends[i], m_plan.exit_at_end ? std::optional(ends[i]) : std::nullopt});
    m_merge.add(partitions[i]);
    starts.push_back({partitions[i], ends[i]});
  }
  m_assigned = true;
  if (!m_plan.exit_at_end && !starts.empty()) m_consumer->start(starts);
}

/// Starts the partitions where the group stands, or where the range says.
void RecordPrinting::assign(std::span<const TopicPartition> partitions, const reading::Bound& fallback) {
  std::vector<reading::Stretch> stretches = reading::resolve(m_plan.range, fallback, partitions, *m_offsets);
  const std::vector<TopicPartition> begun =
      m_plan.group ? continue_group(partitions, stretches) : std::vector<TopicPartition>();
  if (m_plan.exit_at_end || m_time_is_up) end_here(partitions, stretches);
  std::vector<Position> starts;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    m_progress.add(partitions[i], stretches[i]);
    if (m_plan.by_time) m_merge.add(partitions[i]);
    starts.push_back({partitions[i], stretches[i].begin});
  }
  m_assigned = true;
  if (!starts.empty() || m_plan.group) m_consumer->start(starts);
  // Whoever takes one over before anything was read of it begins there too, and not where its log ends by
  // then.
  std::for_each(begun.begin(), begun.end(), [this](const auto& each) { m_progress.keep(each); });
  if (!begun.empty()) settle();
}

/// The end counts from a partition's first assignment; what comes later is left.
void RecordPrinting::end_here(std::span<const TopicPartition> partitions,
                              std::vector<reading::Stretch>& stretches) {
  const std::vector<Offset> ends = m_offsets->offsets(partitions, transport::LogEnd::last_stable);
  bool any_begins = false;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const Offset end = m_ends.try_emplace(partitions[i], ends[i]).first->second;
    any_begins = any_begins || stretches[i].begin <= end;
  }
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const Offset end = m_ends.at(partitions[i]);
    if (stretches[i].begin <= end) {
      stretches[i].end = std::min(end, stretches[i].end.value_or(end));
    } else if (stretches[i].begin <=
               m_offsets->offsets({&partitions[i], 1}, transport::LogEnd::latest).front()) {
      stretches[i].end = stretches[i].begin;  // among records that are not decided yet
    } else if (any_begins && !m_plan.group) {
      stretches[i] = {end, end};  // a partition shorter than the others
    }
    // Past all ends there is nothing to wait for, but a gap to be told by the consumer.
  }
}

/// Returns the partitions that the group begins now.
std::vector<TopicPartition> RecordPrinting::continue_group(std::span<const TopicPartition> partitions,
                                                           std::vector<reading::Stretch>& stretches) {
  std::map<TopicPartition, Offset> stored;
  for (const auto& committed : m_offsets->committed(*m_plan.group, partitions))
    stored.emplace(committed.partition, committed.next);
  std::vector<TopicPartition> begun;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    if (const auto found = stored.find(partitions[i]); found != stored.end()) {
      stretches[i].begin = found->second;
    } else {
      begun.push_back(partitions[i]);
    }
  }
  if (begun.empty()) return begun;
  const std::set<TopicName> known = topics_of_group();
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const TopicPartition& each = partitions[i];
    // A new partition of a topic that the group has read before is read from its beginning.
    if (!stored.contains(each) && known.contains(each.topic) && !m_plan.range.of(each.partition).begin)
      stretches[i].begin = m_offsets->offsets({&each, 1}, transport::LogEnd::earliest).front();
  }
  return begun;
}

/// Those of which it has a position of some partition.
std::set<TopicName> RecordPrinting::topics_of_group() const {
  std::set<TopicName> topics;
  const std::vector<TopicPartition> all = reading::choose_partitions(*m_topics, {m_plan.topics, {}});
  for (const auto& committed : m_offsets->committed(*m_plan.group, all))
    topics.insert(committed.partition.topic);
  return topics;
}

/// A topic or partition that appears after the start is read from its beginning.
void RecordPrinting::look_for_more() {
  const SteadyTime now = m_context.clock.steady();
  if (m_plan.group || m_plan.bounded() || now - m_last_look < k_look_every) return;
  m_last_look = now;
  try {
    std::vector<TopicPartition> fresh;
    for (TopicPartition& each : reading::choose_partitions(*m_topics, {m_plan.topics, m_plan.partitions})) {
      if (!m_progress.knows(each)) fresh.push_back(std::move(each));
    }
    if (!fresh.empty()) assign(fresh, {reading::BoundKind::earliest, 0});
  } catch (const Error& error) {
    if (!error.retryable() && error.code() != ErrorCode::not_found) throw;
    log_debug("looking for new partitions: {}", error.what());
  }
}

/// Once --until has passed, what the partitions hold is all that can still be older.
void RecordPrinting::end_at_time() {
  if (!m_plan.range.until || m_time_is_up || !m_assigned || m_context.clock.now() < *m_plan.range.until)
    return;
  m_time_is_up = true;
  const std::vector<TopicPartition> partitions = m_progress.partitions();
  const std::vector<Offset> ends = m_offsets->offsets(partitions, transport::LogEnd::last_stable);
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    if (!m_progress.has_end(partitions[i])) m_progress.bound(partitions[i], ends[i]);
  }
}

// --- events of the consumer ---

void RecordPrinting::take(const transport::ConsumerEvent& event) {
  std::visit(
      Overloaded{
          [](const transport::Idle&) {},
          [&](const RecordBatch& batch) { print(batch); },
          [&](const transport::Assigned& assigned) { assign(assigned.partitions, m_plan.default_start); },
          [&](const transport::Revoked& change) { revoked(change); },
          [&](const transport::EndReached& end) {
            m_connect.found();
            m_progress.reached(end.partition, end.next);
            if (m_plan.by_time) m_merge.at_end(end.partition);
          },
          [&](const transport::OffsetGone& gone) { cross_gap(gone); },
          [&](const transport::TopicGone& gone) { topic_gone(gone.topic); },
          [&](const transport::Problem& problem) {
            if (!problem.error.retryable()) throw Error(problem.error);
            m_connect.lost(problem.error.what());
          },
      },
      event);
}

void RecordPrinting::print(const RecordBatch& batch) {
  m_connect.found();
  m_last_record = m_context.clock.steady();
  if (m_plan.by_time) return merge(batch);
  for (const RecordView& record : batch.records()) {
    if (has_enough()) return;
    if (!m_progress.take(record)) continue;
    if (m_plan.range.is_too_new(record)) {
      m_progress.leave_taken();
    } else if (m_plan.range.holds(record) && wants(record)) {
      static_cast<void>(emit(record));
    }
  }
}

/// False when nothing more is wanted.
/// Filters look at JSON, whatever a value is framed with.
bool RecordPrinting::wants(const RecordView& record) {
  return m_filter.passes_all() || m_filter.matches(m_decoder(record));
}

bool RecordPrinting::emit(const RecordView& record) {
  if (has_enough()) return false;
  Output& out = m_context.io.out();
  m_printer.append(out.buffer(), m_plan.form.decode ? m_decoder(record) : record);
  out.written_to();
  ++m_printed;
  return true;
}

void RecordPrinting::merge(const RecordBatch& batch) {
  m_merge.push(batch, [&](const RecordView& record) {
    return m_progress.take(record) && m_plan.range.holds(record) && wants(record);
  });
  ease_crowd();
}

/// The partition that all wait for is fetched; those far ahead of it are not.
void RecordPrinting::ease_crowd() {
  const reading::TimeMerge::Crowding crowding = m_merge.crowding(k_merge_budget);
  m_consumer->set_flow(crowding.crowded, transport::Flow::paused);
  m_consumer->set_flow(crowding.free, transport::Flow::running);
}

void RecordPrinting::revoked(const transport::Revoked& revoked) {
  if (revoked.lost) m_progress.forget_read();
  settle();
  m_progress.remove(revoked.partitions);
  m_assigned = false;
  m_consumer->release(revoked.partitions);
}

/// One of the embedded log that comes back is another, and read from its beginning as any that appears.
void RecordPrinting::topic_gone(const TopicName& topic) {
  m_gone.note(topic, m_context.clock.steady());
  if (m_plan.group || m_plan.bounded() || m_transport.kind() == transport::TransportKind::kafka) return;
  std::vector<TopicPartition> gone = m_progress.partitions();
  std::erase_if(gone, [&](const TopicPartition& each) { return each.topic != topic; });
  m_progress.remove(gone);
}

void RecordPrinting::cross_gap(const transport::OffsetGone& gone) {
  const std::string what =
      fmt::format("{}: offset {} is not in the log, which has {} to {}", to_string(gone.partition),
                  gone.wanted.get(), gone.earliest.get(), gone.latest.get());
  if (!m_plan.skip_gaps) {
    throw Error(ErrorCode::data_gap, fmt::format("{}; give another -o, or --on-gap skip", what));
  }
  const Offset next = gone.wanted < gone.earliest ? gone.earliest : gone.latest;
  log_warning("{}: going on at {}", what, next.get());
  m_progress.reached(gone.partition, next);
  if (m_plan.exit_at_end && !m_progress.has_end(gone.partition)) m_progress.bound(gone.partition, next);
  m_consumer->start(std::vector{Position{gone.partition, next}});
}

/// A partition that is read to its end is fetched no more.
void RecordPrinting::retire_done() {
  const std::vector<TopicPartition> done = m_progress.take_done();
  if (m_plan.by_time)
    std::for_each(done.begin(), done.end(), [&](const auto& each) { m_merge.at_end(each); });
  if (done.empty() || m_progress.all_done()) return;
  if (m_plan.group) {
    m_consumer->set_flow(done, transport::Flow::paused);
  } else {
    m_consumer->release(done);
  }
}

/// Writes what waits, then commits it: a record is never committed that was not written.
void RecordPrinting::settle() {
  m_context.io.out().flush();
  if (!m_plan.group || !m_consumer) return;
  const auto positions = m_progress.take_read();
  if (!positions.empty()) m_consumer->commit(positions, m_timeout);
}

// --- the end ---

RecordPrinting::Ended RecordPrinting::ended() const {
  const bool ends = m_plan.exit_at_end || m_time_is_up || m_plan.range.everywhere.end;
  if (has_enough() || (ends && m_assigned && m_progress.all_done())) return Ended::done;
  const SteadyTime now = m_context.clock.steady();
  if (m_plan.idle_exit && now - m_last_record >= *m_plan.idle_exit) return Ended::done;
  if (m_plan.max_time && now - m_begun >= *m_plan.max_time) return Ended::time_limit;
  return Ended::no;
}

/// What was asked for and is not printed: a number, an end, or records that are there already.
bool RecordPrinting::work_is_left() const {
  if (m_plan.bounded() || !m_assigned) return true;
  const std::vector<TopicPartition> partitions = m_progress.partitions();
  try {
    const std::vector<Offset> ends = m_offsets->offsets(partitions, transport::LogEnd::last_stable);
    for (std::size_t i = 0; i < partitions.size(); ++i) {
      if (m_progress.next(partitions[i]) < ends[i]) return true;
    }
  } catch (const Error& error) {
    log_debug("looking for what is left: {}", error.what());
    return true;
  }
  return false;
}

int RecordPrinting::conclude(Ended how) const {
  if (how == Ended::time_limit) return work_is_left() ? k_exit_time_limit : k_exit_done;
  if (how == Ended::no && m_plan.bounded()) {
    throw Error(ErrorCode::interrupted, fmt::format("stopped by a signal after {} records", m_printed));
  }
  return k_exit_done;
}

}  // namespace kbeat::app
