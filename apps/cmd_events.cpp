// Lists event types, prints their schemas and checks events against them.
#include "cmd_events.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "event_catalog.hpp"
#include "exit_code.hpp"
#include "input_file.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "line_source.hpp"
#include "output.hpp"
#include "record_input.hpp"
#include "registry_values.hpp"

namespace kbeat::app {
namespace {

const schema::EventType& known_type(const schema::Catalog& catalog, const std::string& name) {
  if (const schema::EventType* type = catalog.find(name)) return *type;
  throw Error(ErrorCode::not_found,
              fmt::format("there is no event type \"{}\" (kbeat events list shows them)",
                          escape_for_terminal(name, 80)));
}

/// The events that were looked at, printed as they come.
class Inspection {
 public:
  Inspection(const EventsValidateOptions& options, Context& context)
      : m_options(options),
        m_form(output_form(options.output, context.io)),
        m_catalog(open_catalog(context.settings())),
        m_type(options.type.empty() ? nullptr : &known_type(*m_catalog, options.type)),
        m_codec(registry_codec(context)),
        m_out(context.io.out()) {}

  /// Throws a retryable Error when the registry that a value needs is away.
  void look_at(const RecordView& given) {
    schema::Checked checked;
    std::string type;
    try {
      const std::optional<std::string> json = decoded(given);
      RecordView record = given;
      if (json) record.value = *json;
      const Event event = parse_event(record);
      type = event.type;
      const std::string_view topic = m_options.topic.empty() ? record.topic : m_options.topic;
      checked = m_type != nullptr ? m_catalog->check(*m_type, event) : m_catalog->check(topic, event);
    } catch (const Error& error) {
      if (error.retryable()) throw;
      checked = {.verdict = schema::Verdict::invalid, .name = {}, .faults = {error.what()}};
    }
    add(type, checked);
  }

  void bad_line(const Error& error) {
    add("", {.verdict = schema::Verdict::invalid, .name = {}, .faults = {error.what()}});
  }

  /// Throws Error{bad_input} when an event did not fit.
  void conclude(const Context& context) {
    if (m_form != OutputForm::json) print_listing(m_listing, m_form, m_out);
    context.detail(fmt::format("{} events: {} invalid, {} of unknown type", m_lines, m_invalid, m_unknown));
    if (m_invalid + (m_options.strict ? m_unknown : 0) == 0) return;
    throw Error(ErrorCode::bad_input,
                fmt::format("{} of {} events do not fit their schema{}", m_invalid, m_lines,
                            m_unknown > 0 ? fmt::format(", {} are of unknown type", m_unknown) : ""));
  }

 private:
  [[nodiscard]] std::optional<std::string> decoded(const RecordView& record) {
    return m_codec && record.value ? m_codec->decode(*record.value, schema::Misfit::refused) : std::nullopt;
  }

  void add(const std::string& type, const schema::Checked& checked) {
    ++m_lines;
    const bool invalid = checked.verdict == schema::Verdict::invalid;
    const bool unknown = checked.verdict == schema::Verdict::unknown;
    m_invalid += invalid ? 1 : 0;
    m_unknown += unknown ? 1 : 0;
    m_listing.rows.push_back({static_cast<std::int64_t>(m_lines), type.empty() ? Cell() : Cell(type),
                              checked.name.empty() ? Cell() : Cell(checked.name),
                              invalid   ? "invalid"
                              : unknown ? "unknown"
                                        : "valid",
                              invalid ? Cell(fmt::format("{}", fmt::join(checked.faults, "; "))) : Cell()});
    if (m_form != OutputForm::json) return;
    print_listing(m_listing, m_form, m_out);
    m_listing.rows.clear();
  }

