// Forms of values: numbers, switches, spans, choices, lists and brokers.
#include "kbeat/config/parse_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <nlohmann/json.hpp>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::config {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view k_blank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(k_blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(k_blank) - first + 1);
}

template <typename Number>
Number parse_number(const Given& given, std::string_view text, Number least, Number most) {
  Number value{};
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec == std::errc::invalid_argument || result.ptr != text.data() + text.size()) {
    refuse(given, "is not a number");
  }
  const bool fits = result.ec == std::errc{} && value >= least && value <= most;
  if (!fits) refuse(given, fmt::format("is not between {} and {}", least, most));
  return value;
}

std::vector<std::string> parse_json_list(const Given& given, std::string_view text) {
  const auto list = nlohmann::json::parse(text, nullptr, false);
  const bool strings =
      list.is_array() &&
      std::all_of(list.begin(), list.end(), [](const nlohmann::json& item) { return item.is_string(); });
  if (!strings) refuse(given, "is not a JSON list of strings");
  return list.get<std::vector<std::string>>();
}

/// `["a:1"]` and not `[::1]:9092`.
bool looks_like_json(std::string_view text) {
  if (text.empty() || text.front() != '[') return false;
  const std::string_view inside = trim(text.substr(1));
  return !inside.empty() && (inside.front() == '"' || inside.front() == ']');
}

std::vector<std::string> parse_comma_list(std::string_view text) {
  std::vector<std::string> items;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t comma = std::min(text.find(',', start), text.size());
    items.emplace_back(trim(text.substr(start, comma - start)));
    start = comma + 1;
  }
  return items;
}

/// Where the colon before the port is, past the brackets of an IPv6 address.
std::size_t port_colon(const Given& given, std::string_view broker) {
  if (!broker.empty() && broker.front() == '[') {
    const std::size_t close = broker.find(']');
    if (close == std::string_view::npos) refuse(given, "has a [ without a ]");
    return broker.find(':', close);
  }
  const std::size_t colon = broker.find(':');
  if (colon != std::string_view::npos && broker.find(':', colon + 1) != std::string_view::npos) {
    refuse(given, "has an IPv6 address without brackets");
  }
  return colon;
}

std::string checked_broker(const Given& given, std::string_view broker) {
  if (broker.find("://") != std::string_view::npos) refuse(given, "is a URL");
  if (broker.find_first_of(" \t\r\n/") != std::string_view::npos) refuse(given, "has a space or slash in it");
  const std::size_t colon = port_colon(given, broker);
  if (colon == 0 || broker.empty()) refuse(given, "has no host");
  if (colon == std::string_view::npos) return fmt::format("{}:9092", broker);
  parse_number<std::int64_t>(given, broker.substr(colon + 1), 1, 65'535);
  return std::string(broker);
}

/// What lies between the scheme and the path, login included.
std::string_view authority_of(std::string_view url) {
  const std::size_t slashes = url.find("://");
  if (slashes == std::string_view::npos) return {};
  const std::string_view rest = url.substr(slashes + 3);
  return rest.substr(0, rest.find_first_of("/\\?#"));
}

/// Host and port, both empty when the URL has none; an IPv6 address is without its brackets.
std::pair<std::string_view, std::string_view> place_of(std::string_view url) {
  std::string_view place = authority_of(url);
  place.remove_prefix(std::min(place.rfind('@') + 1, place.size()));
  const bool bracketed = place.starts_with('[');
  const std::size_t host_end = std::min(place.find(bracketed ? ']' : ':'), place.size());
  const std::string_view host = place.substr(bracketed ? 1 : 0, host_end - (bracketed ? 1 : 0));
  const std::size_t colon = place.find(':', host_end);
  return {host, colon == std::string_view::npos ? "" : place.substr(colon + 1)};
}

}  // namespace

