// Counting without locks.
#include "kbeat/metrics/instruments.hpp"

#include <algorithm>
#include <array>

namespace kbeat::metrics {

void Counter::raise_to(std::uint64_t total) {
  std::uint64_t present = value();
  while (total > present && !m_value.compare_exchange_weak(present, total, std::memory_order_relaxed)) {
  }
}

Histogram::Histogram(std::span<const double> bounds)
    : m_bounds(bounds.begin(), bounds.end()), m_buckets(bounds.size() + 1) {}

void Histogram::observe(double value) {
  const auto bound = std::lower_bound(m_bounds.begin(), m_bounds.end(), value);
  m_buckets[static_cast<std::size_t>(bound - m_bounds.begin())].fetch_add(1, std::memory_order_relaxed);
  m_sum.fetch_add(value, std::memory_order_relaxed);
}

void Histogram::observe(std::chrono::nanoseconds duration) {
  observe(std::chrono::duration<double>(duration).count());
}

std::uint64_t Histogram::bucket(std::size_t i) const {
  return m_buckets[i].load(std::memory_order_relaxed);
}

std::span<const double> duration_bounds() {
  static constexpr std::array k_bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                       0.25,   0.5,   1.0,    2.5,   5.0,  10.0,  30.0, 60.0};
  return k_bounds;
}

std::span<const double> size_bounds() {
  static constexpr std::array k_bounds{1.0,   2.0,   5.0,    10.0,   25.0,   50.0,   100.0,
                                       250.0, 500.0, 1000.0, 2500.0, 5000.0, 10000.0};
  return k_bounds;
}

}  // namespace kbeat::metrics
