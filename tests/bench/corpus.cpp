// A corpus of synthesised music with known tempo, beats and key, from a published seed.
#include "corpus.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "instruments.hpp"

namespace kbeat::audio::corpus {
namespace {

/// What happens on the sixteenths of a bar: one character each, loud 'X', soft 'x', sometimes '?'.
struct Style {
  const char* name;
  double slowest, fastest;  ///< bpm
  int beats_per_bar;
  const char* kick;
  const char* snare;
  const char* hat;
  const char* bass;
  const char* chord;
  const char* melody;
  double jitter;  ///< s, spread of a player's timing
  double swing;   ///< share of an eighth by which its second half comes late
  bool loop;      ///< exactly four or eight bars' worth, cut at the end
};

constexpr const char* k_none = "................";

constexpr std::array k_styles = {
    Style{"rock", 92, 165, 4, "X.....?.X.x...?.", "....X.......X...", "x.x.x.x.x.x.x.x.", "x.x.x.x.x.x.x.x.",
          "X...x...X...x...", k_none, .008, 0, false},
    Style{"metal", 95, 190, 4, "X.x.X.x.X.x.X.x.", "....X.......X...", "X...X...X...X...", "x.x.x.x.x.x.x.x.",
          "X.x.x.x.X.x.x.x.", "?...x.?.x...?.x.", .006, 0, false},
    Style{"house", 116, 132, 4, "X...X...X...X...", "....X.......X...", "..X...X...X...X.",
          "..x...x...x.?.x.", "..X..X....X..X..", "?.?..?..?.?..?..", 0, 0, false},
    Style{"techno", 124, 150, 4, "X...X...X...X...", k_none, "x.X.x.X.x.X.x.X.", ".xx..xx..xx..xx.", k_none,
          "x..x..x.x..x..x.", 0, 0, false},
    Style{"trance", 130, 150, 4, "X...X...X...X...", "....x.......x...", "..X...X...X...X.",
          ".xxx.xxx.xxx.xxx", "X.......X.......", "x.xx.xx.x.xx.xx.", 0, 0, false},
    Style{"drumnbass", 164, 180, 4, "X.........X.....", "....X.......X...", "x.x.x.x.x.x.x.x.",
          "X.....x...x.....", "X...............", "?.....?...?.....", 0, 0, false},
    Style{"hiphop", 76, 104, 4, "X..x..?..xX..?..", "....X.......X...", "x.x.x.x.x.x.x.x.",
          "X..x......X.....", "X.......?.......", "?...?.....?...?.", .005, .25, false},
    Style{"trap", 128, 156, 4, "X.....x.....x...", "........X.......", "x.x.x.x.x.xxx.x.", "X.....x.....x...",
          "X...............", "x...x...?...x...", 0, 0, false},
    Style{"pop", 88, 130, 4, "X.....x.X.......", "....X.......X...", "x.x.x.x.x.x.x.x.", "X...x.x.X...x.x.",
          "X.......X.......", "x.?.x.?.x.?.x...", .004, 0, false},
    Style{"funk", 94, 120, 4, "X..?..x...X..?..", "....X..?.?..X..?", "xxxxxxxxxxxxxxxx", "X..x..x.x...x.x.",
          "....x.......x..x", k_none, .004, .1, false},
    Style{"ballad", 60, 84, 4, "X.......x.......", "....x.......x...", "x...x...x...x...", "X.......X.......",
          "X.......X.......", "x.x.x.x.x.x.x.x.", .01, 0, false},
    Style{"disco", 108, 128, 4, "X...X...X...X...", "....X.......X...", "x.X.x.X.x.X.x.X.",
          "X.x.X.x.X.x.X.x.", "..x...x...x...x.", "?...?...?...?...", .004, 0, false},
    Style{"chiptune", 120, 180, 4, "X...X...X...X...", "....X.......X...", "x...x...x...x...",
          "x.x.x.x.x.x.x.x.", k_none, "xxxxxxxxxxxxxxxx", 0, 0, false},
    Style{"hardcore", 156, 200, 4, "X...X...X...X...", "....?.......?...", "..X...X...X...X.",
          "..x...x...x...x.", "X.......X.......", "x...x..x..x.x...", 0, 0, false},
    Style{"waltz", 84, 170, 3, "X...........", "....x...x...", "x...x...x...", "X...........", "....x...x...",
          "x...?.x.x...", .008, 0, false},
    Style{"shuffle", 96, 145, 4, "X.......X.......", "....X.......X...", "x.x.x.x.x.x.x.x.",
          "X.x.X.x.X.x.X.x.", "X.......x.......", k_none, .006, .66, false},
    Style{"reggae", 66, 92, 4, "........X.......", "........X.......", "x.x.x.x.x.x.x.x.", "X...x..xx...x...",
          "..X...X...X...X.", "?.......?.......", .006, .2, false},
    Style{"piano", 70, 140, 4, k_none, k_none, k_none, "X...x...X...x...", "X.......X.......",
          "x.x.x.x.x.x.x.x.", .012, 0, false},
    Style{"drumloop", 80, 175, 4, "X.....x.?.X..?..", "....X..?....X..?", "x.x.x.x.x.x.x.x.", k_none, k_none,
          k_none, .002, 0, true},
    Style{"breakloop", 84, 140, 4, "X.X.......XX....", "....X..x.x..X..x", "x.x.x.x.x.x.x.x.", k_none, k_none,
          k_none, .004, .1, true},
    Style{"samplepack", 85, 150, 4, "X...X...X...X...", "....X.......X...", "..x...x...x...x.",
          "X..x..x.X..x..x.", "X.....X.....X...", "?.x.?.x.?.x.?.x.", 0, 0, true},
    Style{"noise", 0, 0, 0, k_none, k_none, k_none, k_none, k_none, k_none, 0, 0, false},
    Style{"ambient", 0, 0, 0, k_none, k_none, k_none, k_none, k_none, k_none, 0, 0, false},
    Style{"babble", 0, 0, 0, k_none, k_none, k_none, k_none, k_none, k_none, 0, 0, false},
    Style{"oneshot", 0, 0, 0, k_none, k_none, k_none, k_none, k_none, k_none, 0, 0, false},
};

constexpr std::array k_major = {0, 2, 4, 5, 7, 9, 11};
constexpr std::array k_minor = {0, 2, 3, 5, 7, 8, 10};
constexpr std::array<std::array<int, 4>, 6> k_progressions = {
    {{0, 3, 4, 0}, {0, 4, 5, 3}, {0, 5, 3, 4}, {0, 0, 3, 4}, {0, 3, 0, 4}, {0, 5, 1, 4}}};

double strength(char mark, Dice& dice) {
  switch (mark) {
    case 'X': return dice.real(0.85, 1);
    case 'x': return dice.real(0.45, 0.7);
    case '?': return dice.chance(0.4) ? dice.real(0.4, 0.8) : 0;
    default: return 0;
  }
}

/// One piece being made: the choices that hold throughout.
class Piece {
 public:
  Piece(const Style& style, Dice& dice, Item& item)
      : m_style(style),
        m_dice(dice),
        m_item(item),
        m_spb(60 / item.bpm),
        m_start(style.loop ? 0 : dice.real(0, 0.6)) {
    const double bar = m_spb * style.beats_per_bar;
    m_bars = style.loop ? (1 << dice.whole(0, 2)) : static_cast<int>(dice.real(22, 32) / bar);
    m_progression = &k_progressions[static_cast<std::size_t>(dice.whole(0, std::size(k_progressions) - 1))];
    m_drums = dice.real(0.6, 1);
    m_tonal = dice.real(0.35, 0.9);
    m_bass_root = 28 + (item.tonic + 8) % 12;
    m_chord_overtones = dice.whole(3, 8);
    m_hat_decay = dice.real(40, 130);
    m_intro_bars = !style.loop && dice.chance(0.3) ? 2 : 0;
  }

