// Reads the text of one setting's value and words the complaint when it does not have the form.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/config/settings.hpp"

namespace kbeat::config {

/// A value as somebody gave it. Lives only while it is read.
struct Given {
  std::string_view name;  ///< of the setting
  std::string_view text;
  std::string_view source;  ///< `flag --brokers`, `environment KAFKA_BROKERS` …
  std::string_view form;    ///< what is allowed, for the message
  Secrecy secrecy = Secrecy::open;
};

/// Throws Error{configuration} with name, source, value (unless it is secret), `why` and the allowed form.
[[noreturn]] void refuse(const Given& given, std::string_view why);

// Each of these refuses what does not have its form.

/// true/false, yes/no, on/off, 1/0 in any case.
[[nodiscard]] bool parse_bool(const Given& given);
/// A whole decimal number between both bounds.
[[nodiscard]] std::int64_t parse_whole(const Given& given, std::int64_t least, std::int64_t most);
/// A decimal number between both bounds; never NaN.
[[nodiscard]] double parse_fraction(const Given& given, double least, double most);
/// A span as parse_duration reads it, up to a hundred years.
[[nodiscard]] Milliseconds parse_span(const Given& given);
/// One of `allowed`, in any case; returned as it is spelled there.
[[nodiscard]] std::string parse_choice(const Given& given, std::initializer_list<std::string_view> allowed);
/// A comma list or a JSON array of strings, without empty entries.
[[nodiscard]] std::vector<std::string> parse_list(const Given& given);
/// A list of HOST:PORT (the port defaults to 9092); no URLs, no ports outside 1 to 65535.
[[nodiscard]] std::vector<std::string> parse_brokers(const Given& given);

/// A user name or password in a URL. Where they are allowed they are taken out before the URL is shown.
enum class Login { refused, allowed };

/// An http or https URL, or empty for none.
[[nodiscard]] std::string parse_url(const Given& given, Login login = Login::refused);

/// True for a URL with a user name or password in it.
[[nodiscard]] bool has_login(std::string_view url);

/// Why parse_url would refuse `url`, or nothing; never repeats it.
[[nodiscard]] std::optional<std::string_view> fault_of_url(std::string_view url,
                                                           Login login = Login::refused);

}  // namespace kbeat::config
