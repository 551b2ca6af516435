// Opens what a replay reads from and writes to.
#include "replay_setup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "command.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/reading/range_parser.hpp"
#include "kbeat/replay/archive_source.hpp"
#include "kbeat/replay/topic_sink.hpp"
#include "kbeat/replay/topic_source.hpp"
#include "look_transport.hpp"
#include "other_cluster.hpp"
#include "partition_list.hpp"
#include "replay_printer.hpp"

namespace kbeat::app {
namespace {

constexpr Milliseconds k_replay_patience{30'000};

/// `10x`, `0.5x`; 0 for max.
double speed_of(const std::string& text) {
  if (text == "max") return 0;
  double speed = 0;
  const char* last = text.data() + text.size() - (text.ends_with('x') ? 1 : 0);
  const auto result = std::from_chars(text.data(), last, speed);
  if (!text.empty() && result.ec == std::errc{} && result.ptr == last && speed >= 0.001 && speed <= 1e6)
    return speed;
  throw Error(ErrorCode::usage, fmt::format("--speed \"{}\": give max, or a factor from 0.001x to 1000000x",
                                            escape_for_terminal(text, 40)));
}

reading::ReadRange range_of(const ReplayFlags& flags, WallTime now) {
  reading::ReadRange range = reading::parse_range({flags.offsets, flags.since, flags.until}, now);
  refuse_if(range.needs_group(), "-o stored: a replay has no group; say where to begin");
  refuse_if(range.since && range.until && *range.since >= *range.until,
            "--since and --until: the range ends before it begins");
  return range;
}

void check_name(const std::string& name) {
  try {
    check_topic_name(name);
  } catch (const Error&) {
    throw Error(ErrorCode::usage, fmt::format("--resume \"{}\": give a name of letters, digits, . _ and -",
                                              escape_for_terminal(name, 80)));
  }
}

/// The filters in words, so that a name cannot be resumed with others.
std::string choice_of(const ReplayFlags& flags) {
  std::string text;
  const auto add = [&](const char* name, const std::vector<std::string>& values) {
    for (const std::string& value : values) text += fmt::format("{}={}\n", name, value);
  };
  add("where", flags.wanted.where);
  add("grep", flags.wanted.grep);
  add("key", flags.wanted.keys);
  add("header", flags.wanted.headers);
  add("type", flags.wanted.types);
  return text;
}

/// A span back from now is another time on the next run.
void refuse_moving_range(const ReplayFlags& flags, WallTime now) {
  const reading::ReadRange today = range_of(flags, now);
  const reading::ReadRange later = range_of(flags, now + std::chrono::hours{1});
  const auto refuse = [](const char* which, const std::optional<WallTime>& time) {
    throw Error(ErrorCode::usage,
                fmt::format("--resume: a span back from now {}s at another time on each run; give that time, "
                            "such as {}, or a --plan-file",
                            which, to_rfc3339(*time)));
  };
  if (today.since != later.since) refuse("begin", today.since);
  if (today.until != later.until) refuse("end", today.until);
}

}  // namespace

void check_plan_flags(const ReplayFlags& flags) {
  if (flags.plan_file.empty()) return;
  refuse_if(!flags.file.empty() || flags.archive, "--plan-file is for topics");
  if (flags.dry_run) return;
  const bool ranged = !flags.topics.empty() || !flags.partitions.empty() || !flags.offsets.empty() ||
                      !flags.since.empty() || !flags.until.empty() || flags.count;
  refuse_if(ranged, "--plan-file says what is replayed: give no topics and no range beside it");
  refuse_if(!flags.wanted.everything(), "--plan-file has its own filters: give none beside it");
}

void check_replay_flags(const ReplayFlags& flags, const Context& context) {
  const int sources = (flags.topics.empty() ? 0 : 1) + (flags.file.empty() ? 0 : 1) + (flags.archive ? 1 : 0);
  refuse_if(sources != 1, "say what to replay: topics, --file or --archive");
  const bool placed = !flags.partitions.empty() || !flags.offsets.empty();
  refuse_if(flags.topics.empty() && placed, "-p and -o are for topics");
  refuse_if(flags.topics.empty() && flags.order == "time",
            "--order time is for topics: a file and the archive have one order");
  refuse_if(flags.handle && !flags.to.empty(), "--to and --handle exclude each other");
  refuse_if(flags.handle && flags.file == "-", "--handle reads a file twice: give --file a name");
  const bool prints = flags.to.empty() && !flags.handle;
  refuse_if(!prints && flags.form != PrintOptions(),
            "with --to and --handle no records are printed: -J, -f and the like do not go with them");
  refuse_if(flags.to.empty() && (flags.partition != "keep" || flags.stamp != "keep"),
            "--partition and --ts need --to");
  refuse_if(!flags.to_brokers.empty() && flags.to.empty(), "--to-brokers needs --to");
  refuse_if(flags.force && !flags.handle && flags.to.empty(), "--force is for --handle and --to");
  if (!flags.resume.empty()) {
    check_name(flags.resume);
    refuse_if(flags.file == "-", "standard input cannot be resumed: give --file a name");
    refuse_if(flags.handle && flags.topics.empty(),
              "--resume is for topics with --handle: run it again, what was applied is suppressed");
    refuse_if(flags.to.empty() && !flags.handle,
              "--resume needs --to or --handle: what is printed keeps no checkpoint");
  }
  if (!flags.to.empty()) check_topic_name(flags.to);
  refuse_if(!flags.dlq_topic.empty() && flags.on_error != "dlq", "--dlq-topic needs --on-error dlq");
  refuse_if(flags.file.empty() && flags.on_error != "stop", "--on-error is for --file");
  if (!flags.dlq_topic.empty()) check_topic_name(flags.dlq_topic);
  static_cast<void>(speed_of(flags.speed));
  check_placed(range_of(flags, context.clock.now()).placed(), parse_partitions(flags.partitions));
  if (!flags.resume.empty()) refuse_moving_range(flags, context.clock.now());
  static_cast<void>(filter::Filter(flags.wanted));
}

ReplaySetup::ReplaySetup(const ReplayFlags& flags, Context& context)
    : m_flags(flags),
      m_context(context),
      m_begun(context.clock.now()),
      m_timeout(context.settings().timeout.value_or(k_replay_patience)),
      m_watchers(context, {}, Lifetime::bounded,
                 flags.dry_run ? connect_transport_to_look(context) : connect_transport(context)),
      m_source(make_source()) {
  if (!m_flags.to.empty()) refuse_loop();
}

ReplaySetup::~ReplaySetup() = default;

std::unique_ptr<replay::ReplaySource> ReplaySetup::make_source() {
  if (m_flags.archive) {
    m_store = store::open_store(m_context.settings().transport.data_dir, store::OpenMode::read_only);
    return std::make_unique<replay::ArchiveSource>(m_store->letters(), m_flags.to.empty()
                                                                           ? replay::Placeless::passed_over
                                                                           : replay::Placeless::replayed);
  }
  if (!m_flags.file.empty()) {
    return std::make_unique<replay::EnvelopeSource>(m_flags.file, on_bad_line());
  }
  replay::TopicSourceOptions options{
      .topics = m_flags.topics,
      .partitions = parse_partitions(m_flags.partitions),
      .range = range(),
      .order = m_flags.order == "time" ? replay::ReplayOrder::time : replay::ReplayOrder::offset,
      .on_gap = m_flags.on_gap == "skip" ? replay::OnGap::skip : replay::OnGap::fail,
      .plan = m_flags.plan,
      .timeout = m_timeout};
  if (!m_flags.plan.empty() && m_flags.plan_cluster != cluster()) {
    throw Error(ErrorCode::bad_input, fmt::format("{} is a plan for another cluster ({}; this one is {})",
                                                  m_flags.plan_file, m_flags.plan_cluster, cluster()));
  }
  return std::make_unique<replay::TopicSource>(transport(), std::move(options));
}

/// Nothing when the first bad line ends it.
replay::EnvelopeSource::OnBadLine ReplaySetup::on_bad_line() {
  if (m_flags.on_error == "stop") return {};
  const bool keeps = m_flags.on_error == "dlq" && !m_flags.dry_run;
  if (!keeps) {
    return [this](std::string_view, std::uint64_t, const Error& error) {
      m_context.notice(fmt::format("skipped {}", error.what()));
    };
  }
  const auto chosen = m_flags.dlq_topic.empty() ? std::nullopt : std::optional(TopicName{m_flags.dlq_topic});
  m_letters = std::make_unique<LineLetters>(transport(), chosen, m_timeout);
  // A replay that is resumed reads the same lines again, which are the same letters.
  const std::string run = m_flags.resume.empty() ? run_name(m_begun) : m_flags.resume;
  return [this, run](std::string_view text, std::uint64_t number, const Error& error) {
    m_letters->keep({.text = text,
                     .number = number,
                     .topic = m_flags.to.empty() ? "unknown" : m_flags.to,
                     .command = "replay",
                     .run = run,
                     .error = error.what()},
                    m_context.clock.now());
    m_context.notice(fmt::format("kept as a dead letter: {}", error.what()));
  };
}

replay::ReplayOptions ReplaySetup::options() {
  replay::ReplayOptions options;
  options.choice = choice_of(m_flags);
  options.count = m_flags.count;
  options.pace = {.speed = speed_of(m_flags.speed), .per_second = m_flags.per_second};
  const auto wanted = std::make_shared<filter::Filter>(m_flags.wanted);
  const auto decoder = std::make_shared<ValueDecoder>(registry_codec(m_context));
  const bool is_topic = !m_flags.topics.empty();
  const reading::ReadRange bounds = range();
  options.wanted = [wanted, decoder, is_topic, bounds](const RecordView& record) {
    if (!is_topic && !bounds.holds(record)) return false;
    return wanted->passes_all() || wanted->matches((*decoder)(record));
  };
  return options;
}

transport::Transport& ReplaySetup::target() {
  if (m_flags.to_brokers.empty()) return transport();
  if (m_other) return *m_other;
  m_other = open_other_cluster(m_context, m_flags.to_brokers);
  return *m_other;
}

/// By the clusters and the topics as they were found: brokers and patterns have many names.
void ReplaySetup::refuse_loop() {
  if (m_flags.force || m_flags.topics.empty()) return;
  const auto& parts = m_source->cursor();
  const bool same_topic = std::any_of(parts.begin(), parts.end(), [this](const replay::CursorPart& part) {
    return part.partition.topic.get() == m_flags.to;
  });
  if (!same_topic || (&target() != &transport() && cluster_of(target()) != cluster())) return;
  throw Error(ErrorCode::usage,
              "the target is the source: every replay would double it; --force does it all the same");
}

std::string ReplaySetup::cluster_of(transport::Transport& transport) const {
  return transport.make_topic_admin(m_timeout)->cluster().id;
}

reading::ReadRange ReplaySetup::range() const {
  return range_of(m_flags, m_begun);
}

std::string ReplaySetup::cluster() {
  return cluster_of(transport());
}

replay::Rewrite ReplaySetup::rewrite() {
  using namespace replay;
  RewriteOptions options{
      .target = TopicName{m_flags.to},
      .partition = m_flags.partition == "hash" ? PartitionChoice::hash : PartitionChoice::keep,
      .stamp = m_flags.stamp == "now" ? StampChoice::now : StampChoice::keep,
      .cluster = cluster()};
  const auto rewrite = std::make_shared<RecordRewrite>(target(), std::move(options), m_timeout);
  return [rewrite](const RecordView& record) { return (*rewrite)(record); };
}

std::unique_ptr<replay::ReplaySink> ReplaySetup::make_sink() {
  if (m_flags.to.empty()) return std::make_unique<ReplayPrinter>(m_flags.form, m_context);
  if (!m_flags.resume.empty()) {
    return std::make_unique<replay::NamedTopicSink>(
        target(),
        replay::NamedTopicSink::Options{
            .name = m_flags.resume, .target = TopicName{m_flags.to}, .timeout = m_timeout},
        rewrite());
  }
  return std::make_unique<replay::PlainTopicSink>(
      target(), rewrite(), [this](const transport::SendFailure& failure) {
        m_context.io.say(fmt::format("record {} is not delivered: {}", failure.tag, failure.error.what()));
      });
}

std::map<TopicPartition, std::uint64_t> ReplaySetup::count_records() {
  std::map<TopicPartition, std::uint64_t> counts;
  const replay::ReplayOptions chosen = options();
  const bool by_partition = !m_flags.topics.empty();
  const TopicPartition whole = m_source->cursor().front().partition;
  std::uint64_t found = 0;
  replay::Turn turn = replay::Turn::more;
  while (turn == replay::Turn::more && !(chosen.count && found >= *chosen.count)) {
    if (m_context.stop().stop_requested()) throw Error(ErrorCode::interrupted, "stopped by a signal");
    turn = m_source->turn(Milliseconds{100}, [&](const RecordView& record) {
      if (!chosen.wanted(record)) return true;
      ++counts[by_partition ? TopicPartition{TopicName{std::string(record.topic)}, record.partition} : whole];
      ++found;
      return !(chosen.count && found >= *chosen.count);
    });
  }
  if (m_source->fault()) throw Error(*m_source->fault());
  return counts;
}

}  // namespace kbeat::app
