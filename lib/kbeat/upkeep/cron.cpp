// Reading cron expressions, and walking the calendar day by day.
#include "kbeat/upkeep/cron.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <stdexcept>
#include <vector>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::upkeep {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::array<std::string_view, 12> k_months{"jan", "feb", "mar", "apr", "may", "jun",
                                                    "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> k_weekdays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct Field {
  std::string_view name;
  int least;
  int most;
  std::span<const std::string_view> words{};
};

constexpr std::array<Field, 5> k_fields{{{"minute", 0, 59},
                                         {"hour", 0, 23},
                                         {"day of the month", 1, 31},
                                         {"month", 1, 12, k_months},
                                         {"day of the week", 0, 7, k_weekdays}}};

[[noreturn]] void refuse(std::string_view whole, const std::string& why) {
  throw Error(ErrorCode::configuration,
              fmt::format("\"{}\" is no cron expression: {}", escape_for_terminal(whole, 80), why));
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> parts;
  std::size_t at = text.find_first_not_of(separators);
  while (at != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(separators, at), text.size());
    parts.push_back(text.substr(at, end - at));
    at = text.find_first_not_of(separators, end);
  }
  return parts;
}

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return (x | 0x20) == y; });
}

int number_of(std::string_view text, const Field& field, std::string_view whole) {
  for (std::size_t i = 0; i < field.words.size(); ++i) {
    if (same_word(text, field.words[i])) return static_cast<int>(i) + field.least;
  }
  int value = -1;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool number = result.ec == std::errc{} && result.ptr == text.data() + text.size();
  if (!number || value < field.least || value > field.most) {
    refuse(whole, fmt::format("the {} \"{}\" is not from {} to {}", field.name, escape_for_terminal(text, 20),
                              field.least, field.most));
  }
  return value;
}

struct Range {
  int first;
  int last;
  int step = 1;
};

Range range_of(std::string_view part, const Field& field, std::string_view whole) {
  Range range{field.least, field.most};
  const std::size_t slash = part.find('/');
  const std::string_view span = part.substr(0, slash);
  const std::size_t dash = span.find('-');
  if (span != "*") {
    range.first = number_of(span.substr(0, dash), field, whole);
    if (dash != std::string_view::npos) range.last = number_of(span.substr(dash + 1), field, whole);
    if (dash == std::string_view::npos && slash == std::string_view::npos) range.last = range.first;
  }
  if (slash != std::string_view::npos) {
    const Field step{"step", 1, field.most};
    range.step = number_of(part.substr(slash + 1), step, whole);
  }
  if (range.first > range.last) refuse(whole, fmt::format("the {} runs backwards", field.name));
  return range;
}

template <std::size_t Size>
std::bitset<Size> bits_of(std::string_view text, const Field& field, std::string_view whole) {
  if (text.front() == ',' || text.back() == ',' || text.find(",,") != std::string_view::npos) {
    refuse(whole, fmt::format("the {} has an empty part", field.name));
  }
  std::bitset<Size> bits;
  for (const std::string_view part : split(text, ",")) {
    const Range range = range_of(part, field, whole);
    // Sunday is 0 and 7.
    for (int value = range.first; value <= range.last; value += range.step) {
      bits.set(static_cast<std::size_t>(value) % Size);
    }
  }
  return bits;
}

std::string_view long_form(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> k_names{
      {{"@hourly", "0 * * * *"},
       {"@daily", "0 0 * * *"},
       {"@midnight", "0 0 * * *"},
       {"@weekly", "0 0 * * 0"},
       {"@monthly", "0 0 1 * *"},
       {"@yearly", "0 0 1 1 *"},
       {"@annually", "0 0 1 1 *"}}};
  for (const auto& [name, fields] : k_names) {
    if (text == name) return fields;
  }
  return text;
}

const date::time_zone& zone_of(const TimeZone& zone) {
  return *static_cast<const date::time_zone*>(zone.handle());
}

}  // namespace

