// Four or eight floats computed at once: one sample of each of so many frames.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace kbeat::audio {

// As many as the registers of the processor that this is built for hold. No result depends on it; the two
// builds are kept apart by name, since both may be loaded into one process.
#ifdef __AVX2__
inline namespace eight_lanes {
inline constexpr std::size_t k_lanes = 8;
#else
inline namespace four_lanes {
inline constexpr std::size_t k_lanes = 4;
#endif

/// A value per frame of a batch; arithmetic works lane by lane.
struct Lanes {
  using Vector [[gnu::vector_size(4 * k_lanes)]] = float;
  using Mask [[gnu::vector_size(4 * k_lanes)]] = std::int32_t;  ///< all bits of a lane, or none
  Vector v{};

  [[nodiscard]] static Lanes load(const float* values) {
    Lanes out;
    std::memcpy(&out.v, values, sizeof out.v);
    return out;
  }
  void store(float* values) const { std::memcpy(values, &v, sizeof v); }
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

[[nodiscard]] inline float largest(Lanes lanes) {
  float most = lanes[0];
  for (std::size_t lane = 1; lane < k_lanes; ++lane) most = lanes[lane] > most ? lanes[lane] : most;
  return most;
}

/// Rows become columns.
inline void transpose(std::array<Lanes, k_lanes>& rows) {
  using Vector = Lanes::Vector;
  // Values change places across the diagonal of each square of so many rows.
  const auto swap_squares = [&rows](std::size_t side, auto upper, auto lower) {
    const std::array<Lanes, k_lanes> in = rows;
    for (std::size_t i = 0; i < k_lanes; ++i) {
      if ((i & side) != 0) continue;
      rows[i].v = upper(in[i].v, in[i + side].v);
      rows[i + side].v = lower(in[i].v, in[i + side].v);
    }
  };
#ifdef __AVX2__
  swap_squares(
      1, [](Vector a, Vector b) { return __builtin_shufflevector(a, b, 0, 8, 2, 10, 4, 12, 6, 14); },
      [](Vector a, Vector b) { return __builtin_shufflevector(a, b, 1, 9, 3, 11, 5, 13, 7, 15); });
  swap_squares(
      2, [](Vector a, Vector b) { return __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13); },
      [](Vector a, Vector b) { return __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15); });
  swap_squares(
      4, [](Vector a, Vector b) { return __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11); },
      [](Vector a, Vector b) { return __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15); });
#else
  swap_squares(
      1, [](Vector a, Vector b) { return __builtin_shufflevector(a, b, 0, 4, 2, 6); },
      [](Vector a, Vector b) { return __builtin_shufflevector(a, b, 1, 5, 3, 7); });
  swap_squares(
      2, [](Vector a, Vector b) { return __builtin_shufflevector(a, b, 0, 1, 4, 5); },
      [](Vector a, Vector b) { return __builtin_shufflevector(a, b, 2, 3, 6, 7); });
#endif
}

/// A value for each lane from the frame so many before it: for the first lanes from the last of the batch
/// before.
[[nodiscard]] inline Lanes delayed(Lanes before, Lanes now, std::size_t frames) {
  std::array<float, 2 * k_lanes> both;
  before.store(both.data());
  now.store(both.data() + k_lanes);
  return Lanes::load(both.data() + k_lanes - frames);
}

/// Eight sums, each of every eighth value: they come out the same whatever the number of lanes.
class EightSums {
 public:
  static constexpr std::size_t k_step = 8;

  void add(const float* eight) {
    for (std::size_t part = 0; part < m_parts.size(); ++part)
      m_parts[part] += Lanes::load(eight + part * k_lanes);
  }
  void add_products(const float* eight, const float* others) {
    for (std::size_t part = 0; part < m_parts.size(); ++part)
      m_parts[part] += Lanes::load(eight + part * k_lanes) * Lanes::load(others + part * k_lanes);
  }
  void add_squares(const float* eight) { add_products(eight, eight); }

  [[nodiscard]] double total() const {
    double sum = 0;
    for (const Lanes& part : m_parts)
      for (std::size_t lane = 0; lane < k_lanes; ++lane) sum += static_cast<double>(part[lane]);
    return sum;
  }

 private:
  std::array<Lanes, k_step / k_lanes> m_parts{};
};

/// The binary logarithm of positive normal numbers, to 2e-5.
[[nodiscard]] inline Lanes log2(Lanes x) {
  using Bits [[gnu::vector_size(4 * k_lanes)]] = std::int32_t;
  Bits bits;
  std::memcpy(&bits, &x.v, sizeof bits);
  // The mantissa is brought to [√½, √2), where the series in (m-1)/(m+1) is short.
  constexpr std::int32_t k_root_half = 0x3F3504F3;
  const Bits exponent = (bits - k_root_half) >> 23;
  const Bits mantissa_bits = bits - (exponent << 23);
  Lanes mantissa;
  std::memcpy(&mantissa.v, &mantissa_bits, sizeof mantissa_bits);
  const Lanes::Vector s = (mantissa.v - 1.0F) / (mantissa.v + 1.0F), s2 = s * s;
  // 2/ln 2 · (s + s³/3 + s⁵/5 + s⁷/7)
  const Lanes::Vector series = s * (2.885390F + s2 * (0.9617967F + s2 * (0.5770780F + s2 * 0.4121986F)));
  return {__builtin_convertvector(exponent, Lanes::Vector) + series};
}

}  // namespace eight_lanes or four_lanes
}  // namespace kbeat::audio
