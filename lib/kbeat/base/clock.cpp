// The system clock and the text forms of times and spans.
#include "kbeat/base/clock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <limits>
#include <mutex>

#include "kbeat/base/error.hpp"

namespace kbeat {
namespace {

using namespace std::chrono;

[[noreturn]] void bad_time(std::string_view text) {
  throw Error(
      ErrorCode::bad_input,
      fmt::format("\"{}\" is not a time: write 2026-01-31, 2026-01-31T09:00:00Z or a span such as 2h", text));
}

/// Takes exactly `width` digits off the front of `rest`.
int take_digits(std::string_view& rest, std::size_t width, std::string_view whole) {
  int value = 0;
  if (rest.size() < width) bad_time(whole);
  const auto result = std::from_chars(rest.data(), rest.data() + width, value);
  if (result.ec != std::errc{} || result.ptr != rest.data() + width) bad_time(whole);
  rest.remove_prefix(width);
  return value;
}

void take(std::string_view& rest, std::string_view any_of, std::string_view whole) {
  if (rest.empty() || any_of.find(rest.front()) == std::string_view::npos) bad_time(whole);
  rest.remove_prefix(1);
}

milliseconds take_fraction(std::string_view& rest, std::string_view whole) {
  if (rest.empty() || rest.front() != '.') return milliseconds{0};
  rest.remove_prefix(1);
  int value = 0;
  int digits = 0;
  for (; !rest.empty() && rest.front() >= '0' && rest.front() <= '9'; rest.remove_prefix(1), ++digits) {
    if (digits < 3) value = value * 10 + (rest.front() - '0');
  }
  if (digits == 0 || digits > 9) bad_time(whole);
  for (; digits < 3; ++digits) value *= 10;
  return milliseconds{value};
}

minutes take_zone(std::string_view& rest, std::string_view whole) {
  if (!rest.empty() && (rest.front() == 'Z' || rest.front() == 'z')) {
    rest.remove_prefix(1);
    return minutes{0};
  }
  if (rest.empty() || (rest.front() != '+' && rest.front() != '-')) bad_time(whole);
  const int sign = rest.front() == '-' ? -1 : 1;
  rest.remove_prefix(1);
  const int hour = take_digits(rest, 2, whole);
  take(rest, ":", whole);
  const int minute = take_digits(rest, 2, whole);
  if (hour > 23 || minute > 59) bad_time(whole);
  return minutes{sign * (hour * 60 + minute)};
}

milliseconds unit_of(std::string_view unit, std::string_view whole) {
  if (unit.empty() || unit == "ms") return milliseconds{1};
  if (unit == "s") return seconds{1};
  if (unit == "m" || unit == "min") return minutes{1};
  if (unit == "h") return hours{1};
  if (unit == "d") return days{1};
  throw Error(ErrorCode::bad_input,
              fmt::format("\"{}\" is not a span of time: write 250ms, 10s, 5m, 2h or 7d", whole));
}

}  // namespace

SteadyTime steady_now() {
  return steady_clock::now();
}

Milliseconds left_until(SteadyTime deadline) {
  return std::max(Milliseconds{0}, ceil<Milliseconds>(deadline - steady_now()));
}

WallTime SystemClock::now() const {
  return floor<milliseconds>(system_clock::now());
}

SteadyTime SystemClock::steady() const {
  return steady_now();
}

Waited SystemClock::wait(Milliseconds duration, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_for(lock, stop, duration, [] { return false; });
  return stop.stop_requested() ? Waited::stopped : Waited::elapsed;
}

std::string to_rfc3339(WallTime time) {
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss<milliseconds> clock{time - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

WallTime parse_rfc3339(std::string_view text) {
  std::string_view rest = text;
  const year y{take_digits(rest, 4, text)};
  take(rest, "-", text);
  const month m{static_cast<unsigned>(take_digits(rest, 2, text))};
  take(rest, "-", text);
  const day d{static_cast<unsigned>(take_digits(rest, 2, text))};
  const year_month_day date{y, m, d};
  if (!date.ok()) bad_time(text);
  if (rest.empty()) return sys_days{date};
  take(rest, "Tt ", text);
  const int hour = take_digits(rest, 2, text);
  take(rest, ":", text);
  const int minute = take_digits(rest, 2, text);
  take(rest, ":", text);
  const int second = take_digits(rest, 2, text);
  if (hour > 23 || minute > 59 || second > 60) bad_time(text);
  const milliseconds fraction = take_fraction(rest, text);
  const minutes zone = take_zone(rest, text);
  if (!rest.empty()) bad_time(text);
  return sys_days{date} + hours{hour} + minutes{minute} + seconds{second} + fraction - zone;
}

Milliseconds parse_duration(std::string_view text) {
  double number = 0;
  const auto result =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  const auto used = static_cast<std::size_t>(result.ptr - text.data());
  if (result.ec != std::errc{} || used == 0 || !(number >= 0)) {
    throw Error(ErrorCode::bad_input,
                fmt::format("\"{}\" is not a span of time: write 250ms, 10s, 5m, 2h or 7d", text));
  }
  const double total = number * static_cast<double>(unit_of(text.substr(used), text).count());
  constexpr double k_longest = 9.2e15;
  if (total > k_longest) {
    throw Error(ErrorCode::bad_input, fmt::format("\"{}\" is too long a span of time", text));
  }
  return Milliseconds{static_cast<Milliseconds::rep>(total + 0.5)};
}

std::string seconds_text(Milliseconds duration) {
  return fmt::format("{:.1f}s", static_cast<double>(duration.count()) / 1000.0);
}

}  // namespace kbeat
