// Declares the filters; kbeat-filter(7) explains them.
#include "filter_flags.hpp"

#include <CLI/CLI.hpp>

#include "command.hpp"

namespace kbeat::app {

void add_filter_flags(CLI::App& app, filter::Wanted& wanted) {
  constexpr const char* k_filters = "Filters";
  const auto add = [&](const char* flag, std::vector<std::string>& values, const char* help) {
    return add_list(app, flag, values, help)->group(k_filters);
  };
  add("--where", wanted.where,
      "only JSON values for which this holds, such as 'total > 100' (kbeat-filter(7))")
      ->type_name("EXPR");
  add("--grep", wanted.grep, "only values in which this is found")->type_name("REGEX");
  add("--key", wanted.keys, "only records with this key")->type_name("KEY");
  add("--header", wanted.headers, "only records with this header; NAME alone: any value")
      ->type_name("NAME=VALUE");
  add("--type", wanted.types, "only events of this type")->type_name("TYPE");
}

}  // namespace kbeat::app
