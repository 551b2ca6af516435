// One piece of music of the synthesised corpus being composed and played.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "corpus.hpp"
#include "corpus_layers.hpp"
#include "corpus_styles.hpp"
#include "instruments.hpp"

namespace kbeat::audio::corpus {

/// Makes all choices that hold throughout on construction; `render` plays it once and fills in what is known
/// of the item.
class Piece {
 public:
  Piece(const Style& style, Dice& dice, Item& item);
  void render();

 private:
  struct Part {
    std::string pattern;
    double gain = 1, late = 0, length = 0.5;  ///< s, beats
    int octave = 0;
    Timbre timbre;
  };
  struct Section {
    bool drums = true, hats = true, kick = true, tones = true, melody = true, half_time = false, fill = false,
         roll = false;
  };

  [[nodiscard]] Part choose(const char* variants, double mutation);
  void choose_times();
  void choose_parts();
  void choose_harmony();
  void choose_sections();
  [[nodiscard]] Timbre chord_timbre();
  [[nodiscard]] Timbre melody_timbre();
  [[nodiscard]] double time_of(int bar, int step) const;
  [[nodiscard]] double strength(const Part& part, int bar, int step);
  [[nodiscard]] double played_at(const Part& part, double at);
  [[nodiscard]] int scale_note(int degree) const;
  [[nodiscard]] int chord_tone(int degree, int third) const;
  [[nodiscard]] int degree_at(int bar, int step) const;
  void play_drums(int bar, int step, const Section& section);
  void play_percussion(int bar, int step, const Section& section);
  void play_tones(int bar, int step, const Section& section);
  void play_chord(double at, double gain, int degree);
  void play_melody(double at, double gain, int degree, bool last_of_phrase);
  void produce();
  void fill_item();

  const Style& m_style;
  Dice& m_dice;
  Item& m_item;
  int m_steps, m_bars = 4, m_phrase = 4;
  double m_swing = 0, m_tail = 0, m_tuning = 0;
  bool m_swung_eighths = false;
  std::vector<double> m_bar_starts, m_ducks;
  std::vector<Section> m_sections;
  Part m_kick, m_snare, m_hat, m_bass, m_chord, m_melody;
  std::vector<Samples> m_hits;  ///< kick, snare, hat, open hat, crash
  std::array<int, 4> m_progression{};
  int m_steps_a_chord = 16;
  bool m_power_chords = false, m_sevenths = false, m_leading_note = false, m_octaves = false,
       m_flat_seventh = false, m_comes_home = false;
  Percussion m_percussion;
  Voice m_voice;
  Mix m_drums, m_tones;
};

}  // namespace kbeat::audio::corpus
