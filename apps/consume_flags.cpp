// Checks consume's flags and puts them together with the settings.
#include "consume_flags.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "event_catalog.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/pipeline/done_before.hpp"
#include "kbeat/pipeline/letters.hpp"
#include "kbeat/reading/range_parser.hpp"
#include "kbeat/transport/consumer.hpp"
#include "registry_values.hpp"
#include "span_flag.hpp"

namespace kbeat::app {
namespace {

bool one_of(const std::string& text, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(), [&](const char* word) { return text == word; });
}

pipeline::StartPolicy policy_of(const ConsumeFlags& flags, const Context& context) {
  const PrintLimits& limits = flags.limits;
  if (!limits.since.empty()) return reading::parse_time("--since", limits.since, context.clock.now());
  const std::string& word =
      limits.offsets.empty() ? context.settings().consume.offset_reset : limits.offsets.back();
  if (word.empty() || one_of(word, {"earliest", "beginning", "oldest", "start", "stored"})) {
    return pipeline::FromEarliest{};
  }
  if (one_of(word, {"latest", "end", "newest"})) return pipeline::FromLatest{};
  throw Error(
      ErrorCode::usage,
      fmt::format(
          "-o \"{}\": with handlers use earliest or latest (it counts only for a topic that the group "
          "never had; to move a group use kbeat groups reset)",
          escape_for_terminal(word, 40)));
}

pipeline::RunnerOptions runner_of(const ConsumeFlags& flags, const Context& context) {
  const config::RetrySettings& retry = context.settings().retry;
  pipeline::RunnerOptions runner;
  if (!flags.as_topic.empty()) {
    check_topic_name(flags.as_topic);
    runner.as_topic = flags.as_topic;
  }
  runner.strict = flags.strict;
  runner.keep_events = context.settings().event_sourcing;
  runner.handler_timeout = span_of("--handler-timeout", flags.handler_timeout);
  if (!context.settings().schemas.empty()) {
    runner.fault_of = [catalog = open_catalog(context.settings())](std::string_view topic,
                                                                   const Event& event) {
      return fault_text(catalog->check_own(topic, event));
    };
  }
  runner.retry = {.backoff = {.kind = parse_backoff_kind(retry.strategy),
                              .base = retry.delay,
                              .cap = retry.cap,
                              .jitter = retry.jitter},
                  .max_retries = retry.max_retries};
  if (const auto codec = registry_codec(context))
    runner.decode = [codec](std::string_view value) { return codec->decode(value, schema::Misfit::refused); };
  const BackoffPolicy pause{.kind = BackoffKind::exponential, .base = Milliseconds{1000}, .cap = retry.cap};
  runner.breakers = std::make_shared<pipeline::Breakers>(
      pipeline::BreakerPolicy{.failures = retry.breaker, .pause = pause}, context.clock);
  const std::filesystem::path data_dir = context.settings().transport.data_dir;
  runner.done_before = [done = std::make_shared<pipeline::DoneBefore>(
                            [data_dir] { return store::open_store(data_dir, store::OpenMode::read_write); },
                            GroupId{context.settings().consume.group})](std::string_view handler,
                                                                        const std::string& identity) {
    return (*done)(handler, identity);
  };
  return runner;
}

/// A session, the heartbeat that brings the news of its end, and some time to share out anew. On the embedded
/// log the next heartbeat knows the dead.
Milliseconds fellows_patience(const config::TransportSettings& transport) {
  constexpr Milliseconds k_sharing{1000};
  const Milliseconds default_session = transport::ConsumerOptions{}.session_timeout;
  if (transport.choice != config::TransportChoice::kafka) return default_session / 2 + k_sharing;
  std::int64_t session = default_session.count();
  for (const auto& [name, value] : transport.kafka.properties) {
    // A value that is no number is refused by librdkafka, with its name.
    if (name == "session.timeout.ms") std::from_chars(value.data(), value.data() + value.size(), session);
  }
  return Milliseconds{session + session / 2} + k_sharing;
}

pipeline::LetterOptions letters_of(const ConsumeFlags& flags) {
  const bool shapes_letters = !flags.dlq_topic.empty() || !flags.dlq_retention.empty() ||
                              flags.dlq_format != ConsumeFlags().dlq_format;
  if (flags.no_dlq && shapes_letters)
    throw Error(
        ErrorCode::usage,
        "--no-dlq makes no dead letters: --dlq-topic, --dlq-format and --dlq-retention do not go with it");
  pipeline::LetterOptions letters{.topic = std::nullopt, .format = parse_letter_format(flags.dlq_format)};
  if (!flags.dlq_topic.empty()) {
    check_topic_name(flags.dlq_topic);
    letters.topic = TopicName{flags.dlq_topic};
  }
  letters.retention = optional_span("--dlq-retention", flags.dlq_retention);
  return letters;
}

void check_no_circle(const std::vector<std::string>& topics, const pipeline::LetterOptions& letters) {
  for (const std::string& topic : topics) {
    if (topic != pipeline::dlq_topic_for(topic, letters.topic).get()) continue;
    throw Error(
        ErrorCode::usage,
        fmt::format("{} would get the dead letters of its own records for ever: name another topic by "
                    "--dlq-topic, or end at the first failure with --no-dlq",
                    topic));
  }
}

/// What a pattern of topics must not bring back: it would go round for ever.
std::vector<TopicName> own_outputs(const ConsumeFlags& flags, const pipeline::LetterOptions& letters) {
  std::vector<TopicName> outputs;
  if (!flags.no_dlq) outputs = pipeline::letter_topics(letters);
  if (!flags.routes.forward.empty()) outputs.emplace_back(flags.routes.forward);
  return outputs;
}

/// Of routes that take events of these topics. A route by pattern may never meet one: its target is looked
/// for when it does.
std::vector<std::string> forward_targets(const ConsumeFlags& flags, const std::vector<std::string>& topics,
                                         const Context& context) {
  std::vector<std::string> targets;
  for (const config::RouteSettings& route : all_routes(flags.routes, context.settings())) {
    const bool meant =
        route.topic == k_any_topic || std::find(topics.begin(), topics.end(), route.topic) != topics.end();
    if (route.kind == config::RouteKind::forward && meant) targets.push_back(route.to);
  }
  return targets;
}

}  // namespace

