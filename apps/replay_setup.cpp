// Opens what a replay reads from and writes to.
#include "replay_setup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/reading/range_parser.hpp"
#include "kbeat/replay/archive_source.hpp"
#include "kbeat/replay/envelope_source.hpp"
#include "kbeat/replay/topic_sink.hpp"
#include "kbeat/replay/topic_source.hpp"
#include "kbeat/transport/open.hpp"
#include "partition_list.hpp"
#include "replay_printer.hpp"

namespace kbeat::app {
namespace {

constexpr Milliseconds k_patience{30'000};

void refuse_if(bool wrong, const char* why) {
  if (wrong) throw Error(ErrorCode::usage, why);
}

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

std::vector<std::string> split_brokers(const std::string& list) {
  std::vector<std::string> brokers;
  std::size_t at = 0;
  while (at <= list.size()) {
    const std::size_t comma = std::min(list.find(',', at), list.size());
    if (comma > at) brokers.push_back(list.substr(at, comma - at));
    at = comma + 1;
  }
  return brokers;
}

}  // namespace

void check_replay_flags(const ReplayFlags& flags, const Context& context) {
  const int sources = (flags.topics.empty() ? 0 : 1) + (flags.file.empty() ? 0 : 1) + (flags.archive ? 1 : 0);
  refuse_if(sources != 1, "say what to replay: topics, --file or --archive");
  const bool placed = !flags.partitions.empty() || !flags.offsets.empty();
  refuse_if(flags.topics.empty() && placed, "-p and -o are for topics");
  refuse_if(flags.handle && !flags.to.empty(), "--to and --handle exclude each other");
  refuse_if(flags.handle && flags.file == "-", "--handle reads a file twice: give --file a name");
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
  const bool loops = std::find(flags.topics.begin(), flags.topics.end(), flags.to) != flags.topics.end();
  refuse_if(loops && flags.to_brokers.empty() && !flags.force,
            "the target is the source: every replay would double it; --force does it all the same");
  static_cast<void>(speed_of(flags.speed));
  static_cast<void>(range_of(flags, context.clock.now()));
  static_cast<void>(filter::Filter(flags.wanted));
}

ReplaySetup::ReplaySetup(const ReplayFlags& flags, Context& context)
    : m_flags(flags),
      m_context(context),
      m_timeout(context.settings().timeout.value_or(k_patience)),
      m_transport(connect_transport(context)),
      m_source(make_source()) {}

ReplaySetup::~ReplaySetup() = default;

std::unique_ptr<replay::ReplaySource> ReplaySetup::make_source() {
  if (m_flags.archive) {
    m_store = store::open_store(m_context.settings().transport.data_dir, store::OpenMode::read_only);
    return std::make_unique<replay::ArchiveSource>(m_store->letters());
  }
  if (!m_flags.file.empty()) {
    std::function<void(const Error&)> on_bad_line;
    if (m_flags.on_error == "skip")
      on_bad_line = [this](const Error& error) { m_context.notice(fmt::format("skipped {}", error.what())); };
    return std::make_unique<replay::EnvelopeSource>(m_flags.file, on_bad_line);
  }
  replay::TopicSourceOptions options{
      .topics = m_flags.topics,
      .partitions = parse_partitions(m_flags.partitions),
      .range = range_of(m_flags, m_context.clock.now()),
      .order = m_flags.order == "time" ? replay::ReplayOrder::time : replay::ReplayOrder::offset,
      .timeout = m_timeout};
  return std::make_unique<replay::TopicSource>(*m_transport, std::move(options));
}

replay::ReplayOptions ReplaySetup::options() {
  replay::ReplayOptions options;
  options.choice = choice_of(m_flags);
  options.count = m_flags.count;
  options.pace = {.speed = speed_of(m_flags.speed), .per_second = m_flags.per_second};
  const auto wanted = std::make_shared<filter::Filter>(m_flags.wanted);
  const bool is_topic = !m_flags.topics.empty();
  const reading::ReadRange range = range_of(m_flags, m_context.clock.now());
  options.wanted = [wanted, is_topic, range](const RecordView& record) {
    return (is_topic || range.holds(record)) && wanted->matches(record);
  };
  return options;
}

transport::Transport& ReplaySetup::target() {
  if (m_flags.to_brokers.empty()) return *m_transport;
  if (m_other) return *m_other;
  config::TransportSettings settings = m_context.settings().transport;
  settings.choice = config::TransportChoice::kafka;
  settings.kafka.brokers = split_brokers(m_flags.to_brokers);
  std::erase_if(settings.kafka.properties, [](const auto& property) {
    return property.first == "bootstrap.servers" || property.first == "metadata.broker.list";
  });
  m_other = connect_transport(m_context, settings);
  return *m_other;
}

std::string ReplaySetup::cluster() {
  return m_transport->make_topic_admin(m_timeout)->cluster().id;
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
  if (m_flags.to.empty()) return std::make_unique<ReplayPrinter>(m_flags.form, m_context.io);
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
  return counts;
}

}  // namespace kbeat::app
