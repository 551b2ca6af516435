// Where the ticks of an axis lie and what is written beside them.
#include "kbeat/plot/axis.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

namespace kbeat::plot {
namespace {

std::string time_label(double seconds, double step) {
  if (step < 1) return fmt::format("{:.1f}", seconds);
  const auto whole = static_cast<long>(std::lround(seconds));
  if (step < 60 && whole < 60) return fmt::format("{}", whole);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

std::vector<Tick> labelled(const std::vector<double>& values) {
  std::vector<Tick> ticks;
  for (const double value : values) {
    ticks.push_back({value, value >= 1000 ? fmt::format("{:g}k", value / 1000) : fmt::format("{:g}", value)});
  }
  return ticks;
}

}  // namespace

std::vector<Tick> time_ticks(double start, double seconds, int most) {
  constexpr std::array k_steps{0.1,  0.2,  0.5,   1.0,   2.0,   5.0,    10.0,  15.0,
                               30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 3600.0};
  double step = k_steps.back();
  for (std::size_t i = k_steps.size(); i-- > 0;) {
    if (seconds / k_steps[i] <= most) step = k_steps[i];
  }
  std::vector<Tick> ticks;
  for (auto i = static_cast<long>(std::ceil(start / step)); static_cast<double>(i) * step <= start + seconds;
       ++i) {
    const double value = static_cast<double>(i) * step;
    ticks.push_back({value, time_label(value, step)});
  }
  return ticks;
}

Axis linear_axis(std::string name, double lowest, double highest, const std::vector<double>& ticks) {
  return {std::move(name), labelled(ticks),
          [=](double value) { return (value - lowest) / (highest - lowest); }};
}

Axis logarithmic_axis(std::string name, double lowest, double highest, const std::vector<double>& ticks) {
  return {std::move(name), labelled(ticks),
          [=](double value) { return std::log(value / lowest) / std::log(highest / lowest); }};
}

Axis named_axis(std::string name, const std::vector<std::string>& labels) {
  Axis axis{std::move(name), {}, [count = static_cast<double>(labels.size())](double value) {
              return (value + 0.5) / count;
            }};
  for (std::size_t i = 0; i < labels.size(); ++i) axis.ticks.push_back({static_cast<double>(i), labels[i]});
  return axis;
}

}  // namespace kbeat::plot
