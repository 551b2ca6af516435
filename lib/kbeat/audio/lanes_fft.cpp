// The Fourier transform of four real frames at once.
#include "kbeat/audio/lanes_fft.hpp"

#include <cmath>
#include <numbers>

namespace kbeat::audio {

LanesFft::LanesFft(std::size_t size) : m_size(size), m_data(size / 2), m_scratch(size / 2) {
  const auto twiddle = [](std::size_t k, std::size_t n) {
    const double angle = -2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n);
    return Twiddle{static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))};
  };
  for (std::size_t k = 0; k < size / 2; ++k) m_half.push_back(twiddle(k, size / 2));
  for (std::size_t k = 0; k <= size / 2; ++k) m_full.push_back(twiddle(k, size));
}

void LanesFft::radix4_pass(std::size_t length, std::size_t stride) {
  const std::size_t quarter = length / 4;
  const auto rotated = [](Lanes re, Lanes im, Twiddle w) {
    return Complex{re * w.re - im * w.im, re * w.im + im * w.re};
  };
  for (std::size_t p = 0; p < quarter; ++p) {
    const Twiddle w1 = m_half[p * stride], w2 = m_half[2 * p * stride], w3 = m_half[3 * p * stride];
    const Complex* x = &m_data[stride * p];
    Complex* y = &m_scratch[stride * 4 * p];
    for (std::size_t q = 0; q < stride; ++q) {
      const Complex a = x[q], b = x[q + stride * quarter];
      const Complex c = x[q + stride * 2 * quarter], d = x[q + stride * 3 * quarter];
      const Lanes sum_re = a.re + c.re, sum_im = a.im + c.im, dif_re = a.re - c.re, dif_im = a.im - c.im;
      const Lanes odd_re = b.re + d.re, odd_im = b.im + d.im, rot_re = d.im - b.im, rot_im = b.re - d.re;
      y[q] = {sum_re + odd_re, sum_im + odd_im};
      y[q + stride] = rotated(dif_re - rot_re, dif_im - rot_im, w1);
      y[q + 2 * stride] = rotated(sum_re - odd_re, sum_im - odd_im, w2);
      y[q + 3 * stride] = rotated(dif_re + rot_re, dif_im + rot_im, w3);
    }
  }
  m_data.swap(m_scratch);
}

void LanesFft::radix2_pass(std::size_t stride) {
  for (std::size_t q = 0; q < stride; ++q) {
    const Complex a = m_data[q], b = m_data[q + stride];
    m_scratch[q] = {a.re + b.re, a.im + b.im};
    m_scratch[q + stride] = {a.re - b.re, a.im - b.im};
  }
  m_data.swap(m_scratch);
}

void LanesFft::complex_transform() {
  std::size_t length = m_size / 2, stride = 1;
  for (; length >= 4; length /= 4, stride *= 4) radix4_pass(length, stride);
  if (length == 2) radix2_pass(stride);
}

LanesFft::Complex LanesFft::bin(std::size_t k) const {
  const std::size_t half = m_size / 2;
  const Complex& a = m_data[k % half];
  const Complex& b = m_data[(half - k) % half];
  const Lanes even_re = (a.re + b.re) * 0.5F, even_im = (a.im - b.im) * 0.5F;
  const Lanes odd_re = (a.im + b.im) * 0.5F, odd_im = (b.re - a.re) * 0.5F;
  const Twiddle w = m_full[k];
  return {even_re + odd_re * w.re - odd_im * w.im, even_im + odd_re * w.im + odd_im * w.re};
}

void LanesFft::transform(std::span<const Lanes> frames, std::span<Lanes> real, std::span<Lanes> imaginary) {
  for (std::size_t i = 0; i < m_size / 2; ++i) m_data[i] = {frames[2 * i], frames[2 * i + 1]};
  complex_transform();
  for (std::size_t k = 0; k < bins(); ++k) {
    const Complex value = bin(k);
    real[k] = value.re;
    imaginary[k] = value.im;
  }
}

void LanesFft::power(std::span<const Lanes> frames, std::span<Lanes> power) {
  for (std::size_t i = 0; i < m_size / 2; ++i) m_data[i] = {frames[2 * i], frames[2 * i + 1]};
  complex_transform();
  for (std::size_t k = 0; k < bins(); ++k) {
    const Complex value = bin(k);
    power[k] = value.re * value.re + value.im * value.im;
  }
}

}  // namespace kbeat::audio
