// What the synthesised corpus lays over a piece's own parts, as producers do: percussion, a voice, echoes.
#include "corpus_layers.hpp"

#include <array>

#include "corpus.hpp"

namespace kbeat::audio::corpus {
namespace {

constexpr std::array k_patterns = {"x.x.x.x.x.x.x.x.", "xoxoxoxoxoxoxoxo", "X.xxX.xxX.xxX.xx",
                                   "..x...x...x...x.", "x..x..x.x..x..x.", "x..x..x...x.x...",
                                   "..x.x...x..x..x.", "x...x...x...x...", "....x..x.x..x...",
                                   "?.?x?.?.?.?x?.?.", ".x..x..x.x..x..x", "x.....x...x....."};

}  // namespace

Percussion choose_percussion(Dice& dice, double rate) {
  Percussion out;
  if (!dice.chance(0.4)) return out;
  out.pattern = k_patterns[static_cast<std::size_t>(dice.whole(0, std::size(k_patterns) - 1))];
  const int kind = dice.whole(0, 3);
  if (kind == 0) out.hit = make_hat(dice, rate, dice.real(20, 90));  // a shaker
  if (kind == 1) out.hit = make_hat(dice, rate, dice.real(8, 25));   // a tambourine
  if (kind == 2) out.hit = make_conga(dice, rate, dice.real(150, 700));
  if (kind == 3) out.hit = make_snare(dice, rate);
  out.gain = dice.real(0.08, kind == 2 ? 0.7 : 0.35);
  return out;
}

Voice::Voice(Dice& dice, double probability)
    : m_dice(dice),
      m_present(dice.chance(probability)),
      m_sung(dice.chance(0.6)),
      m_rest_every(dice.whole(1, 4)),
      m_density(dice.real(0.25, 0.75)),
      m_looseness(dice.real(0.005, 0.03)),
      m_gain(dice.real(0.4, 1.4)),
      m_base(dice.real(45, 62)) {
  m_timbre = {12, dice.real(0.7, 1.3), false, dice.real(0.5, 3), dice.real(0.01, 0.05), dice.real(0.1, 0.8)};
}

void Voice::utter(Mix& mix, int bar, double at, double seconds, double midi) {
  if (!m_present || bar / 2 % (m_rest_every + 1) == m_rest_every || !m_dice.chance(m_density)) return;
  const double when = at + m_dice.normal(m_looseness);
  if (m_dice.chance(0.35)) mix.add(make_hat(m_dice, k_rate, m_dice.real(20, 70)), when, 0.1 * m_gain);
  const double note = m_sung ? midi : m_base + m_dice.real(-4, 5);
  mix.note(when + 0.02, seconds * m_dice.real(0.7, m_sung ? 4 : 1.6), note, m_gain * m_dice.real(0.5, 1),
           m_timbre);
}

const char* borrowed(const Style& own, const char* Style::*part, Dice& dice) {
  if (*(own.*part) == '\0' || !dice.chance(0.15)) return own.*part;
  const auto all = styles();
  for (int attempt = 0; attempt < 8; ++attempt) {
    const Style& other = all[static_cast<std::size_t>(dice.whole(0, static_cast<int>(all.size()) - 1))];
    const bool same_metre =
        other.beats_per_bar == own.beats_per_bar && other.steps_per_beat == own.steps_per_beat;
    if (same_metre && *(other.*part) != '\0') return other.*part;
  }
  return own.*part;
}

double choose_echo(Dice& dice) {
  constexpr std::array k_beats = {0.75, 0.75, 0.5, 1.0, 1.0 / 3, 0.25, 1.5};
  return k_beats[static_cast<std::size_t>(dice.whole(0, std::size(k_beats) - 1))];
}

}  // namespace kbeat::audio::corpus