  void play(Mix& mix) {
    for (int bar = 0; bar < m_bars; ++bar) {
      for (int beat = 0; beat < m_style.beats_per_bar; ++beat)
        m_item.beats.push_back(m_start + (bar * m_style.beats_per_bar + beat) * m_spb);
      for (int step = 0; step < 4 * m_style.beats_per_bar; ++step) play_step(mix, bar, step);
    }
  }

  [[nodiscard]] double seconds() const {
    return m_start + m_bars * m_style.beats_per_bar * m_spb + (m_style.loop ? 0 : 0.8);
  }

 private:
  [[nodiscard]] double time_of(int bar, int step) {
    double sixteenths = step;
    if (step % 4 == 2) sixteenths += 2 * 0.5 * m_style.swing;
    if (step % 4 == 1 || step % 4 == 3) sixteenths += 0.5 * m_style.swing;
    return m_start + (bar * m_style.beats_per_bar + sixteenths / 4) * m_spb + m_dice.normal(m_style.jitter);
  }

  [[nodiscard]] int scale_note(int degree) const {
    const auto& scale = m_item.minor ? k_minor : k_major;
    const int octave = degree / 7;
    return m_item.tonic + 12 * octave + scale[static_cast<std::size_t>(degree % 7)];
  }

  void play_step(Mix& mix, int bar, int step) {
    const auto i = static_cast<std::size_t>(step);
    const double at = time_of(bar, step);
    const bool drums = bar >= m_intro_bars;
    if (const double g = strength(m_style.kick[i], m_dice); g > 0 && drums)
      mix.kick(at, 0.9 * g * m_drums, 50);
    if (const double g = strength(m_style.snare[i], m_dice); g > 0 && drums)
      mix.snare(at, 0.6 * g * m_drums, 185);
    if (const double g = strength(m_style.hat[i], m_dice); g > 0 && drums)
      mix.hat(at, 0.16 * g * m_drums, m_hat_decay);
    const int degree = (*m_progression)[static_cast<std::size_t>(bar % 4)];
    if (const double g = strength(m_style.bass[i], m_dice); g > 0)
      mix.note(at, 0.9 * m_spb / 2, m_bass_root - m_item.tonic + scale_note(degree), 0.35 * g * m_tonal, 4, 3,
               0.004);
    if (const double g = strength(m_style.chord[i], m_dice); g > 0)
      for (const int third : {0, 2, 4})
        mix.note(at, 1.2 * m_spb, 60 + chord_tone(degree, third), 0.11 * g * m_tonal, m_chord_overtones, 1.5,
                 0.006);
    if (const double g = strength(m_style.melody[i], m_dice); g > 0)
      mix.note(at, 0.6 * m_spb, 72 + scale_note(degree + 2 * m_dice.whole(0, 3)), 0.13 * g * m_tonal, 4, 4,
               0.004);
  }

