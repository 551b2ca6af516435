// The flags that choose records by what they carry.
#pragma once

#include "kbeat/filter/filter.hpp"

namespace CLI {
class App;
}

namespace kbeat::app {

/// Adds --where, --grep, --key, --header and --type.
void add_filter_flags(CLI::App& app, filter::Wanted& wanted);

}  // namespace kbeat::app
