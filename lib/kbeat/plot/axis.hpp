// Where the ticks of an axis lie and what is written beside them.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace kbeat::plot {

struct Tick {
  double value = 0;
  std::string label;
};

/// Round times of `start` to `start + seconds`, at most about `most`; whole minutes are written 1:00.
[[nodiscard]] std::vector<Tick> time_ticks(double start, double seconds, int most);

/// A scale of values from the bottom (0) to the top (1) of a panel.
struct Axis {
  std::string name;  ///< with its unit
  std::vector<Tick> ticks;
  std::function<double(double value)> height;
};

[[nodiscard]] Axis linear_axis(std::string name, double lowest, double highest,
                               const std::vector<double>& ticks);
[[nodiscard]] Axis logarithmic_axis(std::string name, double lowest, double highest,
                                    const std::vector<double>& ticks);
/// A tick in the middle of each of `labels`' equal parts.
[[nodiscard]] Axis named_axis(std::string name, const std::vector<std::string>& labels);

}  // namespace kbeat::plot