std::vector<std::string> consumed_topics(const ConsumeFlags& flags, const Context& context) {
  std::vector<std::string> topics = flags.topics;
  topics.insert(topics.end(), flags.more_topics.begin(), flags.more_topics.end());
  const std::string& configured = context.settings().consume.topic;
  if (topics.empty()) topics.push_back(configured.empty() ? "beats-events" : configured);
  for (const std::string& topic : topics) {
    if (!topic.starts_with('^')) check_topic_name(topic);
  }
  return topics;
}

pipeline::ConsumeOptions consume_options(const ConsumeFlags& flags, const Context& context) {
  const config::Settings& settings = context.settings();
  pipeline::ConsumeOptions options;
  options.topics = consumed_topics(flags, context);
  if (std::find(options.topics.begin(), options.topics.end(), flags.routes.forward) != options.topics.end())
    throw Error(ErrorCode::usage,
                fmt::format("--forward: forwarding {} to itself would never end", flags.routes.forward));
  options.forward_targets = forward_targets(flags, options.topics, context);
  options.group = GroupId{settings.consume.group};
  options.data_dir = settings.transport.data_dir;
  options.exit_at_end = flags.limits.exit_at_end;
  options.fellows_patience = fellows_patience(settings.transport);
  options.count = flags.limits.count;
  options.idle_exit = optional_span("--idle-exit", flags.limits.idle_exit);
  options.max_time = optional_span("--max-time", flags.limits.max_time);
  options.connect_attempts = flags.limits.connect_attempts;
  if (settings.timeout) options.timeout = *settings.timeout;
  options.drain_timeout = span_of("--drain-timeout", flags.drain_timeout);
  options.connect = settings.connect;
  options.batch = settings.batch;
  options.workers = flags.workers;
  options.runner = runner_of(flags, context);
  options.retries = {
      .burst = settings.retry.burst,
      .order = settings.retry.order == "none" ? pipeline::RetryOrder::none : pipeline::RetryOrder::key};
  options.policy = policy_of(flags, context);
  options.on_gap = flags.limits.on_gap == "skip" ? pipeline::OnGap::skip : pipeline::OnGap::fail;
  options.dead_letters = !flags.no_dlq;
  options.letters = letters_of(flags);
  if (!flags.no_dlq) check_no_circle(options.topics, options.letters);
  options.passed_over = own_outputs(flags, options.letters);
  options.create_topics = !flags.no_create;
  return options;
}

}  // namespace kbeat::app
