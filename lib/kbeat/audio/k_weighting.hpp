// The K-weighting of BS.1770-4, run over two channels at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace kbeat::audio {

/// A value of each of two channels.
struct Pair {
  double left = 0, right = 0;
};

/// Its two stages, a shelf and a high pass: from the analogue prototypes that give the recommendation's table
/// at 48 kHz.
///
/// Both stages are second-order sections, and run side by side in the lanes of a vector: while the shelf
/// filters four frames, the high pass filters the four that came from the shelf before.
class KWeighting {
 public:
  /// `sample_rate` in Hz.
  explicit KWeighting(double sample_rate);

  /// Filters the next `count` frames of two channels; returns the sum of what came out, squared.
  Pair sum_of_squares(const float* left, const float* right, std::size_t count);

 private:
  static constexpr std::size_t k_run = 4;  ///< frames that are filtered at once

  /// The shelf's left and right channel, and the high pass's.
  using Stages [[gnu::vector_size(4 * sizeof(double))]] = double;
  using Mask [[gnu::vector_size(4 * sizeof(double))]] = std::int64_t;
  using Run = std::array<Stages, k_run>;

  /// y = b0·x + b1·x₋₁ + b2·x₋₂ − a1·y₋₁ − a2·y₋₂.
  struct Section {
    double b0, b1, b2, a1, a2;
  };
  struct State {
    Stages in_last{}, in_before{}, out_last{}, out_before{};
  };

  KWeighting(const Section& shelf, const Section& high_pass);
  static Section shelf_at(double sample_rate);
  static Section high_pass_at(double sample_rate);

  Stages step(State& state, Stages x) const;
  void step_run(State& state, Run& x) const;
  static void keep(Mask stages, State& state, const State& from);
  static void flush_denormals(State& state);

  Stages m_b0, m_b1, m_b2;
  std::array<Stages, k_run + 1> m_response;       ///< of the poles to one sample, the first of it 1
  std::array<Stages, k_run + 1> m_before_weight;  ///< of y₋₂ in each y from now on, the first unused
  State m_state;
};

}  // namespace kbeat::audio
