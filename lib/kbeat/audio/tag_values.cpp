// The tags that count, whatever the container calls them.
#include "kbeat/audio/tag_values.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "kbeat/audio/tag_text.hpp"

namespace kbeat::audio {
namespace {

void set_text(std::string& text, std::string value) {
  if (text.empty()) text = std::move(value);
}

void set_bpm(std::optional<double>& bpm, std::string point) {
  double number = 0;
  std::replace(point.begin(), point.end(), ',', '.');  // as half the world writes fractions
  const auto [end, error] = std::from_chars(point.data(), point.data() + point.size(), number);
  if (!bpm && error == std::errc() && number >= 1 && number < 1000) bpm = number;
}

}  // namespace

void set_tag(Tags& tags, TagName name, std::string_view value) {
  std::string text = tag_text(value);
  switch (name) {
    case TagName::title: return set_text(tags.title, std::move(text));
    case TagName::artist: return set_text(tags.artist, std::move(text));
    case TagName::key: return set_text(tags.key, std::move(text));
    case TagName::bpm: return set_bpm(tags.bpm, std::move(text));
  }
}

}  // namespace kbeat::audio
