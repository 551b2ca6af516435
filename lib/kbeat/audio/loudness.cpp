// Loudness by ITU-R BS.1770-4 and loudness range by EBU Tech 3342.
#include "kbeat/audio/loudness.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace kbeat::audio {
namespace {

constexpr double k_absolute_gate = -70;   // LUFS
constexpr std::size_t k_fine_a_step = 5;  // fine steps of 20 ms in one of 100 ms

/// By the angles of table 4 of BS.1770-4: sides and surrounds of 60 to 120 degrees weigh more, backs do not.
double channel_weight(std::size_t channel, std::size_t channels) {
  constexpr double k_side = 1.41;
  constexpr std::size_t k_lfe = 3;
  switch (channels) {
    case 4: return channel >= 2 ? k_side : 1;
    case 5: return channel >= 3 ? k_side : 1;
    case 6: return channel == k_lfe ? 0 : channel >= 4 ? k_side : 1;
    case 7: return channel == k_lfe ? 0 : channel >= 5 ? k_side : 1;
    case 8: return channel == k_lfe ? 0 : channel >= 6 ? k_side : 1;
    default: return 1;
  }
}

double from_lufs(double lufs) {
  return std::pow(10.0, (lufs + 0.691) / 10);
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// What is left over the absolute gate, and then within `relative` LU under the mean of that.
std::vector<double> gated(std::vector<double> powers, double relative) {
  std::erase_if(powers, [](double p) { return p <= from_lufs(k_absolute_gate); });
  if (powers.empty()) return powers;
  const double gate = mean(powers) * std::pow(10.0, relative / 10);
  std::erase_if(powers, [gate](double p) { return p < gate; });
  return powers;
}

}  // namespace

double to_lufs(double mean_square) {
  return -0.691 + 10 * std::log10(mean_square);
}

LoudnessMeter::LoudnessMeter(std::size_t channels, double sample_rate)
    : m_step_frames(static_cast<std::size_t>(std::lround(sample_rate / 10))) {
  for (std::size_t c = 0; c < channels; ++c) m_weights.push_back(channel_weight(c, channels));
  if (channels % 2 == 1) m_weights.push_back(0);
  m_filters.assign((channels + 1) / 2, KWeighting(sample_rate));
}

void LoudnessMeter::run_pair(const Planar& block, std::size_t pair, std::size_t first, std::size_t count) {
  const float* left = block[2 * pair].data() + first;
  const float* right = 2 * pair + 1 < block.size() ? block[2 * pair + 1].data() + first : left;
  const Pair squares = m_filters[pair].sum_of_squares(left, right, count);
  m_sum += m_weights[2 * pair] * squares.left + m_weights[2 * pair + 1] * squares.right;
}

void LoudnessMeter::write(const Planar& block) {
  const std::size_t frames = block.front().size();
  for (std::size_t first = 0; first < frames;) {
    const std::size_t fine = m_fine_steps.size() % k_fine_a_step;
    const std::size_t fine_end = (fine + 1) * m_step_frames / k_fine_a_step;
    const std::size_t count = std::min(frames - first, fine_end - m_filled);
    for (std::size_t pair = 0; pair < m_filters.size(); ++pair) run_pair(block, pair, first, count);
    first += count;
    m_filled += count;
    if (m_filled == fine_end) close_fine_step();
  }
}

void LoudnessMeter::close_fine_step() {
  const double frames = static_cast<double>(m_step_frames);
  m_fine_steps.push_back(static_cast<float>(m_sum * k_fine_a_step / frames));
  m_step_sum += std::exchange(m_sum, 0);
  if (m_filled < m_step_frames) return;
  m_steps.push_back(static_cast<float>(std::exchange(m_step_sum, 0) / frames));
  m_filled = 0;
}

std::optional<double> LoudnessMeter::loudest(std::size_t fine_steps) const {
  if (m_fine_steps.size() < fine_steps) return std::nullopt;
  double sum = std::accumulate(m_fine_steps.begin(),
                               m_fine_steps.begin() + static_cast<std::ptrdiff_t>(fine_steps), 0.0);
  double most = sum;
  for (std::size_t i = fine_steps; i < m_fine_steps.size(); ++i) {
    sum += static_cast<double>(m_fine_steps[i]) - static_cast<double>(m_fine_steps[i - fine_steps]);
    most = std::max(most, sum);
  }
  const double lufs = most <= 0 ? k_absolute_gate : to_lufs(most / static_cast<double>(fine_steps));
  return lufs <= k_absolute_gate ? std::nullopt : std::optional(lufs);
}

std::optional<double> LoudnessMeter::momentary_max() const {
  return loudest(4 * k_fine_a_step);
}

std::optional<double> LoudnessMeter::short_term_max() const {
  return loudest(30 * k_fine_a_step);
}

std::vector<double> LoudnessMeter::windows(std::size_t length, std::size_t hop) const {
  std::vector<double> out;
  for (std::size_t i = 0; i + length <= m_steps.size(); i += hop) {
    const auto start = m_steps.begin() + static_cast<std::ptrdiff_t>(i);
    const double sum = std::accumulate(start, start + static_cast<std::ptrdiff_t>(length), 0.0);
    out.push_back(sum / static_cast<double>(length));
  }
  return out;
}

std::optional<double> LoudnessMeter::integrated() const {
  const auto blocks = gated(windows(4, 1), -10);
  if (blocks.empty()) return std::nullopt;
  return to_lufs(mean(blocks));
}

std::optional<double> LoudnessMeter::range() const {
  auto blocks = gated(windows(30, 1), -20);
  if (blocks.empty()) return std::nullopt;
  std::sort(blocks.begin(), blocks.end());
  const auto percentile = [&](double p) {
    return blocks[static_cast<std::size_t>(std::lround(p * static_cast<double>(blocks.size() - 1)))];
  };
  return to_lufs(percentile(0.95)) - to_lufs(percentile(0.10));
}

}  // namespace kbeat::audio
