// What the synthesised corpus lays over a piece's own parts, as producers do: percussion, a voice, echoes.
#pragma once

#include <span>
#include <string>

#include "corpus_styles.hpp"
#include "instruments.hpp"

namespace kbeat::audio::corpus {

/// A pattern of sixteen steps that one more percussion instrument plays, and its sound.
struct Percussion {
  std::string pattern;
  Samples hit;
  double gain = 0;  ///< 0: there is none
};

[[nodiscard]] Percussion choose_percussion(Dice& dice, double rate);

/// Syllables near the steps of a bar, spoken or on given notes; lines of two bars and rests between them.
class Voice {
 public:
  Voice(Dice& dice, double probability);
  /// At a step of a bar at `at` seconds that lasts `seconds`; `midi` is the note to be sung.
  void utter(Mix& mix, int bar, double at, double seconds, double midi);

 private:
  Dice& m_dice;
  bool m_present, m_sung;
  int m_rest_every;
  double m_density, m_looseness, m_gain, m_base;
  Timbre m_timbre;
};

/// A pattern of `own` or, now and then, of another style of the same metre that has such a part.
[[nodiscard]] const char* borrowed(const Style& own, const char* Style::*part, Dice& dice);

/// One of the repeats that producers set to the tempo: beats between them.
[[nodiscard]] double choose_echo(Dice& dice);

}  // namespace kbeat::audio::corpus
