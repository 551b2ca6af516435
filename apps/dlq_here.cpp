// The consume loop over copies of letters, a run for each group that they failed in; and a plain producer.
#include "dlq_here.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <utility>

#include "consume_flags.hpp"
#include "handler_kit.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/model/event.hpp"
#include "kbeat/model/names.hpp"
#include "kbeat/pipeline/consume_loop.hpp"
#include "kbeat/pipeline/done_before.hpp"
#include "kbeat/pipeline/result_writer.hpp"
#include "kbeat/replay/handled_transport.hpp"
#include "kbeat/replay/record_source.hpp"
#include "kbeat/transport/confirmed_sender.hpp"
#include "registry_values.hpp"
#include "route_flags.hpp"

namespace kbeat::app {
namespace {

Header* find(Record& record, std::string_view name) {
  const auto found = std::find_if(record.headers.begin(), record.headers.end(),
                                  [name](const Header& header) { return header.name == name; });
  return found == record.headers.end() ? nullptr : &*found;
}

/// Takes the header with the group that the letter is of.
std::string take_group(Record& record) {
  const Header* header = find(record, names::k_retry_group);
  std::string group = header != nullptr ? header->value.value_or("") : "";
  std::erase_if(record.headers, [](const Header& each) { return each.name == names::k_retry_group; });
  return group;
}

/// The copy was never in a log: it is handled as of the time at which the event first was.
void take_origin_time(Record& record) {
  const Header* header = find(record, names::k_origin_timestamp);
  const std::string digits = header != nullptr ? header->value.value_or("") : "";
  std::int64_t time = -1;
  std::from_chars(digits.data(), digits.data() + digits.size(), time);
  if (time < 0) return;
  record.timestamp = WallTime{Milliseconds{time}};
  record.timestamp_type = TimestampType::create;
}

bool has_own_identity(const Record& record) {
  try {
    return !parse_event(RecordLoan(record).view()).id.empty();
  } catch (const Error&) {
    return false;
  }
}

/// An event without an identity of its own goes by its letter's: it has no other place here.
void identify(Record& record) {
  if (find(record, names::k_event_id) != nullptr || has_own_identity(record)) return;
  const Header* letter = find(record, names::k_retry_of);
  record.headers.push_back({std::string(names::k_event_id),
                            fmt::format("letter:{}", letter != nullptr ? letter->value.value_or("") : "")});
}

}  // namespace

class HereHandlers::Work {
 public:
  Work(transport::Transport& transport, std::string dlq_topic, Context& context)
      : m_transport(transport),
        m_dlq_topic(std::move(dlq_topic)),
        m_context(context),
        m_kit(context, all_routes({}, context.settings())),
        m_codec(registry_codec(context)),
        m_results(STDOUT_FILENO),
        m_name(fmt::format("retry:{}-{}", to_rfc3339(context.clock.now()), ::getpid())) {}

  void handle(const std::vector<const Record*>& copies) {
    std::map<std::string, std::vector<Record>> groups;
    for (const Record* copy : copies) {
      Record record = *copy;
      std::string group = take_group(record);
      take_origin_time(record);
      identify(record);
      groups[std::move(group)].push_back(std::move(record));
    }
    for (auto& [group, records] : groups) run(group, records);
    m_results.finish();
  }

  /// Looks at the copy as the loop would; one that cannot be read is left to the loop, which says why.
  std::optional<std::string> obstacle(const Record& copy, std::string_view handler) {
    const RecordLoan loan(copy);
    std::string type;
    try {
      if (m_kit.registry().routing(copy.topic.get()) == handlers::TopicRouting::json)
        type = type_of(loan.view());
    } catch (const Error&) {
      return std::nullopt;
    }
    const handlers::Route route = m_kit.registry().find(copy.topic.get(), type);
    if (std::holds_alternative<handlers::Handler*>(route)) return std::nullopt;
    const bool of_type = std::holds_alternative<handlers::UnhandledType>(route);
    return fmt::format("no handler here takes events{}{} of {}{}: add its [[route]] to the config",
                       of_type ? " of type " : "", of_type ? escape_for_terminal(type, 80) : "",
                       copy.topic.get(),
                       handler.empty() ? "" : ", which failed in " + escape_for_terminal(handler, 120));
  }

  [[nodiscard]] std::uint64_t failed_again() const { return m_failed_again; }

