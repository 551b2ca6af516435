// A corpus of synthesised music with known tempo, beats and key, from a published seed.
#include "corpus.hpp"

#include <cmath>

#include "corpus_piece.hpp"

namespace kbeat::audio::corpus {
namespace {

void make_piece(const Style& style, Dice& dice, Item& item) {
  item.bpm = dice.real(style.slowest, style.fastest);
  // Whoever sets a machine's tempo mostly sets a whole number.
  if (style.drift == 0 && dice.chance(0.85)) item.bpm = std::round(item.bpm);
  Piece(style, dice, item).render();
}

void play_ambience(Mix& mix, Dice& dice) {
  for (double at = 0; at < 22; at += dice.real(1.5, 6))
    mix.note(at, dice.real(4, 9), dice.whole(40, 76), 0.2,
             {dice.whole(2, 6), 1, false, 0.2, dice.real(0.8, 2.5)});
  mix.noise(dice.real(0, 0.01));
}

/// Syllables at speech's uneven pace, whose pitch moves.
void play_babble(Mix& mix, Dice& dice) {
  const double voice = dice.real(40, 58);
  for (double at = 0.2; at < 24;
       at += dice.real(0.09, 0.42) + (dice.chance(0.12) ? dice.real(0.3, 1.1) : 0)) {
    if (dice.chance(0.4)) mix.add(make_hat(dice, k_rate, dice.real(20, 60)), at, dice.real(0.05, 0.2));
    mix.note(at + 0.03, dice.real(0.08, 0.3), voice + dice.real(-4, 8), dice.real(0.2, 0.5),
             {12, 1, false, 4, 0.02, 1.5});
  }
}

/// A held chord whose voices beat against each other, over a noise that swells at random.
void play_drone(Mix& mix, Dice& dice) {
  const double root = dice.real(28, 52);
  for (const double interval : {0.0, 7.0, 12.0, 19.0})
    if (dice.chance(0.7))
      mix.note(0, 25, root + interval, 0.2,
               {dice.whole(1, 8), 1, false, 0.02, 1, dice.real(0, 0.3), dice.real(0, 0.2)});
  mix.noise(dice.real(0, 0.02));
}

/// Hits and knocks at moments that have nothing to do with each other.
void play_sparse(Mix& mix, Dice& dice) {
  const double pause = dice.real(0.3, 2);
  for (double at = dice.real(0, 1); at < 24; at += 0.05 - pause * std::log(dice.real(0.001, 1))) {
    const int kind = dice.whole(0, 2);
    mix.add(kind == 0   ? make_conga(dice, k_rate, dice.real(80, 700))
            : kind == 1 ? make_snare(dice, k_rate)
                        : make_hat(dice, k_rate, dice.real(5, 60)),
            at, dice.real(0.2, 1));
  }
  mix.noise(dice.real(0, 0.02));
}

void play_single(Mix& mix, Dice& dice) {
  const int kind = dice.whole(0, 4);
  if (kind == 0) mix.add(make_kick(dice, k_rate), 0.01, 0.9);
  if (kind == 1) mix.add(make_snare(dice, k_rate), 0.01, 0.7);
  if (kind == 2) mix.add(make_crash(dice, k_rate), 0.01, 0.5);
  if (kind >= 3)
    mix.note(0.01, dice.real(0.2, 3), dice.whole(36, 72), 0.4, {dice.whole(1, 8), 1, false, 3, 0.003});
}

/// Sounds without a beat: noise, swelling chords, speech's pace, single hits.
void make_beatless(const Style& style, Dice& dice, Item& item) {
  Mix mix(item.style == "oneshot" ? dice.real(0.3, 4) : 25, k_rate, dice);
  if (item.style == "noise") mix.noise(0.5);
  if (item.style == "noise" && dice.chance(0.5)) mix.low_pass(dice.real(100, 5000));
  if (item.style == "ambient") play_ambience(mix, dice);
  if (item.style == "babble") play_babble(mix, dice);
  if (item.style == "drone") play_drone(mix, dice);
  if (item.style == "sparse") play_sparse(mix, dice);
  if (item.style == "oneshot") play_single(mix, dice);
  if (style.form == Form::beatless && dice.chance(0.5))
    mix.add_reverb(dice.real(0.1, 0.5), dice.real(0.3, 1.5));
  if (dice.chance(0.3)) mix.noise(dice.real(0.0005, 0.005));
  mix.limit(dice.real(0.5, 3));
  item.samples = mix.take();
}

}  // namespace

std::size_t style_count() {
  return styles().size();
}

std::string style_of(std::uint32_t index) {
  return styles()[index % styles().size()].name;
}

Item make_item(std::uint32_t index) {
  Dice dice((static_cast<std::uint64_t>(k_seed) << 20) + index);
  const Style& style = styles()[index % styles().size()];
  Item item;
  item.style = style.name;
  if (style.form == Form::beatless)
    make_beatless(style, dice, item);
  else
    make_piece(style, dice, item);
  return item;
}

}  // namespace kbeat::audio::corpus
