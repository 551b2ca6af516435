// The styles of the synthesised corpus: what is played on the steps of a bar, how fast and how strictly.
#pragma once

#include <span>

namespace kbeat::audio::corpus {

enum class Band { synths, players, chip, piano };  ///< what the tones are made by
enum class Form { song, loop, beatless };

/// Patterns have a mark for each step: 'X' loud, 'x' soft, 'o' often, '?' seldom, '.' nothing; '|' parts
/// variants of which each piece takes one. They may be longer than a bar. An empty pattern is silent.
struct Style {
  const char* name;
  double slowest, fastest;  ///< bpm
  int beats_per_bar, steps_per_beat;
  Form form;
  Band band;
  double jitter;  ///< s, spread of a player's timing
  double drift;   ///< relative spread of the tempo from bar to bar
  double swing;   ///< up to this share of a step pair its second half comes late
  const char* kick;
  const char* snare;
  const char* hat;
  const char* bass;
  const char* chord;
  const char* melody;
};

/// All that training hears: those of this file's source, then the wider ones.
[[nodiscard]] std::span<const Style> styles();
[[nodiscard]] std::span<const Style> wider_styles();

/// Held back for tests of what was learned.
[[nodiscard]] std::span<const Style> reserved_styles();

}  // namespace kbeat::audio::corpus