void refuse(const Given& given, std::string_view why) {
  const bool secret = given.secrecy == Secrecy::secret;
  const std::string value =
      secret ? "the value" : fmt::format("\"{}\"", escape_for_terminal(given.text, 120));
  throw Error(ErrorCode::configuration,
              fmt::format("{} ({}): {} {}; give {}", given.name, given.source, value, why, given.form));
}

bool parse_bool(const Given& given) {
  const std::string word = lower(given.text);
  if (word == "true" || word == "yes" || word == "on" || word == "1") return true;
  if (word == "false" || word == "no" || word == "off" || word == "0") return false;
  refuse(given, "is neither");
}

std::int64_t parse_whole(const Given& given, std::int64_t least, std::int64_t most) {
  return parse_number<std::int64_t>(given, given.text, least, most);
}

double parse_fraction(const Given& given, double least, double most) {
  return parse_number<double>(given, given.text, least, most);
}

Milliseconds parse_span(const Given& given) {
  const std::string_view text = given.text;
  const std::size_t unit_start = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::string_view number = text.substr(0, unit_start);
  const std::string_view unit = text.substr(unit_start);
  static constexpr std::string_view k_units[] = {"", "ms", "s", "m", "min", "h", "d"};
  const bool known_unit = std::find(std::begin(k_units), std::end(k_units), unit) != std::end(k_units);
  if (number.empty() || !known_unit) refuse(given, "is not a span of time");
  constexpr double k_most = 3.2e12;  // ms, about a hundred years
  parse_number<double>(given, number, 0, k_most);
  const Milliseconds span = parse_duration(text);
  if (static_cast<double>(span.count()) > k_most) refuse(given, "is too long");
  return span;
}

std::string parse_choice(const Given& given, std::initializer_list<std::string_view> allowed) {
  const auto found = std::find_if(allowed.begin(), allowed.end(),
                                  [&](std::string_view word) { return lower(word) == lower(given.text); });
  if (found == allowed.end()) refuse(given, "is not one of them");
  return std::string(*found);
}

std::vector<std::string> parse_list(const Given& given) {
  const std::string_view text = trim(given.text);
  auto items = looks_like_json(text) ? parse_json_list(given, text) : parse_comma_list(text);
  const bool has_empty =
      std::any_of(items.begin(), items.end(), [](const std::string& item) { return item.empty(); });
  if (items.empty() || has_empty) refuse(given, "has an empty entry");
  return items;
}

bool has_login(std::string_view url) {
  return authority_of(url).find('@') != std::string_view::npos;
}

std::optional<std::string_view> fault_of_url(std::string_view url, Login login) {
  if (!url.starts_with("http://") && !url.starts_with("https://")) return "is no http or https URL";
  if (login == Login::refused && has_login(url))
    return "has a user name or password in it, which would be listed and logged";
  const auto steers = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F; };
  if (std::any_of(url.begin(), url.end(), steers)) return "has a space or control character in it";
  const auto [host, port] = place_of(url);
  if (host.empty()) return "names no host";
  int number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  const bool whole = error == std::errc() && end == port.data() + port.size();
  if (!port.empty() && (!whole || number < 0 || number > 65'535)) return "has a port that is none";
  return std::nullopt;
}

std::string parse_url(const Given& given, Login login) {
  if (given.text.empty()) return {};
  const auto fault = fault_of_url(given.text, login);
  if (!fault) return std::string(given.text);
  Given hidden = given;
  if (has_login(given.text)) hidden.secrecy = Secrecy::secret;
  refuse(hidden, *fault);
}

std::vector<std::string> parse_brokers(const Given& given) {
  // A file of variables may have quotes that a shell takes away and a container's --env-file does not.
  Given plain = given;
  const std::string_view text = trim(given.text);
  const bool quoted = text.size() > 2 && text.front() == '"' && text.back() == '"';
  if (quoted) plain.text = text.substr(1, text.size() - 2);
  std::vector<std::string> brokers = parse_list(plain);
  for (std::string& broker : brokers) broker = checked_broker(given, broker);
  return brokers;
}

}  // namespace kbeat::config
