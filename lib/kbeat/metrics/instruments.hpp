// The three things that are measured: counters, gauges and histograms.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kbeat/base/clock.hpp"

namespace kbeat::metrics {

/// Only ever rises. Any thread.
class Counter {
 public:
  void add(std::uint64_t count = 1) { m_value.fetch_add(count, std::memory_order_relaxed); }
  /// Takes over a total that is counted elsewhere; a smaller one than before is passed over.
  void raise_to(std::uint64_t total);
  [[nodiscard]] std::uint64_t value() const { return m_value.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> m_value{0};
};

/// Any thread.
class Gauge {
 public:
  void set(double value) { m_value.store(value, std::memory_order_relaxed); }
  void add(double difference) { m_value.fetch_add(difference, std::memory_order_relaxed); }
  [[nodiscard]] double value() const { return m_value.load(std::memory_order_relaxed); }

 private:
  std::atomic<double> m_value{0};
};

/// Counts of values by upper bounds. Any thread; a reader may see a value in its bucket a moment before it is
/// part of the sum.
class Histogram {
 public:
  /// `bounds` rise; a bucket beyond the last catches the rest.
  explicit Histogram(std::span<const double> bounds);

  void observe(double value);
  /// In seconds.
  void observe(std::chrono::nanoseconds duration);

  [[nodiscard]] std::span<const double> bounds() const { return m_bounds; }
  /// Values at or below bound `i`, not counting those of lower bounds; `i` equal to the number of bounds is
  /// the rest.
  [[nodiscard]] std::uint64_t bucket(std::size_t i) const;
  [[nodiscard]] double sum() const { return m_sum.load(std::memory_order_relaxed); }

 private:
  std::vector<double> m_bounds;
  std::vector<std::atomic<std::uint64_t>> m_buckets;
  std::atomic<double> m_sum{0};
};

/// Seconds, from half a millisecond to a minute.
[[nodiscard]] std::span<const double> duration_bounds();
/// Numbers of records, from 1 to 10,000.
[[nodiscard]] std::span<const double> size_bounds();

}  // namespace kbeat::metrics
