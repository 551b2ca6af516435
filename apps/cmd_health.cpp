// Asks brokers, store, disk and what running consumers say of themselves.
#include "cmd_health.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "exit_code.hpp"
#include "health_look.hpp"
#include "health_output.hpp"
#include "health_url.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/upkeep/health.hpp"
#include "span_flag.hpp"

namespace kbeat::app {
namespace {

upkeep::HealthDepth depth_of(const HealthOptions& options) {
  if (options.live) return upkeep::HealthDepth::live;
  if (options.ready) return upkeep::HealthDepth::ready;
  return options.deep || options.nagios ? upkeep::HealthDepth::deep : upkeep::HealthDepth::connection;
}

int print(const upkeep::HealthReport& report, upkeep::HealthDepth depth, const HealthOptions& options,
          Context& context) {
  if (options.nagios) return print_nagios(report, context.settings().alerts, context.io.out());
  const bool brief = depth == upkeep::HealthDepth::connection;
  if (brief && !report.signs.broker_fault.empty()) {
    context.io.say(fmt::format("kbeat: {}", report.signs.broker_fault));
  }
  // One JSON object on a terminal too, unless another form is asked for.
  const OutputForm form =
      brief && options.output.empty() ? OutputForm::json : output_form(options.output, context.io);
  if (brief) print_brief_health(report, form, context.io.out());
  if (!brief) print_health(report, form, context.io.out());
  return upkeep::is_healthy(report) ? k_exit_done : k_exit_failed;
}

void check_options(const HealthOptions& options) {
  if (int{options.live} + int{options.ready} + int{options.deep} > 1) {
    throw Error(ErrorCode::usage, "--live, --ready and --deep exclude each other: give one");
  }
  if (options.nagios && options.watch) {
    throw Error(ErrorCode::usage, "--nagios is one look with one exit code: leave --watch out");
  }
  if (options.nagios && !options.output.empty()) {
    throw Error(ErrorCode::usage, "--nagios is a form of its own: leave --output out");
  }
  if (!options.watch && options.interval != HealthOptions().interval) {
    throw Error(ErrorCode::usage, "--interval goes with --watch");
  }
}

/// One look at a server: its own words, or its checks where another form is asked for, and 0 for 200.
int look_at_server(const HealthOptions& options, Context& context) {
  const ServerHealth server = ask_server(options.url, depth_of(options), context);
  constexpr long k_ok = 200;
  const bool ok = server.status == k_ok;
  const auto report = report_of(server);
  if (report && options.nagios) return print_nagios(*report, context.settings().alerts, context.io.out());
  if (report && output_form(options.output, context.io) != OutputForm::json) {
    print_health(*report, output_form(options.output, context.io), context.io.out());
    return ok ? k_exit_done : k_exit_failed;
  }
  if (options.nagios) {
    context.io.out().write(fmt::format("KBEAT {} - {} answers {} |\n", ok ? "OK" : "CRITICAL",
                                       plugin_text(options.url), server.status));
    return ok ? k_nagios_ok : k_nagios_critical;
  }
  std::string body = server.body;
  while (!body.empty() && (body.back() == '\n' || body.back() == '\r')) body.pop_back();
  context.io.out().write(body + "\n");
  return ok ? k_exit_done : k_exit_failed;
}

int look_or_watch(const HealthOptions& options, Context& context) {
  check_options(options);
  const upkeep::HealthDepth depth = depth_of(options);
  const Milliseconds interval = span_of("--interval", options.interval);
  if (interval < Milliseconds{10}) throw Error(ErrorCode::usage, "--interval: give at least 10ms");
  const auto transport = options.url.empty() ? transport_to_ask(context, depth) : nullptr;
  if (!options.url.empty() && !options.watch) return look_at_server(options, context);
  if (!options.watch) return print(look(context, transport.get(), depth), depth, options, context);
  do {
    static_cast<void>(options.url.empty()
                          ? print(look(context, transport.get(), depth), depth, options, context)
                          : look_at_server(options, context));
    context.io.out().flush();
  } while (context.clock.wait(interval, context.stop()) != Waited::stopped);
  return k_exit_done;
}

/// Wrong settings are no reason not to say which versions these are.
std::optional<int> tell_without_settings(const HealthOptions& options, const Error& error, Io& io) {
  if (options.nagios) {
    io.out().write(fmt::format("KBEAT UNKNOWN - {}\n", plugin_text(error.what())));
    return k_nagios_unknown;
  }
  std::string text;
  append_json_string(text, clean_utf8(error.what(), 4096));
  io.out().write(fmt::format(R"({{"status":"unknown","error":{},"version":"{}","libraries":{}}})", text,
                             KBEAT_VERSION, upkeep::libraries_json(libraries())) +
                 "\n");
  return std::nullopt;
}

}  // namespace

void add_health(CommandLine& line) {
  auto options = std::make_shared<HealthOptions>();
  CLI::App& app = add_command(line, line.root(),
                              {"health", "say how brokers, consumers, store and disk are; exit 0 or 1",
                               "kbeat health                     # does Kafka answer?\n"
                               "kbeat health --deep              # everything, with its limits\n"
                               "kbeat health --ready -b broker:9092 --timeout 2s\n"
                               "kbeat health --nagios            # a plugin's line and exit code\n"
                               "kbeat health --deep --watch | jq -c '.checks[] | select(.state != \"ok\")'"},
                              [options](Context& context) { return run_health(*options, context); });
  app.parse_complete_callback([options, &line] {
    line.on_bad_settings = [options](const Error& error, Io& io) {
      return tell_without_settings(*options, error, io);
    };
  });
  app.add_flag("--live", options->live, "only whether the consumers of this host are alive");
  app.add_flag("--ready", options->ready, "also whether they, and this command, reach the broker");
  app.add_flag("--deep", options->deep, "also lag, dead letters, outbox, the store's integrity, disk");
  app.add_flag("--nagios", options->nagios, "all of it as a monitoring plugin says it: exit 0, 1, 2 or 3");
  app.add_option("--url", options->url, "ask a kbeat server instead of this host")->type_name("URL");
  app.add_flag("--watch", options->watch, "again and again until stopped");
  app.add_option("--interval", options->interval, "of --watch")->type_name("SPAN")->capture_default_str();
  add_output_flag(app, options->output);
}

int run_health(const HealthOptions& options, Context& context) {
  try {
    return look_or_watch(options, context);
  } catch (const Error& error) {
    if (!options.nagios) throw;
    context.io.out().write(fmt::format("KBEAT UNKNOWN - {}\n", plugin_text(error.what())));
    return k_nagios_unknown;
  }
}

}  // namespace kbeat::app
