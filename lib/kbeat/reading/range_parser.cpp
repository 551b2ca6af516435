// Words, numbers and times of ranges.
#include "kbeat/reading/range_parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::reading {
namespace {

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = result.ec == std::errc{} && result.ptr == text.data() + text.size();
  return whole && number > INT64_MIN ? std::optional(number) : std::nullopt;
}

[[noreturn]] void bad_range(std::string_view text) {
  throw Error(
      ErrorCode::usage,
      fmt::format("-o \"{}\": give beginning, end, stored, an offset, -N for the last N, A:B, @T1:T2, "
                  "s@MS, e@MS, or PARTITION=… of these",
                  escape_for_terminal(text, 80)));
}

std::optional<Bound> bound_of(std::string_view text) {
  if (is_one_of(text, {"beginning", "earliest", "oldest", "start"})) return Bound{BoundKind::earliest, 0};
  if (is_one_of(text, {"end", "latest", "newest"})) return Bound{BoundKind::latest, 0};
  if (text == "stored") return Bound{BoundKind::stored, 0};
  const std::optional<std::int64_t> number = whole_number(text);
  if (!number) return std::nullopt;
  return *number < 0 ? Bound{BoundKind::last, -*number} : Bound{BoundKind::offset, *number};
}

/// Nothing when it is no time.
std::optional<WallTime> time_of(std::string_view text, WallTime now) {
  constexpr std::int64_t k_least_stamp = 100'000'000;  // smaller numbers are spans of milliseconds
  const bool has_date = text.size() >= 10 && text[4] == '-';
  if (const auto number = whole_number(text); number && *number >= k_least_stamp) {
    return WallTime{Milliseconds{*number}};
  }
  try {
    if (has_date) return parse_rfc3339(text);
    return now - parse_duration(text.starts_with('-') ? text.substr(1) : text);
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// Cuts at each : and .. that leaves two sides which `accept` takes; times have colons of their own.
template <typename Accept>
bool cut(std::string_view text, Accept accept) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t width = text[i] == ':' ? 1 : text.substr(i).starts_with("..") ? 2 : 0;
    if (width > 0 && accept(text.substr(0, i), text.substr(i + width))) return true;
  }
  return false;
}

class RangeParser {
 public:
  explicit RangeParser(WallTime now) : m_now(now) {}

  void read(std::string_view text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) return read_one(text, text, m_range.everywhere);
    for (std::string_view rest = text; !rest.empty();) {
      const std::string_view item = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), item.size() + 1));
      const std::size_t sign = std::min(item.find('='), item.size());
      const auto partition = whole_number(item.substr(0, sign));
      if (!partition || *partition < 0 || *partition > INT32_MAX || sign == item.size()) bad_range(text);
      read_one(item.substr(sign + 1), text, m_range.of_partition[static_cast<int>(*partition)]);
    }
  }

  ReadRange& range() { return m_range; }

 private:
  void read_one(std::string_view item, std::string_view text, Bounds& bounds) {
    if (const auto bound = bound_of(item)) {
      set(bounds.begin, *bound, text);
    } else if (item.starts_with("s@") || item.starts_with("e@")) {
      const auto stamp = whole_number(item.substr(2));
      if (!stamp || *stamp < 0) bad_range(text);
      set(item[0] == 's' ? bounds.begin : bounds.end, {BoundKind::time, *stamp}, text);
    } else if (item.starts_with('@')) {
      if (&bounds != &m_range.everywhere || !read_times(item.substr(1))) bad_range(text);
    } else if (!read_pair(item, bounds)) {
      bad_range(text);
    }
  }

  static void set(std::optional<Bound>& place, const Bound& bound, std::string_view text) {
    if (place) bad_range(text);
    place = bound;
  }

  bool read_times(std::string_view text) {
    if (const auto since = time_of(text, m_now)) {
      m_range.since = since;
      return true;
    }
    return cut(text, [&](std::string_view first, std::string_view second) {
      const auto since = first.empty() ? std::nullopt : time_of(first, m_now);
      const auto until = second.empty() ? std::nullopt : time_of(second, m_now);
      if ((!since && !first.empty()) || (!until && !second.empty()) || (!since && !until)) return false;
      m_range.since = since;
      m_range.until = until;
      return true;
    });
  }

  static bool read_pair(std::string_view text, Bounds& bounds) {
    return cut(text, [&](std::string_view first, std::string_view second) {
      const auto begin = first.empty() ? std::nullopt : bound_of(first);
      const auto end = second.empty() ? std::nullopt : bound_of(second);
      if ((!begin && !first.empty()) || (!end && !second.empty()) || (!begin && !end)) return false;
      if (end && end->kind == BoundKind::stored) return false;
      const bool numbers = begin && end && begin->kind == end->kind && begin->kind == BoundKind::offset;
      if (numbers && begin->value > end->value) return false;
      bounds = {begin, end};
      return true;
    });
  }

  WallTime m_now;
  ReadRange m_range;
};

}  // namespace

WallTime parse_time(const std::string& flag, std::string_view text, WallTime now) {
  if (const auto time = time_of(text, now)) return *time;
  throw Error(
      ErrorCode::usage,
      fmt::format("{} \"{}\": give 2026-01-31, 2026-01-31T09:00:00Z, milliseconds since 1970, or a span "
                  "of time back from now such as 2h",
                  flag, escape_for_terminal(text, 80)));
}

ReadRange parse_range(const RangeTexts& texts, WallTime now) {
  RangeParser parser(now);
  for (const std::string& text : texts.offsets) parser.read(text);
  ReadRange& range = parser.range();
  if ((range.since && !texts.since.empty()) || (range.until && !texts.until.empty())) {
    throw Error(ErrorCode::usage, "-o @… and --since, --until exclude each other");
  }
  if (!texts.since.empty()) range.since = parse_time("--since", texts.since, now);
  if (!texts.until.empty()) range.until = parse_time("--until", texts.until, now);
  if (range.since && range.until && *range.since > *range.until) {
    throw Error(ErrorCode::usage, fmt::format("the range ends ({}) before it begins ({})",
                                              to_rfc3339(*range.until), to_rfc3339(*range.since)));
  }
  return range;
}

}  // namespace kbeat::reading
