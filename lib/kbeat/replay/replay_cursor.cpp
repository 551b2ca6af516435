// Checkpoints as text.
#include "kbeat/replay/replay_cursor.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/base/hash.hpp"

namespace kbeat::replay {
namespace {

constexpr std::string_view k_mark = "kbeat-replay/1 ";
constexpr std::size_t k_longest = 4096;
constexpr std::size_t k_hash_bytes = 8;  // of a SHA-256, in a mark

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

std::string stretch_text(const CursorPart& part) {
  std::string text = std::to_string(part.next.get());
  if (part.end) text += fmt::format("-{}", part.end->get());
  return text;
}

std::string mark_text(const CursorPart& part) {
  if (!part.mark) return {};
  return fmt::format("~{}.{}.{}", part.next.get() - part.mark->offset.get(),
                     part.mark->timestamp.time_since_epoch().count(),
                     to_hex(part.mark->hash.substr(0, k_hash_bytes)));
}

std::string bytes_of(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    unsigned value = 0;
    const auto result = std::from_chars(hex.data() + i, hex.data() + i + 2, value, 16);
    if (result.ec != std::errc{} || result.ptr != hex.data() + i + 2) return {};
    bytes += static_cast<char>(value);
  }
  return bytes;
}

[[noreturn]] void refuse_damaged() {
  throw Error(ErrorCode::bad_input, "the replay's checkpoint is damaged");
}

/// Nothing in a checkpoint of an earlier version, and where there was no room.
std::optional<store::RecordMark> read_mark(std::string_view words, Offset next) {
  if (words.empty()) return std::nullopt;
  const auto back = number_of(take_word(words, '.'));
  const auto stamp = number_of(take_word(words, '.'));
  std::string hash = bytes_of(words);
  if (!back || !stamp || words.size() != 2 * k_hash_bytes || hash.size() != k_hash_bytes) refuse_damaged();
  return store::RecordMark{.offset = Offset{next.get() - *back},
                           .timestamp = WallTime{Milliseconds{*stamp}},
                           .hash = std::move(hash)};
}

void read_part(std::string_view words, CursorPart& part) {
  std::string_view stretch = take_word(words, '~');
  const auto next = number_of(take_word(stretch, '-'));
  if (!next) refuse_damaged();
  part.next = Offset{*next};
  if (const auto end = number_of(stretch)) part.end = Offset{*end};
  part.mark = read_mark(words, part.next);
}

}  // namespace

std::string to_metadata(const Checkpoint& checkpoint) {
  std::string text = fmt::format("{}{} {} ", k_mark, checkpoint.plan, checkpoint.sent);
  std::size_t size = text.size();
  for (const CursorPart& part : checkpoint.cursor) size += stretch_text(part).size() + 1;
  for (const CursorPart& part : checkpoint.cursor) {
    if (text.back() != ' ') text += ',';
    text += stretch_text(part);
    const std::string mark = mark_text(part);
    if (size + mark.size() > k_longest) continue;
    text += mark;
    size += mark.size();
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
  for (CursorPart& part : found.cursor) read_part(take_word(metadata, ','), part);
  return found;
}

}  // namespace kbeat::replay
