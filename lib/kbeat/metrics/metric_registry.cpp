// Families of series, made when they are first asked for.
#include "kbeat/metrics/metric_registry.hpp"

#include <tuple>

namespace kbeat::metrics {
namespace {

FamilySample::Buckets sample_of(const Histogram& histogram) {
  FamilySample::Buckets buckets;
  buckets.bounds.assign(histogram.bounds().begin(), histogram.bounds().end());
  for (std::size_t i = 0; i <= buckets.bounds.size(); ++i) buckets.counts.push_back(histogram.bucket(i));
  buckets.sum = histogram.sum();
  return buckets;
}

double sample_of(const Counter& counter) {
  return static_cast<double>(counter.value());
}

double sample_of(const Gauge& gauge) {
  return gauge.value();
}

}  // namespace

template <typename Kind, typename... Arguments>
Kind& MetricRegistry::find(const std::string& name, const std::string& help, FamilyType type,
                           const Labels& labels, const Arguments&... arguments) {
  const std::lock_guard lock(m_mutex);
  const auto [family, is_new] = m_families.try_emplace(name, Family{help, type, {}});
  if (is_new) m_order.push_back(name);
  auto& series = family->second.series;
  auto found = series.find(labels);
  if (found == series.end()) {
    found = series
                .emplace(std::piecewise_construct, std::forward_as_tuple(labels),
                         std::forward_as_tuple(std::in_place_type<Kind>, arguments...))
                .first;
  }
  return std::get<Kind>(found->second);
}

Counter& MetricRegistry::counter(const std::string& name, const std::string& help, const Labels& labels) {
  return find<Counter>(name, help, FamilyType::counter, labels);
}

Gauge& MetricRegistry::gauge(const std::string& name, const std::string& help, const Labels& labels) {
  return find<Gauge>(name, help, FamilyType::gauge, labels);
}

Gauge& MetricRegistry::untyped(const std::string& name, const std::string& help) {
  return find<Gauge>(name, help, FamilyType::untyped, {});
}

Histogram& MetricRegistry::histogram(const std::string& name, const std::string& help,
                                     std::span<const double> bounds) {
  return find<Histogram>(name, help, FamilyType::histogram, {}, bounds);
}

void MetricRegistry::forget_series(const std::string& name) {
  const std::lock_guard lock(m_mutex);
  const auto family = m_families.find(name);
  if (family == m_families.end()) return;
  std::erase_if(family->second.series, [](const auto& entry) { return !entry.first.empty(); });
}

std::vector<FamilySample> MetricRegistry::collect() const {
  const std::lock_guard lock(m_mutex);
  std::vector<FamilySample> samples;
  for (const std::string& name : m_order) {
    const Family& family = m_families.at(name);
    FamilySample& sample = samples.emplace_back(
        FamilySample{.name = name, .help = family.help, .type = family.type, .series = {}});
    for (const auto& [labels, instrument] : family.series) {
      std::visit(
          [&, &names = labels](const auto& one) {
            sample.series.push_back({.labels = names, .value = sample_of(one)});
          },
          instrument);
    }
  }
  return samples;
}

}  // namespace kbeat::metrics
