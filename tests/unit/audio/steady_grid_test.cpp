// The even grid under a tracker's beats.
#include "kbeat/audio/steady_grid.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

using namespace kbeat::audio;

namespace {

constexpr double k_period = 0.4687, k_phase = 0.21;  // s

/// `count` beats with up to 8 ms of jitter; from `jump` to `back` the tracker sits half a beat late.
std::vector<double> beats(int count, int jump, int back) {
  std::vector<double> out;
  for (int i = 0; i < count; ++i) {
    const double jitter = 0.008 * std::sin(12.9 * i);
    out.push_back(k_phase + i * k_period + jitter + (i >= jump && i < back ? k_period / 2 : 0));
  }
  return out;
}

}  // namespace

TEST_CASE("a grid is found though the tracker spends a third of the track between the beats",
          "[audio][tempo]") {
  const auto tracked = beats(240, 100, 180);
  const SteadyGrid grid = fit_steady_grid(tracked, 0.47);
  CHECK(grid.steady());
  CHECK(grid.period == Approx(k_period).epsilon(1e-4));
  CHECK(std::abs(std::remainder(grid.phase - k_phase, k_period)) < 0.004);
}

TEST_CASE("beats that drift are not laid on a grid", "[audio][tempo]") {
  std::vector<double> tracked;
  double at = 0;
  for (int i = 0; i < 200; ++i) tracked.push_back(at += 0.5 + 0.04 * std::sin(0.05 * i));
  CHECK_FALSE(fit_steady_grid(tracked, 0.5).steady());
}

TEST_CASE("two beats make no grid", "[audio][tempo]") {
  const std::vector<double> tracked = {1.0, 1.5};
  CHECK(fit_steady_grid(tracked, 0.5).coherence == 0);
}
