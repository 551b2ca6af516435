// How the whole of it is at one moment: brokers, consumers, lag, store, disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "kbeat/store/store.hpp"
#include "kbeat/store/store_figures.hpp"
#include "kbeat/transport/transport.hpp"
#include "kbeat/upkeep/alerts.hpp"

namespace kbeat::upkeep {

struct PartitionLag {
  std::string group;
  TopicPartition partition;
  Offset next;
  Offset end;
  [[nodiscard]] std::int64_t records() const { return std::max<std::int64_t>(end.get() - next.get(), 0); }
};

/// A fault is empty where there is none.
struct VitalSigns {
  std::optional<transport::ClusterInfo> cluster;
  std::string broker_fault;
  std::vector<store::RuntimeState> consumers;
  std::optional<store::StoreFigures> figures;  ///< nothing while there is no store
  std::string store_fault;
  std::optional<std::vector<PartitionLag>> lags;  ///< nothing when the ends could not be asked for
  std::uintmax_t disk_free = 0;
  std::uintmax_t disk_size = 0;
  std::optional<std::string> registry_fault;  ///< of the schema registry; nothing when it was not asked
};

struct VitalOptions {
  std::filesystem::path data_dir;
  Milliseconds timeout{3000};  ///< for all questions together
  /// Whose lag counts; empty: that of the groups with running consumers.
  std::string group;
  std::string registry_url{};  ///< of a schema registry to ask; empty: none
};

/// Over which time dead letters count as growth.
inline constexpr Milliseconds k_growth_window{5 * 60'000};

/// Asks `transport` (which may be nothing), the store, the disk and the schema registry. Throws nothing but
/// what is no answer: a configuration that cannot work.
[[nodiscard]] VitalSigns take_vital_signs(transport::Transport* transport, const VitalOptions& options,
                                          WallTime now);

/// Of all partitions together; nothing where it is not known.
[[nodiscard]] std::optional<std::int64_t> total_lag(const VitalSigns& signs);
/// Those that the signs tell of.
[[nodiscard]] Measures measures_of(const VitalSigns& signs);

}  // namespace kbeat::upkeep
