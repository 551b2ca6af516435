// Asking everyone in turn, so that one who does not answer hides no other.
#include "kbeat/upkeep/vital_signs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <system_error>

#include "kbeat/base/error.hpp"
#include "kbeat/net/http_client.hpp"
#include "kbeat/net/redact_url.hpp"

namespace kbeat::upkeep {
namespace {

void look_into_store(const VitalOptions& options, WallTime now, VitalSigns& signs) {
  std::error_code failure;
  const auto kind = std::filesystem::symlink_status(options.data_dir / "store.db", failure).type();
  if (kind == std::filesystem::file_type::not_found) return;
  try {
    signs.figures = store::read_figures(options.data_dir, now - k_growth_window);
    signs.consumers = store::open_store(options.data_dir, store::OpenMode::read_only)->runtime().read();
  } catch (const Error& error) {
    signs.store_fault = error.what();
  }
}

void look_at_disk(const VitalOptions& options, VitalSigns& signs) {
  std::filesystem::path folder = options.data_dir;
  std::error_code failure;
  while (!std::filesystem::exists(folder, failure) && folder.has_relative_path())
    folder = folder.parent_path();
  const std::filesystem::space_info space = std::filesystem::space(folder, failure);
  if (failure) return;
  signs.disk_free = space.available;
  signs.disk_size = space.capacity;
}

/// Where the groups of interest stand in this cluster.
std::vector<store::GroupProgress> progress_of_interest(const VitalOptions& options, const VitalSigns& signs) {
  std::set<std::string> groups;
  if (!options.group.empty()) groups.insert(options.group);
  if (options.group.empty()) {
    for (const store::RuntimeState& consumer : signs.consumers) groups.insert(consumer.group);
  }
  std::vector<store::GroupProgress> wanted;
  for (const store::GroupProgress& progress : signs.figures->progress) {
    if (progress.cluster == signs.cluster->id && groups.contains(progress.group)) wanted.push_back(progress);
  }
  return wanted;
}

bool is_there(const transport::ClusterInfo& cluster, const TopicPartition& partition) {
  const auto topic = std::find_if(cluster.topics.begin(), cluster.topics.end(),
                                  [&](const auto& one) { return one.topic == partition.topic; });
  return topic != cluster.topics.end() &&
         static_cast<std::size_t>(partition.partition.get()) < topic->partitions.size();
}

/// What is left of the time for all questions, but never nothing: a late answer is told, not made up.
class Patience {
 public:
  explicit Patience(Milliseconds whole) : m_end(steady_now() + whole) {}
  [[nodiscard]] Milliseconds left() const {
    constexpr Milliseconds k_least{50};
    return std::max(left_until(m_end), k_least);
  }

 private:
  SteadyTime m_end;
};

/// Any answer of the protocol's is one: a registry that wants a login runs too.
void look_at_registry(const VitalOptions& options, VitalSigns& signs) {
  const std::string& url = options.registry_url;
  const auto client = net::open_http_client({.private_addresses = net::Allowed::yes});
  const net::HttpResult result =
      client->call({.method = "GET",
                    .url = url + (url.ends_with('/') ? "" : "/") + "config",
                    .headers = {},
                    .body = {},
                    .deadline = std::chrono::steady_clock::now() + options.timeout / 3,
                    .stop = {}});
  signs.registry_fault.emplace();
  if (const auto* failure = std::get_if<net::FetchFailure>(&result)) {
    signs.registry_fault = failure->error.what();
    return;
  }
  constexpr long k_server_fault = 500;
  const long status = std::get<net::HttpAnswer>(result).status;
  if (status >= k_server_fault)
    signs.registry_fault = fmt::format("{} answers {}", net::redact_url(url), status);
}

void look_at_lag(transport::Transport& transport, const VitalOptions& options, const Patience& patience,
                 VitalSigns& signs) {
  if (!signs.cluster || !signs.figures) return;
  std::vector<store::GroupProgress> progress = progress_of_interest(options, signs);
  std::erase_if(progress, [&](const auto& one) { return !is_there(*signs.cluster, one.partition); });
  std::vector<TopicPartition> partitions;
  for (const store::GroupProgress& one : progress) partitions.push_back(one.partition);
  const auto ends =
      transport.make_offset_admin(patience.left())->offsets(partitions, transport::LogEnd::last_stable);
  signs.lags.emplace();
  for (std::size_t i = 0; i < progress.size(); ++i) {
    signs.lags->push_back({progress[i].group, progress[i].partition, progress[i].next, ends[i]});
  }
}

}  // namespace

VitalSigns take_vital_signs(transport::Transport* transport, const VitalOptions& options, WallTime now) {
  VitalSigns signs;
  const Patience patience(options.timeout);
  look_into_store(options, now, signs);
  look_at_disk(options, signs);
  if (!options.registry_url.empty()) look_at_registry(options, signs);
  if (transport == nullptr) return signs;
  try {
    signs.cluster = transport->make_topic_admin(patience.left())->cluster();
    look_at_lag(*transport, options, patience, signs);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::configuration) throw;
    signs.broker_fault = error.what();
  }
  return signs;
}

std::optional<std::int64_t> total_lag(const VitalSigns& signs) {
  if (!signs.lags) return std::nullopt;
  std::int64_t total = 0;
  for (const PartitionLag& lag : *signs.lags) total += lag.records();
  return total;
}

Measures measures_of(const VitalSigns& signs) {
  Measures measures;
  if (const auto lag = total_lag(signs)) measures.lag = static_cast<double>(*lag);
  if (signs.figures) measures.dlq_growth = static_cast<double>(signs.figures->recent_dead_letters);
  if (signs.disk_size > 0)
    measures.disk = static_cast<double>(signs.disk_free) / static_cast<double>(signs.disk_size);
  return measures;
}

}  // namespace kbeat::upkeep
