// Looks for the letters that are missing once more, whatever their state.
#include "letter_ids.hpp"

#include <fmt/format.h>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::app {
namespace {

std::string mismatch(const dlq::SeenLetter& letter, const dlq::LetterQuery& query) {
  const std::string_view category =
      letter.category ? to_string(*letter.category) : dlq::to_string(letter.kind);
  const bool by_category = query.category || query.without_category;
  return fmt::format("dead letter {} does not match: it is {}{}{}", letter.id,
                     pipeline::to_string(letter.state), by_category ? ", of the category " : "",
                     by_category ? category : "");
}

/// A line for each id.
std::vector<std::string> reasons(const dlq::NamedLetters& named, const LetterSearch& search,
                                 const DlqPlace& place, const Context& context) {
  std::vector<std::string> lines;
  dlq::NamedLetters unknown(named.missing());
  const dlq::LetterQuery query{
      .ids = named.missing(), .state = std::nullopt, .reading = search.query.reading};
  for (const TopicName& topic : place.topics(search.flags.dlq_topic)) {
    dlq::view_letters(place.source(), topic, query, context.stop(), [&](const dlq::SeenLetter& letter) {
      unknown.found(letter.id);
      if (search.all_read) lines.push_back(mismatch(letter, search.query));
    });
  }
  for (const std::string& id : unknown.missing())
    lines.push_back(fmt::format("no such dead letter: {}", escape_for_terminal(id, 300)));
  return lines;
}

}  // namespace

IdsFound tell_missing(const dlq::NamedLetters& named, const LetterSearch& search, const DlqPlace& place,
                      Context& context) {
  if (named.missing().empty()) return IdsFound::all;
  const std::vector<std::string> lines = reasons(named, search, place, context);
  if (lines.empty()) return IdsFound::all;
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) context.io.say(lines[i]);
  if (search.none) throw Error(ErrorCode::not_found, lines.back());
  context.io.say(lines.back());
  return IdsFound::some;
}

}  // namespace kbeat::app
