// Asks brokers, store, disk and what running consumers say of themselves.
#include "cmd_health.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <filesystem>

#include "exit_code.hpp"
#include "health_output.hpp"
#include "health_url.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/store/store_schema.hpp"
#include "kbeat/upkeep/health.hpp"

namespace kbeat::app {
namespace {

constexpr Milliseconds k_timeout{3000};

/// A file beyond this takes longer to read through than a probe waits.
constexpr std::uintmax_t k_most_to_read_through = 512u << 20;

upkeep::HealthDepth depth_of(const HealthOptions& options) {
  if (options.live) return upkeep::HealthDepth::live;
  if (options.ready) return upkeep::HealthDepth::ready;
  return options.deep || options.nagios ? upkeep::HealthDepth::deep : upkeep::HealthDepth::connection;
}

bool needs_broker(const Context& context) {
  return context.settings().transport.choice == config::TransportChoice::kafka;
}

/// The broker, or the embedded log where one lies already: a look makes no files.
std::unique_ptr<transport::Transport> transport_to_ask(const Context& context, upkeep::HealthDepth depth) {
  if (depth == upkeep::HealthDepth::live) return nullptr;
  const bool has_log = std::filesystem::exists(context.settings().transport.data_dir / "log.db");
  const bool asks_log = depth == upkeep::HealthDepth::deep && has_log;
  return needs_broker(context) || asks_log ? connect_transport(context) : nullptr;
}

std::vector<store::CheckResult> look_through_store(const Context& context, upkeep::VitalSigns& signs) {
  const std::filesystem::path& data_dir = context.settings().transport.data_dir;
  std::error_code failure;
  const std::uintmax_t size = std::filesystem::file_size(store::store_file(data_dir), failure);
  if (failure || !signs.store_fault.empty() || size > k_most_to_read_through) return {};
  try {
    return store::check_store(*store::open_store_file(data_dir, store::OpenMode::read_only));
  } catch (const Error& error) {
    signs.store_fault = error.what();
    return {};
  }
}

upkeep::HealthReport look(const Context& context, transport::Transport* transport,
                          upkeep::HealthDepth depth) {
  const upkeep::VitalOptions options{.data_dir = context.settings().transport.data_dir,
                                     .timeout = context.settings().timeout.value_or(k_timeout),
                                     .group = {}};
  const WallTime now = context.clock.now();
  upkeep::VitalSigns signs = upkeep::take_vital_signs(transport, options, now);
  std::vector<store::CheckResult> problems;
  if (depth == upkeep::HealthDepth::deep) problems = look_through_store(context, signs);
  return upkeep::judge_health(std::move(signs),
                              {.depth = depth,
                               .needs_broker = needs_broker(context),
                               .limits = context.settings().alerts,
                               .now = now},
                              problems);
}

int print(const upkeep::HealthReport& report, upkeep::HealthDepth depth, const HealthOptions& options,
          Context& context) {
  if (options.nagios) return print_nagios(report, context.settings().alerts, context.io.out());
  const bool brief = depth == upkeep::HealthDepth::connection;
  if (brief && !report.signs.broker_fault.empty()) {
    context.io.say(fmt::format("kbeat: {}", report.signs.broker_fault));
  }
  if (brief) context.io.out().write(upkeep::brief_json(report) + "\n");
  if (!brief) print_health(report, output_form(options.output, context.io), context.io.out());
  return upkeep::is_healthy(report) ? k_exit_done : k_exit_failed;
}

void check_options(const HealthOptions& options) {
  if (int{options.live} + int{options.ready} + int{options.deep} > 1) {
    throw Error(ErrorCode::usage, "--live, --ready and --deep exclude each other: give one");
  }
  if (options.nagios && options.watch) {
    throw Error(ErrorCode::usage, "--nagios is one look with one exit code: leave --watch out");
  }
}

/// One look at a server: its own words, and 0 for 200.
int look_at_server(const HealthOptions& options, Context& context) {
  const ServerHealth server = ask_server(options.url, depth_of(options), context);
  constexpr long k_ok = 200;
  const bool ok = server.status == k_ok;
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
  const Milliseconds interval = parse_duration(options.interval);
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
