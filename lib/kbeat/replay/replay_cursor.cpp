// Checkpoints as text.
#include "kbeat/replay/replay_cursor.hpp"

#include <fmt/format.h>

#include <charconv>

#include "kbeat/base/error.hpp"

namespace kbeat::replay {
namespace {

constexpr std::string_view k_mark = "kbeat-replay/1 ";
constexpr std::size_t k_longest = 4096;

/// Takes what stands before `delimiter`, or the rest.
std::string_view take_word(std::string_view& text, char delimiter) {
  const std::size_t end = text.find(delimiter);
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return word;
}

std::optional<std::int64_t> number_of(std::string_view digits) {
  std::int64_t number = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (digits.empty() || result.ec != std::errc{} || result.ptr != digits.data() + digits.size())
    return std::nullopt;
  return number;
}

}  // namespace

std::string to_metadata(const Checkpoint& checkpoint) {
  std::string text = fmt::format("{}{} {} ", k_mark, checkpoint.plan, checkpoint.sent);
  for (const CursorPart& part : checkpoint.cursor) {
    if (text.back() != ' ') text += ',';
    text += std::to_string(part.next.get());
    if (part.end) text += fmt::format("-{}", part.end->get());
  }
  if (text.size() <= k_longest) return text;
  throw Error(ErrorCode::unsupported,
              fmt::format("a checkpoint of {} partitions is larger than a broker keeps; replay fewer at once "
                          "with -p",
                          checkpoint.cursor.size()));
}

std::optional<Checkpoint> read_metadata(std::string_view metadata, const Checkpoint& plan) {
  if (!metadata.starts_with(k_mark)) return std::nullopt;
  metadata.remove_prefix(k_mark.size());
  const std::string_view name = take_word(metadata, ' ');
  const auto sent = number_of(take_word(metadata, ' '));
  if (name != plan.plan || !sent) {
    throw Error(ErrorCode::usage,
                "a replay of that name was begun from another source or with other filters; give the same "
                "ones, or another name with --resume");
  }
  Checkpoint found = plan;
  found.sent = static_cast<std::uint64_t>(*sent);
  for (CursorPart& part : found.cursor) {
    std::string_view words = take_word(metadata, ',');
    const auto next = number_of(take_word(words, '-'));
    if (!next) throw Error(ErrorCode::bad_input, "the replay's checkpoint is damaged");
    part.next = Offset{*next};
    if (const auto end = number_of(words)) part.end = Offset{*end};
  }
  return found;
}

}  // namespace kbeat::replay
