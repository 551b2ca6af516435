// Lists the settings as they count, secrets masked.
#include "cmd_config.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iterator>

#include "exit_code.hpp"
#include "kbeat/transport/kafka/kafka_conf.hpp"
#include "output.hpp"

namespace kbeat::app {
namespace {

Cell shown_value(const std::string& value, config::Secrecy secrecy) {
  if (value.empty()) return {};
  return secrecy == config::Secrecy::secret ? Cell(config::k_masked) : Cell(value);
}

/// What librdkafka would refuse once a command runs is refused here, too.
void check_properties(const config::KafkaSettings& settings) {
  static_cast<void>(transport::effective_consumer_properties(settings));
  static_cast<void>(transport::effective_producer_properties(settings));
}

}  // namespace

void add_config(CommandLine& line) {
  CLI::App& group =
      add_command_group(line.root(), {"config", "see which settings count, and why",
                                      "kbeat config show              # every setting and its source\n"
                                      "kbeat config show --output csv"});
  auto options = std::make_shared<ConfigShowOptions>();
  CLI::App& show = add_command(line, group,
                               {"show", "print each setting with its source, secrets masked",
                                "kbeat config show              # every setting and its source\n"
                                "kbeat --profile staging config show --output json | jq .source"},
                               [options](Context& context) { return run_config_show(*options, context); });
  add_output_flag(show, options->output);
}

int run_config_show(const ConfigShowOptions& options, Context& context) {
  const OutputForm form = output_form(options.output, context.io);
  check_properties(context.settings().transport.kafka);
  Listing listing{{"name", "value", "source"}, {}};
  for (const config::ResolvedValue& value : context.config.values) {
    listing.rows.push_back({value.name, shown_value(value.value, value.secrecy), value.source});
  }
  for (auto property = context.config.properties.begin(); property != context.config.properties.end();
       ++property) {
    const auto same = [&](const config::ResolvedValue& later) { return later.name == property->name; };
    if (std::any_of(std::next(property), context.config.properties.end(), same)) continue;
    listing.rows.push_back({"kafka.properties." + property->name,
                            shown_value(property->value, property->secrecy), property->source});
  }
  print_listing(listing, form, context.io.out());
  return k_exit_done;
}

}  // namespace kbeat::app