  /// In minor the dominant takes the leading note.
  [[nodiscard]] int chord_tone(int degree, int third) const {
    const int note = scale_note(degree + third);
    return m_item.minor && degree == 4 && third == 2 ? note + 1 : note;
  }

  const Style& m_style;
  Dice& m_dice;
  Item& m_item;
  double m_spb, m_start;
  int m_bars = 0, m_intro_bars = 0;
  const std::array<int, 4>* m_progression = nullptr;
  double m_drums = 1, m_tonal = 1, m_hat_decay = 80;
  int m_bass_root = 28, m_chord_overtones = 4;
};

void finish(Mix& mix, Dice& dice, Item& item) {
  if (dice.chance(0.5)) mix.add_reverb(dice.real(0.1, 0.5), dice.real(0.3, 1.5));
  if (dice.chance(0.3)) mix.noise(dice.real(0.0005, 0.005));
  mix.limit(dice.real(0.5, 3));
  item.samples = mix.take();
}

void make_piece(const Style& style, Dice& dice, Item& item) {
  item.bpm = dice.real(style.slowest, style.fastest);
  if (style.jitter == 0 && dice.chance(0.8)) item.bpm = std::round(item.bpm);
  item.tonic = dice.whole(0, 11);
  item.minor = dice.chance(0.5);
  Piece piece(style, dice, item);
  Mix mix(piece.seconds(), k_rate, dice);
  piece.play(mix);
  if (style.bass == k_none && style.chord == k_none) item.tonic = -1;
  finish(mix, dice, item);
}

/// Sounds without a beat: noise, swelling chords, syllables at speech's uneven pace, single hits.
void make_beatless(const std::string& style, Dice& dice, Item& item) {
  Mix mix(style == "oneshot" ? dice.real(0.3, 4) : 25, k_rate, dice);
  if (style == "noise") mix.noise(0.5);
  if (style == "ambient") {
    for (double at = 0; at < 22; at += dice.real(1.5, 6))
      mix.note(at, dice.real(4, 9), dice.whole(40, 76), 0.2, dice.whole(2, 6), 0.2, dice.real(0.8, 2.5));
    mix.noise(dice.real(0, 0.01));
  }
  if (style == "babble") {
    for (double at = 0.2; at < 24;
         at += dice.real(0.09, 0.42) + (dice.chance(0.12) ? dice.real(0.3, 1.1) : 0)) {
      if (dice.chance(0.4)) mix.hat(at, dice.real(0.05, 0.2), dice.real(20, 60));
      mix.note(at + 0.03, dice.real(0.08, 0.3), dice.real(44, 56), dice.real(0.2, 0.5), 12, 4, 0.02);
    }
  }
  if (style == "oneshot") {
    if (dice.chance(0.5)) mix.kick(0.01, 0.9, dice.real(40, 70));
    if (dice.chance(0.5)) mix.snare(0.01, 0.6, dice.real(150, 240));
    mix.note(0.01, dice.real(0.2, 2), dice.whole(36, 72), 0.4, dice.whole(1, 8), 3, 0.003);
  }
  finish(mix, dice, item);
}

}  // namespace

std::size_t style_count() {
  return k_styles.size();
}

std::string style_of(std::uint32_t index) {
  return k_styles[index % k_styles.size()].name;
}

Item make_item(std::uint32_t index) {
  Dice dice((static_cast<std::uint64_t>(k_seed) << 20) + index);
  const Style& style = k_styles[index % k_styles.size()];
  Item item;
  item.style = style.name;
  if (style.beats_per_bar == 0)
    make_beatless(item.style, dice, item);
  else
    make_piece(style, dice, item);
  return item;
}

}  // namespace kbeat::audio::corpus
