// `kbeat topics apply`: topics made and changed to be as a file, or kbeat's own table, has them.
#pragma once

#include "cmd_topics.hpp"

namespace kbeat::app {

[[nodiscard]] int run_topics_apply(const TopicsOptions& options, Context& context);

}  // namespace kbeat::app
