// The sounds of the synthesised corpus that have no beat.
#pragma once

#include "corpus.hpp"
#include "instruments.hpp"

namespace kbeat::audio::corpus {

/// Fills in the samples: noise, swelling chords, speech's pace, stray and single hits, by the item's style.
void make_beatless(Dice& dice, Item& item);

}  // namespace kbeat::audio::corpus
