// Declares produce's flags and runs its input through a sender.
#include "cmd_produce.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <charconv>
#include <cstdlib>
#include <functional>

#include "delivery_report.hpp"
#include "event_text.hpp"
#include "exit_code.hpp"
#include "input_file.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/sending/confirmed_sink.hpp"
#include "kbeat/sending/outbox_sink.hpp"
#include "kbeat/sending/transaction_sink.hpp"
#include "kbeat/transport/partitioner.hpp"
#include "kbeat/transport/topic_table.hpp"
#include "produce_feed.hpp"
#include "registry_values.hpp"
#include "watch_kit.hpp"

namespace kbeat::app {
namespace {

constexpr Milliseconds k_message_timeout{300'000};
constexpr Milliseconds k_drain_after_signal{30'000};
constexpr Milliseconds k_look_timeout{10'000};
constexpr Milliseconds k_transaction_timeout{600'000};  // brokers allow 15 min

std::optional<std::int32_t> parse_partition(const std::string& text) {
  if (text.empty()) return std::nullopt;
  if (text == "hash") return -1;
  std::int32_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = result.ec == std::errc{} && result.ptr == text.data() + text.size();
  if (whole && number >= 0) return number;
  throw Error(ErrorCode::usage,
              fmt::format("-p \"{}\": give a partition's number, or hash", escape_for_terminal(text, 80)));
}

void check_word(const char* flag, const std::string& given, const char* first, const char* second) {
  if (given == first || given == second) return;
  throw Error(ErrorCode::usage,
              fmt::format("{} \"{}\": give {} or {}", flag, escape_for_terminal(given, 80), first, second));
}

/// `form` with the trace that the process runs in, if it runs in one: the variables of OpenTelemetry.
RecordForm with_cause(RecordForm form) {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  form.cause = parse_traceparent(variable("TRACEPARENT"));
  if (form.cause) form.trace_state = variable("TRACESTATE");
  return form;
}

RecordForm record_form(const ProduceOptions& options) {
  if (options.topic.empty() && !options.envelopes) {
    throw Error(ErrorCode::usage, "produce needs a topic (see kbeat produce --help)");
  }
  if (!options.topic.empty()) check_topic_name(options.topic);
  check_word("--ts", options.stamp, "keep", "now");
  RecordForm form{
      .topic = options.topic,
      .envelopes = options.envelopes,
      .key = options.key,
      .key_delimiter = options.key_delimiter.empty() ? "" : unescape_delimiter(options.key_delimiter),
      .headers = options.headers,
      .empty_is_null = options.empty_is_null,
      .partition = parse_partition(options.partition),
      .stamp_now = options.stamp == "now",
      .trace = options.trace,
      .cause = {},
      .trace_state = {},
      .correlation_id = options.correlation_id};
  return options.trace ? with_cause(std::move(form)) : form;
}

void check_together(const ProduceOptions& options) {
  const auto refuse_if = [](bool wrong, const char* why) {
    if (wrong) throw Error(ErrorCode::usage, why);
  };
  refuse_if(options.transaction && options.outbox, "--txn and --outbox exclude each other");
  refuse_if(!options.transactional_id.empty() && !options.transaction, "--txn-id needs --txn");
  refuse_if(options.envelopes && !options.key_delimiter.empty(),
            "-J and -K exclude each other: an envelope has its own key");
  refuse_if(!options.encode && !(options.subject + options.message).empty(),
            "--subject and --message need --encode");
  refuse_if(!options.fields.empty() && options.event.empty(), "--field needs --event");
  refuse_if(!options.files.empty() && !options.line_file.empty(),
            "a file is one record: -l, which reads lines, does not go with files");
  refuse_if(!options.files.empty() && options.delimiter != ProduceOptions().delimiter,
            "a file is one record: -D, which parts records, does not go with files");
  constexpr std::size_t k_longest_correlation = 256;
  refuse_if(options.correlation_id.size() > k_longest_correlation || !is_utf8(options.correlation_id),
            "--correlation-id: give at most 256 bytes of text");
  const bool reads = options.envelopes || !options.files.empty() || !options.line_file.empty() ||
                     !options.key_delimiter.empty() || options.delimiter != ProduceOptions().delimiter;
  refuse_if(!options.event.empty() && reads,
            "--event reads nothing: -D, -J, -K, -l and files do not go with it");
}

void send_file(const std::string& path, std::uint64_t number, const Context& context, RecordInput& input,
               ProduceFeed& out) {
  std::string content;
  try {
    content = InputFile(path, context.io.in()).read_whole(LineSource::k_longest, context.stop());
  } catch (const Error& error) {
    return out.stop_at(error);
  }
  out.send_one(content, input, number);
}

void feed_lines(const ProduceOptions& options, int descriptor, RecordInput& input, ProduceFeed& out) {
  out.follow(descriptor);
  LineSource source(descriptor, unescape_delimiter(options.delimiter));
  out.send_lines(source, input);
}

void feed(const ProduceOptions& options, Context& context, RecordInput& input, ProduceFeed& out) {
  if (!options.files.empty()) {
    for (std::size_t i = 0; i < options.files.size() && !context.stop().stop_requested() && !out.problem();
         ++i) {
      send_file(options.files[i], i + 1, context, input, out);
    }
    return;
  }
  if (options.line_file.empty()) return feed_lines(options, context.io.in(), input, out);
  const InputFile file(options.line_file, context.io.in());
  feed_lines(options, file.descriptor(), input, out);
}

FeedOptions feed_options(const ProduceOptions& options, const Context& context) {
  FeedOptions how;
  how.on_bad_line = options.on_error == "dlq"    ? OnBadLine::dead_letter
                    : options.on_error == "skip" ? OnBadLine::skip
                                                 : OnBadLine::stop;
  how.validity = options.validate == "utf8"     ? Validity::utf8
                 : options.validate == "json"   ? Validity::json
                 : options.validate == "event"  ? Validity::event
                 : options.validate == "schema" ? Validity::schema
                                                : Validity::any;
  if (how.validity == Validity::schema) how.catalog = open_catalog(context.settings());
  if (!options.dlq_topic.empty()) {
    if (how.on_bad_line != OnBadLine::dead_letter) {
      throw Error(ErrorCode::usage, "--dlq-topic needs --on-error dlq");
    }
    check_topic_name(options.dlq_topic);
    how.letters.topic = TopicName{options.dlq_topic};
  }
  if (options.encode) {
    how.encode = [codec = registry_codec_for("--encode", context), &options](std::string_view value,
                                                                             std::string_view topic) {
      const std::string subject = options.subject.empty() ? fmt::format("{}-value", topic) : options.subject;
      return codec->encode(value, subject, options.message);
    };
  }
  how.tee = options.tee;
  how.delimiter = unescape_delimiter(options.delimiter);
  how.per_second = options.rate;
  how.topics_may_wait = options.outbox;
  return how;
}

std::string process_name() {
  return fmt::format("kbeat-produce-{}", ::getpid());
}

/// The sink that the flags choose; `outbox` points to it when it is the store's.
std::unique_ptr<sending::RecordSink> open_sink(const ProduceOptions& options, transport::Transport& transport,
                                               Context& context, const sending::OnSettled& on_settled,
                                               sending::OutboxSink*& outbox) {
  const Milliseconds timeout = context.settings().timeout.value_or(k_message_timeout);
  transport::ProducerOptions producer{
      .client_id = "kbeat-produce", .transactional_id = {}, .message_timeout = timeout};
  if (options.outbox) {
    const std::filesystem::path data_dir = context.settings().transport.data_dir;
    const auto open_store = [data_dir] { return store::open_store(data_dir, store::OpenMode::read_write); };
    auto sink = std::make_unique<sending::OutboxSink>(transport, open_store, process_name(), context.clock,
                                                      on_settled);
    outbox = sink.get();
    return sink;
  }
  if (!options.transaction) return std::make_unique<sending::ConfirmedSink>(transport, producer, on_settled);
  producer.transactional_id = options.transactional_id.empty() ? process_name() : options.transactional_id;
  producer.transaction_timeout = k_transaction_timeout;
  producer.message_timeout = std::min(timeout, k_transaction_timeout);
  return std::make_unique<sending::TransactionSink>(transport, producer, on_settled);
}

/// What `settle` threw, so that the report is finished first.
std::optional<Error> failure_of(const std::function<void()>& settle) {
  try {
    settle();
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

int conclude(const Context& context, const DeliveryReport& report, const ProduceFeed& fed) {
  if (report.failed() > 0) {
    throw Error(ErrorCode::undelivered, fmt::format("{} of {} records were not delivered", report.failed(),
                                                    report.failed() + report.delivered()));
  }
  if (fed.problem()) throw Error(*fed.problem());
  if (context.stop().stop_requested()) {
    const std::string where = fed.lines() == 0 ? ""
                                               : fmt::format(" after line {}; tail -n +{} is the rest",
                                                             fed.lines(), fed.lines() + 1);
    throw Error(ErrorCode::interrupted,
                fmt::format("stopped by a signal{}; what was read is delivered", where));
  }
  return k_exit_done;
}

/// Order holds for each subject although the key is the event's own. A cluster that is away has the topic as
/// kbeat would make it.
std::optional<std::int32_t> partition_of(const MadeEvent& event, const std::string& topic,
                                         transport::Transport& transport, const Context& context) {
  if (event.subject.empty()) return std::nullopt;
  std::int32_t partitions = transport::default_spec(TopicName{topic}).partitions;
  try {
    const auto admin = transport.make_topic_admin(context.settings().timeout.value_or(k_look_timeout));
    admin->reach();
    partitions = static_cast<std::int32_t>(admin->topic(TopicName{topic}).partitions.size());
  } catch (const Error& error) {
    if (error.code() != ErrorCode::not_found && !error.retryable()) throw;
  }
  return transport::partition_of_key(event.subject, partitions).get();
}

/// Ends the sending.
void settle(const ProduceOptions& options, Context& context, sending::RecordSink& sink,
            const ProduceFeed& fed) {
  const Milliseconds timeout = context.settings().timeout.value_or(k_message_timeout);
  const bool stopped = context.stop().stop_requested();
  const bool cut = stopped || fed.problem();
  const Milliseconds patience =
      stopped ? std::min(timeout, k_drain_after_signal) : timeout + Milliseconds{5000};
  if (!cut) return sink.finish(patience);
  sink.cut_short(patience);
  if (options.transaction) {
    const std::string why = fed.problem() ? fed.problem()->what() : "stopped by a signal";
    throw Error(fed.problem() ? fed.problem()->code() : ErrorCode::interrupted,
                fmt::format("{}; the transaction was aborted, nothing of it is in the topic", why));
  }
}

}  // namespace

void add_produce(CommandLine& line) {
  auto options = std::make_shared<ProduceOptions>();
  CLI::App& app = add_command(line, line.root(),
                              {"produce", "send records to a topic, each one confirmed",
                               "echo hello | kbeat produce greetings\n"
                               "kbeat produce orders -K : -l orders.txt       # KEY:VALUE lines of a file\n"
                               "kbeat produce orders --txn -l orders.txt      # all of them or none\n"
                               "kbeat produce beats-events --event BEAT_DELETED --field beatId=b1\n"
                               "kbeat consume a --print -J -e | kbeat produce b -J   # a copy without loss"},
                              [options](Context& context) { return run_produce(*options, context); });
  app.add_option("topic,-t,--topic", options->topic, "where to; with -J each envelope's own by default")
      ->type_name("TOPIC");
  app.add_option("file", options->files, "files that are a record each; - is stdin");
  app.add_option("-l", options->line_file, "read lines from a file instead of stdin")->type_name("FILE");
  app.add_flag("-J", options->envelopes, "lines are envelopes, as consume -J prints them");
  app.add_option("-K", options->key_delimiter, "what ends the key at a line's start")->type_name("BYTES");
  app.add_option("-k", options->key, "the key of every record")->type_name("KEY");
  add_list(app, "-H", options->headers, "a header for every record")->type_name("NAME=VALUE");
  app.add_option("-D", options->delimiter, "what ends a record (default \\n)")->type_name("BYTES");
  app.add_option("-p,--partition", options->partition, "a partition's number, or hash: by key")
      ->type_name("N");
  app.add_option("--ts", options->stamp, "keep an envelope's timestamp, or now")->type_name("WORD");
  app.add_flag("-Z", options->empty_is_null, "an empty key or value is null");
  add_setting(line, app, "-z", "producer.compression", "none, gzip, snappy, lz4 or zstd")->type_name("CODEC");
  app.add_flag("-T", options->tee, "copy the input to stdout");
  app.add_option("--on-error", options->on_error, "at a bad line: stop, skip or dlq")
      ->check(CLI::IsMember({"stop", "skip", "dlq"}))
      ->capture_default_str()
      ->type_name("WORD");
  app.add_option("--dlq-topic", options->dlq_topic, "where --on-error dlq puts bad lines")
      ->type_name("TOPIC");
  app.add_option("--validate", options->validate, "values must be utf8, json, event or schema")
      ->check(CLI::IsMember({"utf8", "json", "event", "schema"}))
      ->type_name("WORD");
  app.add_flag("--encode", options->encode,
               "JSON values by the newest schema of TOPIC-value in the registry (SCHEMA_REGISTRY_URL)");
  app.add_option("--subject", options->subject, "with --encode: another subject's schema")->type_name("NAME");
  app.add_option("--message", options->message,
                 "with --encode: a Protobuf schema's message (default: its first)")
      ->type_name("NAME");
  app.add_option("--report", options->report,
                 "json: failures as JSON lines on stderr; a file: one line for every record")
      ->type_name("FILE");
  app.add_flag("--txn", options->transaction, "one transaction: all records or none");
  app.add_option("--txn-id", options->transactional_id,
                 "its id, which fences a former one (default: one's own)")
      ->type_name("ID");
  app.add_flag("--outbox", options->outbox, "keep records in the store until Kafka takes them, in order");
  app.add_option("--event", options->event, "send one event of this type, made of --field")
      ->type_name("TYPE");
  add_list(app, "--field", options->fields, "a field of --event: NAME=TEXT, or NAME:=JSON")
      ->type_name("NAME=TEXT");
  app.add_flag("--trace", options->trace,
               "give each record without one a traceparent: of TRACEPARENT's trace, else of a new one");
  app.add_option("--correlation-id", options->correlation_id, "for records that have none, as a header")
      ->type_name("ID");
  add_rate(app, options->rate, "records");
  add_metrics_flags(line, app, Lifetime::bounded);
}

int run_produce(const ProduceOptions& options, Context& context) {
  check_together(options);
  RecordInput input(record_form(options));
  const FeedOptions how = feed_options(options, context);
  for (const std::string& path : options.files) check_readable(path);
  if (!options.line_file.empty()) check_readable(options.line_file);
  std::optional<MadeEvent> event;
  if (!options.event.empty()) {
    event = make_event({options.event, options.fields, options.topic, options.correlation_id},
                       context.clock.now());
  }
  const auto name_of = [&](std::uint64_t number) {
    return options.files.empty() ? fmt::format("line {}", number) : options.files[number - 1];
  };
  DeliveryReport report(options.report, name_of, context);
  WatchKit watchers(context, "", Lifetime::bounded);
  transport::Transport& transport = watchers.transport();
  sending::OutboxSink* outbox = nullptr;
  const auto sink = open_sink(
      options, transport, context, [&](const sending::Settled& settled) { report.settled(settled); }, outbox);
  ProduceFeed fed(context, {transport, *sink, report}, how);
  if (event) {
    input.set_place(event->key, partition_of(*event, options.topic, transport, context));
    fed.send_one(event->text, input, 1);
  } else {
    feed(options, context, input, fed);
  }
  const std::optional<Error> failure = failure_of([&] { settle(options, context, *sink, fed); });
  const std::int64_t kept = outbox == nullptr ? 0 : outbox->left().waiting;
  report.finish(kept);
  if (kept > 0) {
    context.notice(
        fmt::format("{} records wait in the store for Kafka: kbeat outbox flush sends them", kept));
  }
  watchers.finish();
  if (failure) throw Error(*failure);
  return conclude(context, report, fed);
}

}  // namespace kbeat::app
