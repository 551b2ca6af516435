// One look, with an end to the time that it takes.
#include "health_look.hpp"

#include <filesystem>

#include "kbeat/base/error.hpp"
#include "kbeat/sqlite/sqlite_facts.hpp"
#include "kbeat/sqlite/time_limit.hpp"
#include "kbeat/store/store_schema.hpp"
#include "kbeat/transport/kafka/kafka_facts.hpp"

namespace kbeat::app {
namespace {

/// With what a start and an end take on a busy machine, three seconds in all.
constexpr Milliseconds k_look_timeout{2500};

/// A file beyond this takes longer to read through than a probe waits.
constexpr std::uintmax_t k_most_to_read_through = 512u << 20;

bool needs_broker(const Context& context) {
  return context.settings().transport.choice == config::TransportChoice::kafka;
}

/// Nothing for a store that could not be read through in time.
std::vector<store::CheckResult> look_through_store(const Context& context, SteadyTime end,
                                                   std::string& fault) {
  const std::filesystem::path& data_dir = context.settings().transport.data_dir;
  std::error_code failure;
  const std::uintmax_t size = std::filesystem::file_size(store::store_file(data_dir), failure);
  if (failure || size > k_most_to_read_through) return {};
  try {
    const auto database = store::open_store_file(data_dir, store::OpenMode::read_only);
    const sqlite::TimeLimit in_time(*database, end);
    return store::check_store(*database);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::timed_out) fault = error.what();
    return {};
  }
}

}  // namespace

std::vector<LibraryFacts> libraries() {
  return {transport::kafka_facts(), sqlite::sqlite_facts()};
}

std::unique_ptr<transport::Transport> transport_to_ask(const Context& context, upkeep::HealthDepth depth) {
  if (depth == upkeep::HealthDepth::live) return nullptr;
  const bool has_log = std::filesystem::exists(context.settings().transport.data_dir / "log.db");
  const bool asks_log = depth == upkeep::HealthDepth::deep && has_log;
  return needs_broker(context) || asks_log ? connect_transport(context) : nullptr;
}

upkeep::HealthReport look(const Context& context, transport::Transport* transport,
                          upkeep::HealthDepth depth) {
  const Milliseconds timeout = context.settings().timeout.value_or(k_look_timeout);
  const SteadyTime end = context.clock.steady() + timeout;
  std::string fault;
  std::vector<store::CheckResult> problems;
  // The store first, and within half of the time: a broker that does not answer takes all that is left.
  if (depth == upkeep::HealthDepth::deep) problems = look_through_store(context, end - timeout / 2, fault);
  const bool asks_registry = depth == upkeep::HealthDepth::ready || depth == upkeep::HealthDepth::deep;
  const upkeep::VitalOptions options{
      .data_dir = context.settings().transport.data_dir,
      .timeout = std::chrono::duration_cast<Milliseconds>(end - context.clock.steady()),
      .group = {},
      .registry_url = asks_registry ? context.settings().schema_registry_url : ""};
  const WallTime now = context.clock.now();
  upkeep::VitalSigns signs = upkeep::take_vital_signs(transport, options, now);
  if (signs.store_fault.empty()) signs.store_fault = fault;
  return upkeep::judge_health(std::move(signs),
                              {.depth = depth,
                               .needs_broker = needs_broker(context),
                               .limits = context.settings().alerts,
                               .now = now,
                               .libraries = libraries()},
                              problems);
}

}  // namespace kbeat::app
