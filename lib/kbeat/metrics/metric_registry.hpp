// Every metric of a process by name, for the exporters.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "kbeat/metrics/instruments.hpp"

namespace kbeat::metrics {

/// What Prometheus is told of a family. Some gauges have names that its checker takes for parts of a
/// histogram; they go without a type.
enum class FamilyType { counter, gauge, untyped, histogram };

/// Names and values, in the order in which they are written.
using Labels = std::vector<std::pair<std::string, std::string>>;

/// A family at one moment.
struct FamilySample {
  struct Buckets {
    std::vector<double> bounds;
    std::vector<std::uint64_t> counts;  ///< one more than bounds, not cumulative
    double sum = 0;
  };
  struct Series {
    Labels labels;
    std::variant<double, Buckets> value;
  };
  std::string name;
  std::string help;
  FamilyType type = FamilyType::gauge;
  std::vector<Series> series;
};

/// Any thread. What it returns lives as long as the registry; asked again for the same name and labels it
/// returns the same. Help and type are those of the first who asked.
class MetricRegistry {
 public:
  Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge& untyped(const std::string& name, const std::string& help);
  Histogram& histogram(const std::string& name, const std::string& help, std::span<const double> bounds);

  /// Drops the family's series with labels, so that partitions that are gone are not shown for ever.
  void forget_series(const std::string& name);

  /// In the order of registration.
  [[nodiscard]] std::vector<FamilySample> collect() const;

 private:
  using Instrument = std::variant<Counter, Gauge, Histogram>;
  struct Family {
    std::string help;
    FamilyType type;
    std::map<Labels, Instrument> series;
  };

  template <typename Kind, typename... Arguments>
  Kind& find(const std::string& name, const std::string& help, FamilyType type, const Labels& labels,
             const Arguments&... arguments);

  mutable std::mutex m_mutex;
  std::map<std::string, Family> m_families;
  std::vector<std::string> m_order;
};

}  // namespace kbeat::metrics
