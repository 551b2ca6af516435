// Four floats computed at once: one sample of each of four frames.
#pragma once

#include <cstddef>
#include <cstring>

namespace kbeat::audio {

inline constexpr std::size_t k_lanes = 4;

/// A value per frame of a batch of four; arithmetic works lane by lane.
struct Lanes {
  using Vector [[gnu::vector_size(16)]] = float;
  Vector v{};

  [[nodiscard]] static Lanes load(const float* four) {
    Lanes out;
    std::memcpy(&out.v, four, sizeof out.v);
    return out;
  }
  [[nodiscard]] float operator[](std::size_t lane) const { return v[lane]; }
  void set(std::size_t lane, float value) { v[lane] = value; }

  friend Lanes operator+(Lanes a, Lanes b) { return {a.v + b.v}; }
  friend Lanes operator-(Lanes a, Lanes b) { return {a.v - b.v}; }
  friend Lanes operator*(Lanes a, Lanes b) { return {a.v * b.v}; }
  friend Lanes operator*(Lanes a, float b) { return {a.v * b}; }
  Lanes& operator+=(Lanes other) {
    v += other.v;
    return *this;
  }
};

/// The binary logarithm of positive normal numbers, to 2e-5.
[[nodiscard]] Lanes log2(Lanes x);

}  // namespace kbeat::audio
