// The sounds of the synthesised corpus that have no beat.
#include "corpus_beatless.hpp"

#include <cmath>

namespace kbeat::audio::corpus {
namespace {

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

/// Drops, each a soft knock, as many as run into each other.
void play_rain(Mix& mix, Dice& dice) {
  const double pause = std::pow(10, dice.real(-2, -0.5));
  for (double at = 0; at < 24; at += 0.004 - pause * std::log(dice.real(0.001, 1)))
    mix.add(make_conga(dice, k_rate, dice.real(300, 3000)), at, dice.real(0.02, 0.4));
  mix.noise(dice.real(0, 0.05));
}

/// Notes at a pace that is nowhere kept.
void play_rubato(Mix& mix, Dice& dice) {
  double pause = dice.real(0.2, 0.9);
  for (double at = dice.real(0, 1); at < 23; at += pause * dice.real(0.4, 2.2)) {
    pause = std::min(1.2, std::max(0.12, pause * std::exp2(dice.normal(0.35))));
    for (int voices = dice.whole(1, 3); voices > 0; --voices)
      mix.note(at, dice.real(0.5, 3), dice.whole(38, 84), dice.real(0.1, 0.5),
               {8, 1.4, false, 2, 0.004, 0, 0, 0.03});
  }
}

/// Noise that swells and whistles.
void play_wind(Mix& mix, Dice& dice) {
  mix.noise(0.4);
  mix.low_pass(dice.real(300, 3000));
  for (double at = 0; at < 23; at += dice.real(0.5, 5)) mix.duck(at, dice.real(0.8, 4), dice.real(0.1, 0.8));
}

/// Calls of a few chirps, each a quick slide.
void play_birds(Mix& mix, Dice& dice) {
  for (double at = dice.real(0, 1); at < 23; at += dice.real(0.4, 3)) {
    const double pitch = dice.real(88, 108), pace = dice.real(0.06, 0.25);
    for (int chirp = dice.whole(1, 6); chirp > 0; --chirp, at += pace * dice.real(0.7, 1.4))
      mix.note(at, dice.real(0.03, 0.15), pitch + dice.real(-2, 2), dice.real(0.1, 0.5),
               {2, 1, false, 2, 0.01, 6});
  }
  mix.noise(dice.real(0.001, 0.02));
}

}  // namespace

void make_beatless(Dice& dice, Item& item) {
  // Half of the steady ones are as short as a loop may be.
  const bool brief = (item.style == "noise" || item.style == "wind") && dice.chance(0.5);
  const bool single = item.style == "oneshot";
  Mix mix(single ? dice.real(0.3, 4) : brief ? dice.real(1.2, 12) : 25, k_rate, dice);
  if (item.style == "noise") mix.noise(0.5);
  if (item.style == "noise" && dice.chance(0.5)) mix.low_pass(dice.real(100, 5000));
  if (item.style == "ambient") play_ambience(mix, dice);
  if (item.style == "babble") play_babble(mix, dice);
  if (item.style == "drone") play_drone(mix, dice);
  if (item.style == "sparse") play_sparse(mix, dice);
  if (item.style == "oneshot") play_single(mix, dice);
  if (item.style == "rain") play_rain(mix, dice);
  if (item.style == "rubato") play_rubato(mix, dice);
  if (item.style == "wind") play_wind(mix, dice);
  if (item.style == "birds") play_birds(mix, dice);
  for (int voices = item.style == "crowd" ? dice.whole(3, 8) : 0; voices > 0; --voices)
    play_babble(mix, dice);
  if (dice.chance(0.5)) mix.add_reverb(dice.real(0.1, 0.5), dice.real(0.3, 1.5));
  if (dice.chance(0.3)) mix.noise(dice.real(0.0005, 0.005));
  mix.limit(dice.real(0.5, 3));
  item.samples = mix.take();
}

}  // namespace kbeat::audio::corpus
