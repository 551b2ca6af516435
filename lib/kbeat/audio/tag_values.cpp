// The tags that count, whatever the container calls them.
#include "kbeat/audio/tag_values.hpp"

#include <algorithm>
#include <charconv>

namespace kbeat::audio {
namespace {

constexpr std::size_t k_longest = 500;  // bytes shown of a tag

void set_text(std::string& text, std::string_view value) {
  if (text.empty()) text = value.substr(0, k_longest);
}

void set_bpm(std::optional<double>& bpm, std::string_view value) {
  double number = 0;
  std::string point(value.substr(0, k_longest));
  std::replace(point.begin(), point.end(), ',', '.');  // as half the world writes fractions
  const auto [end, error] = std::from_chars(point.data(), point.data() + point.size(), number);
  if (!bpm && error == std::errc() && number >= 1 && number < 1000) bpm = number;
}

}  // namespace

void set_tag(Tags& tags, TagName name, const std::string& value) {
  switch (name) {
    case TagName::title: return set_text(tags.title, value);
    case TagName::artist: return set_text(tags.artist, value);
    case TagName::key: return set_text(tags.key, value);
    case TagName::bpm: return set_bpm(tags.bpm, value);
  }
}

}  // namespace kbeat::audio
