// Four floats computed at once: one sample of each of four frames.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace kbeat::audio {

inline constexpr std::size_t k_lanes = 4;

/// A value per frame of a batch of four; arithmetic works lane by lane.
struct Lanes {
  using Vector [[gnu::vector_size(16)]] = float;
  using Mask [[gnu::vector_size(16)]] = std::int32_t;  ///< all bits of a lane, or none
  Vector v{};

  [[nodiscard]] static Lanes load(const float* four) {
    Lanes out;
    std::memcpy(&out.v, four, sizeof out.v);
    return out;
  }
  void store(float* four) const { std::memcpy(four, &v, sizeof v); }
  [[nodiscard]] float operator[](std::size_t lane) const { return v[lane]; }
  void set(std::size_t lane, float value) { v[lane] = value; }

  friend Lanes operator+(Lanes a, Lanes b) { return {a.v + b.v}; }
  friend Lanes operator-(Lanes a, Lanes b) { return {a.v - b.v}; }
  friend Lanes operator*(Lanes a, Lanes b) { return {a.v * b.v}; }
  friend Lanes operator*(Lanes a, float b) { return {a.v * b}; }
  friend Lanes operator+(Lanes a, float b) { return {a.v + b}; }
  friend Lanes operator-(Lanes a, float b) { return {a.v - b}; }
  friend Mask operator>(Lanes a, Lanes b) { return a.v > b.v; }
  Lanes& operator+=(Lanes other) {
    v += other.v;
    return *this;
  }
};

/// `a` where the mask is set, else `b`.
[[nodiscard]] inline Lanes choose(Lanes::Mask mask, Lanes a, Lanes b) {
  return {mask ? a.v : b.v};
}

[[nodiscard]] inline Lanes max(Lanes a, Lanes b) {
  return {a.v > b.v ? a.v : b.v};
}

[[nodiscard]] inline Lanes min(Lanes a, Lanes b) {
  return {a.v < b.v ? a.v : b.v};
}

[[nodiscard]] inline Lanes sqrt(Lanes x) {
  Lanes out;
  for (std::size_t lane = 0; lane < k_lanes; ++lane) out.set(lane, std::sqrt(x[lane]));
  return out;
}

[[nodiscard]] inline double total(Lanes lanes) {
  return static_cast<double>(lanes[0]) + static_cast<double>(lanes[1]) + static_cast<double>(lanes[2]) +
         static_cast<double>(lanes[3]);
}

[[nodiscard]] inline float largest(Lanes lanes) {
  const float ab = lanes[0] > lanes[1] ? lanes[0] : lanes[1], cd = lanes[2] > lanes[3] ? lanes[2] : lanes[3];
  return ab > cd ? ab : cd;
}

/// Rows become columns.
inline void transpose(std::array<Lanes, k_lanes>& rows) {
  const auto low = [](Lanes a, Lanes b) { return __builtin_shufflevector(a.v, b.v, 0, 4, 1, 5); };
  const auto high = [](Lanes a, Lanes b) { return __builtin_shufflevector(a.v, b.v, 2, 6, 3, 7); };
  const Lanes ac_low{low(rows[0], rows[2])}, bd_low{low(rows[1], rows[3])};
  const Lanes ac_high{high(rows[0], rows[2])}, bd_high{high(rows[1], rows[3])};
  rows = {Lanes{low(ac_low, bd_low)}, Lanes{high(ac_low, bd_low)}, Lanes{low(ac_high, bd_high)},
          Lanes{high(ac_high, bd_high)}};
}

/// The binary logarithm of positive normal numbers, to 2e-5.
[[nodiscard]] Lanes log2(Lanes x);

}  // namespace kbeat::audio