 private:
  std::string type_of(RecordView record) const {
    const auto json =
        m_codec && record.value ? m_codec->decode(*record.value, schema::Misfit::shown) : std::nullopt;
    if (json) record.value = *json;
    return std::string(parse_event(record).type);
  }

  /// `records` failed in `group`, if it is known, and leave their marks there.
  void run(const std::string& group, std::vector<Record>& records) {
    const GroupId marks{group.empty() ? m_context.settings().consume.group : group};
    const pipeline::ConsumeOptions options = options_of(records, marks);
    for (Record& record : records) record.headers.push_back({std::string(names::k_retry_group), marks.get()});
    replay::RecordSource source(records);
    const replay::HandledParts parts = replay::number_parts(source, m_context.stop());
    replay::HandledTransport transport(m_transport, source, parts,
                                       {.wanted = {}, .pace = {}, .numbered = true, .cluster = cluster()},
                                       m_context.clock);
    const std::filesystem::path data_dir = options.data_dir;
    const auto open_store = [data_dir] { return store::open_store(data_dir, store::OpenMode::read_write); };
    const pipeline::ConsumeParts loop{transport, open_store, m_kit.registry(), m_results, m_context.clock};
    const pipeline::ConsumeResult result = pipeline::ConsumeLoop(loop, options).run(m_context.stop());
    m_failed_again += result.counts.dead_letters;
    if (result.end == pipeline::ConsumeEnd::stopped)
      throw Error(ErrorCode::interrupted, "stopped by a signal; letters in hand stay open");
  }

  pipeline::ConsumeOptions options_of(const std::vector<Record>& records, const GroupId& marks) {
    ConsumeFlags consume;
    for (const Record& record : records) {
      const std::string& topic = record.topic.get();
      if (std::find(consume.topics.begin(), consume.topics.end(), topic) == consume.topics.end())
        consume.topics.push_back(topic);
    }
    consume.dlq_topic = m_dlq_topic;
    consume.limits.exit_at_end = true;
    pipeline::ConsumeOptions options = consume_options(consume, m_context);
    options.group = GroupId{fmt::format("{}-{}", m_name, ++m_runs)};
    options.marks_of = marks;
    options.runner.done_before = [done = std::make_shared<pipeline::DoneBefore>(
                                      [data_dir = options.data_dir] {
                                        return store::open_store(data_dir, store::OpenMode::read_write);
                                      },
                                      marks)](std::string_view handler, const std::string& identity) {
      return (*done)(handler, identity);
    };
    options.client_id = "kbeat-dlq";
    options.command = "dlq retry";
    options.policy = pipeline::FromEarliest{};
    return options;
  }

  const std::string& cluster() {
    if (m_cluster.empty()) m_cluster = m_transport.make_topic_admin(Milliseconds{30'000})->cluster().id;
    return m_cluster;
  }

  transport::Transport& m_transport;
  std::string m_dlq_topic;
  Context& m_context;
  HandlerKit m_kit;
  std::shared_ptr<schema::RegistryCodec> m_codec;
  pipeline::ResultWriter m_results;
  std::string m_name;  ///< of this run's groups: each has positions of its own
  std::string m_cluster;
  int m_runs = 0;
  std::uint64_t m_failed_again = 0;
};

HereHandlers::HereHandlers(transport::Transport& transport, std::string dlq_topic, Context& context)
    : m_work(std::make_unique<Work>(transport, std::move(dlq_topic), context)) {}

HereHandlers::~HereHandlers() = default;

std::optional<std::string> HereHandlers::obstacle(const Record& copy, std::string_view handler) {
  return m_work->obstacle(copy, handler);
}

dlq::Courier HereHandlers::courier() {
  return [this](const std::vector<const Record*>& copies) {
    m_work->handle(copies);
    return std::vector<std::optional<std::string>>(copies.size());
  };
}

std::uint64_t HereHandlers::failed_again() const {
  return m_work->failed_again();
}

dlq::Courier cluster_courier(transport::Transport& target, Milliseconds timeout) {
  return [&target, timeout](const std::vector<const Record*>& copies) {
    std::vector<std::optional<std::string>> obstacles(copies.size());
    transport::ConfirmedSender sender(target, {.client_id = "kbeat-dlq"},
                                      [&obstacles](const transport::SendFailure& failure) {
                                        obstacles[failure.tag] = failure.error.what();
                                      });
    for (std::size_t i = 0; i < copies.size(); ++i) sender.send(RecordLoan(*copies[i]).view(), i);
    sender.finish(timeout);
    return obstacles;
  };
}

}  // namespace kbeat::app
