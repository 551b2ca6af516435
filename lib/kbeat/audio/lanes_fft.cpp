// The Fourier transform of a batch of real frames at once.
#include "kbeat/audio/lanes_fft.hpp"

#include <cmath>
#include <numbers>

namespace kbeat::audio {

LanesFft::LanesFft(std::size_t size) : m_size(size), m_data(size), m_scratch(size) {
  const auto twiddle = [](std::size_t k, std::size_t n) {
    const double angle = -2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n);
    return Twiddle{static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
  };
  for (std::size_t k = 0; k < size / 2; ++k) m_half.push_back(twiddle(k, size / 2));
  for (std::size_t k = 0; k <= size / 2; ++k) m_full.push_back(twiddle(k, size));
}

void LanesFft::radix4_pass(std::size_t length, std::size_t stride) {
  const std::size_t quarter = length / 4;
  const auto put = [](Lanes* at, Lanes re, Lanes im, Twiddle w) {
    at[0] = re * w.re - im * w.im;
    at[1] = re * w.im + im * w.re;
  };
  for (std::size_t p = 0; p < quarter; ++p) {
    const Twiddle w1 = m_half[p * stride], w2 = m_half[2 * p * stride], w3 = m_half[3 * p * stride];
    const Lanes* x = &m_data[2 * stride * p];
    Lanes* y = &m_scratch[2 * stride * 4 * p];
    const std::size_t from = 2 * stride * quarter, to = 2 * stride;
    for (std::size_t q = 0; q < to; q += 2, x += 2, y += 2) {
      const Lanes sum_re = x[0] + x[2 * from], sum_im = x[1] + x[2 * from + 1];
      const Lanes dif_re = x[0] - x[2 * from], dif_im = x[1] - x[2 * from + 1];
      const Lanes odd_re = x[from] + x[3 * from], odd_im = x[from + 1] + x[3 * from + 1];
      const Lanes rot_re = x[3 * from + 1] - x[from + 1], rot_im = x[from] - x[3 * from];
      y[0] = sum_re + odd_re;
      y[1] = sum_im + odd_im;
      put(y + to, dif_re - rot_re, dif_im - rot_im, w1);
      put(y + 2 * to, sum_re - odd_re, sum_im - odd_im, w2);
      put(y + 3 * to, dif_re + rot_re, dif_im + rot_im, w3);
    }
  }
  m_data.swap(m_scratch);
}

/// Four values are left in each sequence, and nothing is turned any more.
void LanesFft::last_radix4_pass(std::size_t stride) {
  const std::size_t step = 2 * stride;
  for (std::size_t q = 0; q < step; q += 2) {
    const Lanes* x = &m_data[q];
    Lanes* y = &m_scratch[q];
    const Lanes sum_re = x[0] + x[2 * step], sum_im = x[1] + x[2 * step + 1];
    const Lanes dif_re = x[0] - x[2 * step], dif_im = x[1] - x[2 * step + 1];
    const Lanes odd_re = x[step] + x[3 * step], odd_im = x[step + 1] + x[3 * step + 1];
    const Lanes rot_re = x[3 * step + 1] - x[step + 1], rot_im = x[step] - x[3 * step];
    y[0] = sum_re + odd_re;
    y[1] = sum_im + odd_im;
    y[step] = dif_re - rot_re;
    y[step + 1] = dif_im - rot_im;
    y[2 * step] = sum_re - odd_re;
    y[2 * step + 1] = sum_im - odd_im;
    y[3 * step] = dif_re + rot_re;
    y[3 * step + 1] = dif_im + rot_im;
  }
  m_data.swap(m_scratch);
}

void LanesFft::radix2_pass(std::size_t stride) {
  for (std::size_t q = 0; q < 2 * stride; ++q) {
    const Lanes a = m_data[q], b = m_data[q + 2 * stride];
    m_scratch[q] = a + b;
    m_scratch[q + 2 * stride] = a - b;
  }
  m_data.swap(m_scratch);
}

void LanesFft::complex_transform() {
  std::size_t length = m_size / 2, stride = 1;
  for (; length > 4; length /= 4, stride *= 4) radix4_pass(length, stride);
  if (length == 4) last_radix4_pass(stride);
  if (length == 2) radix2_pass(stride);
}

std::pair<LanesFft::Complex, LanesFft::Complex> LanesFft::halves(std::size_t k) const {
  const Complex a = value(k), b = value(m_size / 2 - k);
  const Lanes odd_re = a.im + b.im, odd_im = b.re - a.re;
  const Twiddle w = m_full[k];
  return {{a.re + b.re, a.im - b.im}, {odd_re * w.re - odd_im * w.im, odd_re * w.im + odd_im * w.re}};
}

void LanesFft::transform(std::span<Lanes> real, std::span<Lanes> imaginary) {
  complex_transform();
  const std::size_t half = m_size / 2;
  real[0] = value(0).re + value(0).im;
  real[half] = value(0).re - value(0).im;
  imaginary[0] = imaginary[half] = {};
  for (std::size_t k = 1; k <= half / 2; ++k) {
    const auto [even, odd] = halves(k);
    real[k] = (even.re + odd.re) * 0.5F;
    imaginary[k] = (even.im + odd.im) * 0.5F;
    real[half - k] = (even.re - odd.re) * 0.5F;
    imaginary[half - k] = (odd.im - even.im) * 0.5F;
  }
}

void LanesFft::power(std::span<Lanes> power) {
  complex_transform();
  const std::size_t half = m_size / 2;
  const auto square = [](Lanes re, Lanes im) { return re * re + im * im; };
  power[0] = square(value(0).re + value(0).im, {});
  power[half] = square(value(0).re - value(0).im, {});
  for (std::size_t k = 1; k <= half / 2; ++k) {
    const auto [even, odd] = halves(k);
    power[k] = square(even.re + odd.re, even.im + odd.im) * 0.25F;
    power[half - k] = square(even.re - odd.re, even.im - odd.im) * 0.25F;
  }
}

}  // namespace kbeat::audio
