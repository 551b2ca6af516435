// Sample levels of the file as it is: peak, RMS, offset, clipping, silence at the ends, stereo.
#include "kbeat/audio/levels.hpp"

#include <algorithm>
#include <cmath>

#include "kbeat/audio/float_lanes.hpp"

namespace kbeat::audio {
namespace {

constexpr double k_full_scale_16 = 32767.0 / 32768, k_rounding = 1e-6;
constexpr int k_clipped_run = 3;       // samples
constexpr float k_silence = 0.001F;    // -60 dBFS
constexpr std::size_t k_stretch = 64;  // short enough for float sums, which are then added as doubles

struct StretchSums {
  double sum = 0, squares = 0;
  float peak = 0;
};

StretchSums sums_of(const float* samples, std::size_t count) {
  EightSums sum, squares;
  Lanes highest, lowest;
  std::size_t i = 0;
  for (; i + EightSums::k_step <= count; i += EightSums::k_step) {
    sum.add(samples + i);
    squares.add_squares(samples + i);
    for (std::size_t k = 0; k < EightSums::k_step; k += k_lanes) {
      const Lanes x = Lanes::load(samples + i + k);
      highest = max(highest, x);
      lowest = max(lowest, x * -1.0F);
    }
  }
  StretchSums out{sum.total(), squares.total(), largest(max(highest, lowest))};
  for (; i < count; ++i) {
    out.sum += static_cast<double>(samples[i]);
    out.squares += static_cast<double>(samples[i]) * static_cast<double>(samples[i]);
    out.peak = std::max(out.peak, std::abs(samples[i]));
  }
  return out;
}

}  // namespace

LevelMeter::LevelMeter(std::size_t channels, double full_scale)
    : m_channels(channels),
      m_full_scale(static_cast<float>(std::min(full_scale, k_full_scale_16) - k_rounding)) {}

void LevelMeter::count_clipping(Channel& channel, const float* samples, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    channel.run = std::abs(samples[i]) >= m_full_scale ? channel.run + 1 : 0;
    if (channel.run == k_clipped_run) ++m_clipped_runs;
  }
}

void LevelMeter::mark_sound(const float* samples, std::size_t first, std::size_t count) {
  const auto loud = [](float x) { return std::abs(x) > k_silence; };
  const auto* end = samples + count;
  const auto offset = static_cast<std::uint64_t>(std::find_if(samples, end, loud) - samples);
  m_first_sound = std::min(m_first_sound, m_frames + first + offset);
  for (std::size_t i = count; i-- > 0;) {
    if (!loud(samples[i])) continue;
    m_last_sound = std::max(m_last_sound, m_frames + first + i);
    return;
  }
}

void LevelMeter::measure(Channel& channel, const std::vector<float>& samples) {
  for (std::size_t first = 0; first < samples.size(); first += k_stretch) {
    const std::size_t count = std::min(k_stretch, samples.size() - first);
    const StretchSums sums = sums_of(&samples[first], count);
    channel.sum += sums.sum;
    channel.sum_of_squares += sums.squares;
    channel.peak = std::max(channel.peak, sums.peak);
    if (sums.peak >= m_full_scale || channel.run > 0) count_clipping(channel, &samples[first], count);
    if (sums.peak > k_silence) mark_sound(&samples[first], first, count);
  }
}

void LevelMeter::correlate(const std::vector<float>& left, const std::vector<float>& right) {
  for (std::size_t first = 0; first < left.size(); first += k_stretch) {
    const std::size_t end = std::min(first + k_stretch, left.size());
    EightSums cross;
    std::size_t i = first;
    for (; i + EightSums::k_step <= end; i += EightSums::k_step) cross.add_products(&left[i], &right[i]);
    m_cross += cross.total();
    for (; i < end; ++i) m_cross += static_cast<double>(left[i]) * static_cast<double>(right[i]);
  }
}

void LevelMeter::write(const Planar& block) {
  for (std::size_t c = 0; c < block.size(); ++c) measure(m_channels[c], block[c]);
  if (block.size() >= 2) correlate(block[0], block[1]);
  m_frames += block.front().size();
}

Levels LevelMeter::levels() const {
  Levels out;
  out.clipped_runs = m_clipped_runs;
  if (m_frames == 0) return out;
  const auto frames = static_cast<double>(m_frames);
  for (const Channel& channel : m_channels) {
    out.peak = std::max(out.peak, static_cast<double>(channel.peak));
    out.mean_square += channel.sum_of_squares / frames / static_cast<double>(m_channels.size());
    if (std::abs(channel.sum / frames) > std::abs(out.dc_offset)) out.dc_offset = channel.sum / frames;
  }
  const bool sound = m_first_sound != UINT64_MAX;
  out.head_frames = sound ? m_first_sound : m_frames;
  out.tail_frames = sound ? m_frames - 1 - m_last_sound : m_frames;
  if (m_channels.size() < 2) return out;
  const double left = m_channels[0].sum_of_squares, right = m_channels[1].sum_of_squares;
  if (left > 0 && right > 0) out.correlation = m_cross / std::sqrt(left * right);
  if (left + right > 0) out.width = (left + right - 2 * m_cross) / (2 * (left + right));
  return out;
}

}  // namespace kbeat::audio