  const EventsValidateOptions& m_options;
  OutputForm m_form;
  std::shared_ptr<const schema::Catalog> m_catalog;
  const schema::EventType* m_type;
  std::shared_ptr<schema::RegistryCodec> m_codec;
  Output& m_out;
  Listing m_listing{{"line", "type", "schema", "verdict", "error"}, {}};
  std::uint64_t m_lines = 0;
  std::uint64_t m_invalid = 0;
  std::uint64_t m_unknown = 0;
};

void add_events_list(CommandLine& line, CLI::App& group) {
  auto options = std::make_shared<EventsListOptions>();
  CLI::App& app = add_command(line, group,
                              {"list", "list the event types that have a schema",
                               "kbeat events list\nkbeat events list --output json | jq -r .name"},
                              [options](Context& context) { return run_events_list(*options, context); });
  add_output_flag(app, options->output);
}

void add_schema_command(CommandLine& line, CLI::App& group) {
  auto options = std::make_shared<EventsSchemaOptions>();
  CLI::App& app = add_command(
      line, group,
      {"schema", "print the schema of a type",
       "kbeat events schema BEAT_CREATED\n"
       "kbeat events schema orders-value    # a registry's subject or id, with SCHEMA_REGISTRY_URL\n"
       "kbeat events schema BEAT_CREATED | jq .examples[0]  # an event's body to begin with"},
      [options](Context& context) { return run_events_schema(*options, context); });
  app.add_option("name", options->name, "a name or type of the list; a subject or id of the registry")
      ->required()
      ->type_name("NAME");
}

void add_validate_command(CommandLine& line, CLI::App& group) {
  auto options = std::make_shared<EventsValidateOptions>();
  CLI::App& app = add_command(
      line, group,
      {"validate", "check events against their schemas, a line each",
       "kbeat events validate events.jsonl\n"
       "kbeat consume orders --print -J -e | kbeat events validate -J\n"
       "echo '{\"beatId\":\"b1\"}' | kbeat events validate --type BEAT_DELETED  # the body alone"},
      [options](Context& context) { return run_events_validate(*options, context); });
  app.add_option("file", options->file, "events, one a line (default: stdin)")->type_name("FILE");
  app.add_option("-t,--topic", options->topic, "as if they came from this topic")->type_name("TOPIC");
  app.add_option("--type", options->type, "check every event against this type")->type_name("NAME");
  app.add_flag("-J", options->envelopes, "lines are envelopes, as consume -J prints them");
  app.add_flag("--strict", options->strict, "an event of unknown type is invalid");
  add_output_flag(app, options->output);
}

}  // namespace

void add_events(CommandLine& line) {
  CLI::App& group = add_command_group(line.root(), {"events", "event types and their schemas",
                                                    "kbeat events list\n"
                                                    "kbeat events validate events.jsonl"});
  add_events_list(line, group);
  add_schema_command(line, group);
  add_validate_command(line, group);
}

namespace {

Error too_long_line() {
  return {ErrorCode::bad_input, fmt::format("longer than {} MiB", LineSource::k_longest >> 20)};
}

/// A subject named TOPIC-value is that of a topic's values.
Row subject_row(const std::string& subject) {
  constexpr std::string_view k_of_values = "-value";
  const bool of_values = subject.ends_with(k_of_values);
  return {Cell(subject), Cell(),
          of_values ? Cell(subject.substr(0, subject.size() - k_of_values.size())) : Cell(), Cell(),
          Cell("registry")};
}

}  // namespace

int run_events_list(const EventsListOptions& options, Context& context) {
  Listing listing{{"name", "type", "topics", "title", "source"}, {}};
  const auto catalog = open_catalog(context.settings());
  for (const schema::EventType& type : catalog->types()) {
    listing.rows.push_back(
        {type.name, type.type.empty() ? Cell() : Cell(type.type),
         type.topics.empty() ? Cell() : Cell(fmt::format("{}", fmt::join(type.topics, ","))),
         type.title.empty() ? Cell() : Cell(type.title), type.source});
  }
  std::optional<Error> away;
  try {
    if (const auto codec = registry_codec(context)) {
      for (const std::string& subject : codec->subjects()) listing.rows.push_back(subject_row(subject));
    }
  } catch (const Error& error) {
    away = error;  // what is known without it is listed all the same
  }
  print_listing(listing, output_form(options.output, context.io), context.io.out());
  if (away) throw Error(*away);
  return k_exit_done;
}

int run_events_schema(const EventsSchemaOptions& options, Context& context) {
  const auto catalog = open_catalog(context.settings());
  std::string text;
  const auto codec = registry_codec(context);
  if (const schema::EventType* type = catalog->find(options.name); type != nullptr || !codec) {
    text = known_type(*catalog, options.name).text;
  } else {
    text = codec->schema_text(options.name);
  }
  if (!text.ends_with('\n')) text += '\n';
  context.io.out().write(text);
  return k_exit_done;
}

int run_events_validate(const EventsValidateOptions& options, Context& context) {
  RecordForm form;
  form.topic = options.topic;
  form.envelopes = options.envelopes;
  RecordInput input(std::move(form));
  const InputFile file(options.file.empty() ? "-" : options.file, context.io.in());
  LineSource source(file.descriptor(), "\n");
  Inspection inspection(options, context);
  std::string_view line;
  for (;;) {
    const Pulled pulled = source.next(line);
    if (pulled == Pulled::end || context.stop().stop_requested()) break;
    if (pulled == Pulled::pause) {
      static_cast<void>(source.wait(Milliseconds{100}));
      continue;
    }
    if (pulled == Pulled::too_long) {
      inspection.bad_line(too_long_line());
      continue;
    }
    try {
      inspection.look_at(input.read(line));
    } catch (const Error& error) {
      if (error.retryable()) throw;
      inspection.bad_line(error);
    }
  }
  inspection.conclude(context);
  return k_exit_done;
}

}  // namespace kbeat::app
