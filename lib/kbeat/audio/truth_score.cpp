// How well answers agree with a human's truth, by the definitions of the field's evaluations.
#include "kbeat/audio/truth_score.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <random>

namespace kbeat::audio {
namespace {

constexpr double k_window = 0.07;           // s
constexpr double k_warm_up = 5;             // s
constexpr double k_least_for_warm_up = 20;  // s

bool is_near(double truth, double found, double tolerance) {
  return std::abs(found - truth) <= tolerance * truth + 1e-9;
}

std::span<const double> from(std::span<const double> times, double start) {
  const auto first = std::lower_bound(times.begin(), times.end(), start);
  return times.subspan(static_cast<std::size_t>(first - times.begin()));
}

/// Pairs within the window; on a line the greedy matching is the largest.
std::size_t count_hits(std::span<const double> truth, std::span<const double> found) {
  std::size_t hits = 0;
  for (std::size_t i = 0, j = 0; i < truth.size() && j < found.size();) {
    const double away = found[j] - truth[i];
    if (std::abs(away) <= k_window + 1e-9) {
      ++hits, ++i, ++j;
    } else if (away < 0) {
      ++j;
    } else {
      ++i;
    }
  }
  return hits;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view k_between = " \t:_-";
  const std::size_t first = text.find_first_not_of(k_between);
  return first == std::string_view::npos ? std::string_view() : text.substr(first);
}

bool takes(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

int take_accidental(std::string_view& rest) {
  for (const std::string_view sharp : {"#", "♯", "-sharp", "sharp"})
    if (takes(rest, sharp)) return 1;
  for (const std::string_view flat : {"b", "♭", "-flat", "flat"})
    if (takes(rest, flat)) return -1;
  return 0;
}

}  // namespace

TempoScore score_tempo(double truth, std::optional<double> found) {
  if (!found || *found <= 0) return {};
  constexpr std::array k_relatives{1.0, 2.0, 3.0, 0.5, 1.0 / 3};
  const bool related = std::any_of(k_relatives.begin(), k_relatives.end(),
                                   [&](double factor) { return is_near(truth * factor, *found, 0.04); });
  return {is_near(truth, *found, 0.04) ? 1.0 : 0.0, is_near(truth, *found, 0.01) ? 1.0 : 0.0,
          related ? 1.0 : 0.0};
}

double score_beats(std::span<const double> truth, std::span<const double> found) {
  if (!truth.empty() && truth.back() >= k_least_for_warm_up) {
    truth = from(truth, k_warm_up);
    found = from(found, k_warm_up);
  }
  if (truth.empty() || found.empty()) return 0;
  return 2.0 * static_cast<double>(count_hits(truth, found)) /
         static_cast<double>(truth.size() + found.size());
}

std::optional<NamedKey> parse_key(std::string_view text) {
  constexpr std::array k_naturals{9, 11, 0, 2, 4, 5, 7};  // A to G
  text = trimmed(text);
  if (text.empty()) return std::nullopt;
  const char letter = static_cast<char>(text[0] | 0x20);
  if (letter < 'a' || letter > 'g') return std::nullopt;
  text.remove_prefix(1);
  const int tonic = k_naturals[static_cast<std::size_t>(letter - 'a')] + take_accidental(text) + 12;
  const std::string_view mode = trimmed(text);
  const bool minor = mode == "m" || mode.starts_with("min") || mode.starts_with("Min");
  const bool major = mode.empty() || mode == "M" || mode.starts_with("maj") || mode.starts_with("Maj");
  if (!minor && !major) return std::nullopt;
  return NamedKey{tonic % 12, minor};
}

double score_key(NamedKey truth, std::optional<NamedKey> found) {
  if (!found) return 0;
  const int up = (found->tonic - truth.tonic + 12) % 12;
  if (found->minor == truth.minor) return up == 0 ? 1 : up == 7 ? 0.5 : 0;
  if (up == (truth.minor ? 3 : 9)) return 0.3;
  return up == 0 ? 0.2 : 0;
}

std::optional<MeanWithInterval> mean_with_interval(std::span<const double> values) {
  if (values.empty()) return std::nullopt;
  constexpr std::size_t k_draws = 2000;
  const auto count = static_cast<double>(values.size());
  std::mt19937 engine(1);
  std::vector<double> means(k_draws);
  for (double& mean : means) {
    for (std::size_t i = 0; i < values.size(); ++i) mean += values[engine() % values.size()] / count;
  }
  std::sort(means.begin(), means.end());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  return MeanWithInterval{mean, means[k_draws / 40], means[k_draws - 1 - k_draws / 40], values.size()};
}

}  // namespace kbeat::audio
