// Whether all that sounds is one steady tone or a bare fifth, of which no mode can be known.
#include "kbeat/audio/single_tone.hpp"

#include <algorithm>
#include <cmath>

namespace kbeat::audio {
namespace {

// Chosen on synthesised tones and chords. Of what stands out of 1,000 pieces of music that have a key and a
// share of 0.4 that lasts, no tone or fifth explains more than 0.89.
constexpr double k_least_explained = 0.99, k_least_steady = 0.5;
constexpr double k_one_line = 3;        // Hz, nearer ones are one line that wavers
constexpr double k_too_quiet = 0.015;   // of the loudest line: what a naive synthesizer's aliases amount to
constexpr double k_root_share = 0.03;   // of all magnitude: a fundamental is no less
constexpr double k_fifth_reach = 0.01;  // octaves
// Fundamentals that do not stand out themselves, since their harmonics lie too close: of mains hum and
// basses. A chord's tones are harmonics of one that is not played, a major triad's the 4th to 6th; in a range
// this low a tempered third is still told from a harmonic.
constexpr double k_lowest_hidden = 40, k_highest_hidden = 66;  // Hz

struct Line {
  double frequency = 0;  ///< Hz
  double weight = 0, steady = 0, magnitude = 0;
};

double mean_magnitude(const SpectralLine& line) {
  return line.magnitude / static_cast<double>(line.peaks);
}

std::vector<SpectralLine> join_neighbours(const std::vector<SpectralLine>& bins) {
  std::vector<SpectralLine> out;
  double last = -k_one_line;
  for (const SpectralLine& bin : bins) {
    if (bin.peaks == 0) continue;
    const double frequency = bin.moment / bin.weight;
    if (frequency - last >= k_one_line) out.emplace_back();
    last = frequency;
    SpectralLine& line = out.back();
    line.weight += bin.weight;
    line.moment += bin.moment;
    line.steady += bin.steady;
    line.magnitude += bin.magnitude;
    line.peaks += bin.peaks;
  }
  return out;
}

/// Ascending; loudness is that while it sounds, so that a short note counts as a long one does.
std::vector<Line> loud_lines(const std::vector<SpectralLine>& bins) {
  const std::vector<SpectralLine> joined = join_neighbours(bins);
  double loudest = 0;
  for (const SpectralLine& line : joined)
    if (line.steady > 0) loudest = std::max(loudest, mean_magnitude(line));
  std::vector<Line> out;
  for (const SpectralLine& line : joined)
    if (mean_magnitude(line) >= k_too_quiet * loudest)
      out.push_back({line.moment / line.weight, line.weight, line.steady, line.magnitude});
  return out;
}

/// Of `root`, which line this is, the fundamental being 1; 0 when it is none.
int harmonic_of(double frequency, double root) {
  const double number = std::round(frequency / root);
  const double reach = std::clamp(0.0025 * frequency, 1.0, std::max(1.0, root / 16));
  return std::abs(frequency - number * root) <= reach ? static_cast<int>(number) : 0;
}

/// By least squares over the harmonics near it, low ones first, whose numbers are sure.
double refine(const std::vector<Line>& lines, double root) {
  for (const int highest : {4, 8, 16, 64}) {
    double moment = 0, square = 0;
    for (const Line& line : lines) {
      const int number = harmonic_of(line.frequency, root);
      if (number == 0 || number > highest) continue;
      moment += line.weight * number * line.frequency;
      square += line.weight * number * number;
    }
    if (square > 0) root = moment / square;
  }
  return root;
}

/// The second or third of its harmonics, and three of the lowest in all.
bool may_be_hidden(const std::vector<Line>& lines, double root) {
  int found = 0;
  for (int number = 2; number <= 7; ++number) {
    found += static_cast<int>(std::any_of(lines.begin(), lines.end(), [&](const Line& line) {
      return std::abs(line.frequency - number * root) < 1;
    }));
    if (number == 3 && found == 0) return false;
  }
  return found >= 3;
}

struct Roots {
  std::vector<double> heard, hidden;  ///< Hz
};

Roots find_roots(const std::vector<Line>& lines) {
  double magnitude = 0;
  for (const Line& line : lines) magnitude += line.magnitude;
  Roots out;
  for (const Line& line : lines) {
    if (line.magnitude < k_root_share * magnitude) continue;
    out.heard.push_back(refine(lines, line.frequency));
    for (const int number : {2, 3, 4}) {
      const double root = line.frequency / number;
      if (root >= k_lowest_hidden && root <= k_highest_hidden && may_be_hidden(lines, root))
        out.hidden.push_back(refine(lines, root));
    }
  }
  return out;
}

/// Or a fourth, which is the fifth with its root on top.
bool are_a_fifth_apart(double root, double other) {
  const double up = std::log2(other / root) - std::log2(1.5), down = std::log2(root / other) - std::log2(1.5);
  return std::abs(up - std::round(up)) < k_fifth_reach || std::abs(down - std::round(down)) < k_fifth_reach;
}

double share_explained(const std::vector<Line>& lines, double root, double other) {
  double explained = 0, total = 0;
  for (const Line& line : lines) {
    total += line.weight;
    if (harmonic_of(line.frequency, root) > 0 || harmonic_of(line.frequency, other) > 0)
      explained += line.weight;
  }
  return explained / total;
}

bool is_steady(const std::vector<Line>& lines) {
  double steady = 0, total = 0;
  for (const Line& line : lines) steady += line.steady, total += line.weight;
  return steady > 0 && steady >= k_least_steady * total;
}

}  // namespace

bool is_single_tone(const std::vector<SpectralLine>& bins) {
  const std::vector<Line> lines = loud_lines(bins);
  if (!is_steady(lines)) return false;
  const auto explain = [&lines](double root, double other) {
    return share_explained(lines, root, other) >= k_least_explained;
  };
  const auto alone = [&explain](double root) { return explain(root, root); };
  const auto [heard, hidden] = find_roots(lines);
  if (std::any_of(hidden.begin(), hidden.end(), alone)) return true;
  for (std::size_t i = 0; i < heard.size(); ++i) {
    if (alone(heard[i])) return true;
    for (std::size_t k = 0; k < i; ++k)
      if (are_a_fifth_apart(heard[k], heard[i]) && explain(heard[k], heard[i])) return true;
  }
  return false;
}

}  // namespace kbeat::audio