TimeZone::TimeZone(const std::string& name) : m_name(name), m_zone(nullptr) {
  try {
    m_zone = date::locate_zone(name);
  } catch (const std::runtime_error&) {
    throw Error(
        ErrorCode::configuration,
        fmt::format("\"{}\" is no time zone: write a name such as UTC or Europe/Berlin (tzdata has them)",
                    escape_for_terminal(name, 80)));
  }
}

CronExpression::CronExpression(std::string_view text) {
  const auto fields = split(long_form(text), " \t");
  if (fields.size() != k_fields.size()) {
    refuse(text, "it needs five fields: minute hour day-of-month month day-of-week");
  }
  m_minutes = bits_of<60>(fields[0], k_fields[0], text);
  m_hours = bits_of<24>(fields[1], k_fields[1], text);
  m_days = bits_of<32>(fields[2], k_fields[2], text);
  m_months = bits_of<13>(fields[3], k_fields[3], text);
  m_weekdays = bits_of<7>(fields[4], k_fields[4], text);
  m_so_often = fields[0].front() == '*' || fields[1].front() == '*';
  m_any_day = fields[2].front() == '*';
  m_any_weekday = fields[4].front() == '*';
}

/// The due moments of one day of a zone's calendar.
class CronDay {
 public:
  CronDay(const CronExpression& cron, const date::time_zone& zone) : m_cron(cron), m_zone(zone) {}

  [[nodiscard]] bool matches(date::local_days day) const {
    const date::year_month_day date{day};
    if (!m_cron.m_months.test(static_cast<unsigned>(date.month()))) return false;
    const bool by_day = m_cron.m_days.test(static_cast<unsigned>(date.day()));
    const bool by_weekday = m_cron.m_weekdays.test(date::weekday{day}.c_encoding());
    // A field that begins with * restricts nothing by itself, but a step of it still has to fit.
    if (m_cron.m_any_day || m_cron.m_any_weekday) return by_day && by_weekday;
    return by_day || by_weekday;
  }

  /// The first moment after `after`, if the day has one.
  [[nodiscard]] std::optional<WallTime> first_after(date::local_days day, WallTime after) const {
    std::optional<WallTime> found;
    for (int hour = 0; hour < 24; ++hour) {
      if (!m_cron.m_hours.test(static_cast<std::size_t>(hour))) continue;
      for (int minute = 0; minute < 60; ++minute) {
        if (m_cron.m_minutes.test(static_cast<std::size_t>(minute)))
          consider(day + hours{hour} + minutes{minute}, after, found);
      }
    }
    return found;
  }

 private:
  void consider(date::local_time<minutes> local, WallTime after, std::optional<WallTime>& found) const {
    const auto take = [&](auto moment) {
      const WallTime time = std::chrono::floor<Milliseconds>(moment);
      if (time > after && (!found || time < *found)) found = time;
    };
    const date::local_info info = m_zone.get_info(local);
    if (info.result == date::local_info::nonexistent) {
      if (!m_cron.m_so_often) take(info.second.begin);
      return;
    }
    take(date::sys_seconds{local.time_since_epoch()} - info.first.offset);
    if (info.result == date::local_info::ambiguous && m_cron.m_so_often) {
      take(date::sys_seconds{local.time_since_epoch()} - info.second.offset);
    }
  }

  const CronExpression& m_cron;
  const date::time_zone& m_zone;
};

std::optional<WallTime> CronExpression::next(WallTime after, const TimeZone& zone) const {
  const date::time_zone& tz = zone_of(zone);
  const CronDay matcher(*this, tz);
  const auto local = tz.to_local(std::chrono::floor<std::chrono::seconds>(after));
  // The day before: a zone that moves its clocks at midnight has due moments of one day in the next.
  date::local_days day = std::chrono::floor<date::days>(local) - date::days{1};
  constexpr int k_days = 9 * 366;
  std::optional<WallTime> found;
  for (int i = 0; i < k_days; ++i, day += date::days{1}) {
    const bool was_found = found.has_value();
    if (matcher.matches(day)) {
      const auto moment = matcher.first_after(day, after);
      if (moment && (!found || *moment < *found)) found = moment;
    }
    if (was_found) return found;  // the day after may have an earlier one, two days after cannot
  }
  return found;
}

}  // namespace kbeat::upkeep
