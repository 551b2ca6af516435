// A corpus of synthesised music with known tempo, beats and key, from a published seed.
#include "corpus.hpp"

#include <cmath>

#include "corpus_beatless.hpp"
#include "corpus_piece.hpp"

namespace kbeat::audio::corpus {
namespace {

void make_piece(const Style& style, Dice& dice, Item& item) {
  item.bpm = dice.real(style.slowest, style.fastest);
  // Whoever sets a machine's tempo mostly sets a whole number.
  if (style.drift == 0 && dice.chance(0.85)) item.bpm = std::round(item.bpm);
  Piece(style, dice, item).render();
}

const Style& style_at(std::uint32_t index) {
  const auto from = index < k_reserved_from ? styles() : reserved_styles();
  return from[index % from.size()];
}

}  // namespace

std::size_t style_count() {
  return styles().size();
}

std::string style_of(std::uint32_t index) {
  return style_at(index).name;
}

Item make_item(std::uint32_t index) {
  Dice dice((static_cast<std::uint64_t>(k_seed) << 20) + index);
  const Style& style = style_at(index);
  Item item;
  item.style = style.name;
  if (style.form == Form::beatless)
    make_beatless(dice, item);
  else
    make_piece(style, dice, item);
  return item;
}

}  // namespace kbeat::audio::corpus
