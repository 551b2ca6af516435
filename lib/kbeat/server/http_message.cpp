// Requests and responses as values, and the form of errors: RFC 9457 problem JSON.
#include "kbeat/server/http_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "kbeat/base/escape.hpp"

namespace kbeat::server {
namespace {

constexpr std::size_t k_longest_detail = 1000;

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

enum class Plus { itself, space };

bool decode_percent(std::string_view text, Plus plus, std::string& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus == Plus::space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      if (i + 2 >= text.size()) return false;
      const auto high = hex_digit(text[i + 1]);
      const auto low = hex_digit(text[i + 2]);
      if (!high || !low) return false;
      out += static_cast<char>(*high * 16 + *low);
      i += 2;
    }
  }
  return true;
}

bool parse_query(std::string_view text, Fields& query) {
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    if (part.empty()) continue;
    const std::size_t equals = std::min(part.find('='), part.size());
    std::pair<std::string, std::string> field;
    if (!decode_percent(part.substr(0, equals), Plus::space, field.first)) return false;
    if (equals < part.size() && !decode_percent(part.substr(equals + 1), Plus::space, field.second))
      return false;
    query.push_back(std::move(field));
  }
  return true;
}

/// RFC 9110's date of now; computed once a second and thread.
const std::string& http_date() {
  thread_local std::time_t at = 0;
  thread_local std::string text;
  const std::time_t now = std::time(nullptr);
  if (now != at) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    char buffer[40];
    const std::size_t size = std::strftime(buffer, sizeof buffer, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    text.assign(buffer, size);
    at = now;
  }
  return text;
}

}  // namespace

const std::string* find_field(const Fields& fields, std::string_view name) {
  const auto found =
      std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.first == name; });
  return found == fields.end() ? nullptr : &found->second;
}

std::string_view HttpRequest::header(std::string_view name) const {
  const std::string* value = find_field(headers, name);
  return value == nullptr ? std::string_view() : *value;
}

std::string_view HttpRequest::parameter(std::string_view name) const {
  const std::string* value = find_field(query, name);
  return value == nullptr ? std::string_view() : *value;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  decode_percent(text, Plus::itself, out);
  return out;
}

bool parse_target(std::string_view target, std::string& path, Fields& query) {
  target = target.substr(0, target.find('#'));
  const std::size_t mark = std::min(target.find('?'), target.size());
  if (!decode_percent(target.substr(0, mark), Plus::itself, path)) return false;
  if (!target.starts_with('/') || path.find('\0') != std::string::npos) return false;
  return mark == target.size() || parse_query(target.substr(mark + 1), query);
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

bool yes_or_no(const HttpRequest& request, std::string_view parameter) {
  const std::string_view text = request.parameter(parameter);
  if (text.empty() || text == "0" || text == "false" || text == "no") return false;
  if (text == "1" || text == "true" || text == "yes") return true;
  throw Error(ErrorCode::bad_input,
              fmt::format("{}={}: give 1 or 0", parameter, escape_for_terminal(text, 80)));
}

std::string_view reason_of(int status) {
  switch (status) {
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 207: return "Multi-Status";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
  }
}

HttpResponse problem(int status, std::string_view detail) {
  HttpResponse response{.status = status, .type = "application/problem+json"};
  response.body =
      fmt::format(R"({{"type":"about:blank","title":"{}","status":{},"detail":)", reason_of(status), status);
  append_json_string(response.body, clean_utf8(detail, k_longest_detail));
  response.body += "}\n";
  return response;
}

HttpResponse problem_for_now(int status, std::string_view detail, int retry_after) {
  HttpResponse response = problem(status, detail);
  response.headers.emplace_back("Retry-After", std::to_string(retry_after));
  return response;
}

HttpResponse problem_of(const Error& error) {
  switch (error.code()) {
    case ErrorCode::usage:
    case ErrorCode::bad_input: return problem(400, error.what());
    case ErrorCode::not_found: return problem(404, error.what());
    case ErrorCode::fenced: return problem(409, error.what());
    case ErrorCode::busy:
      // A lock passes by itself; a name that is taken, or a group with members, does not.
      return error.retryable() ? problem_for_now(503, error.what(), 5) : problem(409, error.what());
    case ErrorCode::too_large: return problem(413, error.what());
    case ErrorCode::timed_out: return problem(504, error.what());
    case ErrorCode::unreachable:
    case ErrorCode::no_space:
    case ErrorCode::database: return problem_for_now(503, error.what(), 5);
    case ErrorCode::unsupported: return problem(501, error.what());
    default: return problem(500, error.what());
  }
}

std::string to_wire(const HttpResponse& response, AfterResponse after, bool head_only) {
  std::string wire;
  wire.reserve(256 + response.body.size());
  fmt::format_to(std::back_inserter(wire), "HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status,
                 reason_of(response.status), http_date());
  if (response.status != 204 && response.status != 304) {
    fmt::format_to(std::back_inserter(wire), "Content-Type: {}\r\nContent-Length: {}\r\n", response.type,
                   response.body.size());
  }
  for (const auto& [name, value] : response.headers)
    fmt::format_to(std::back_inserter(wire), "{}: {}\r\n", name, value);
  wire += "X-Content-Type-Options: nosniff\r\n";
  if (after == AfterResponse::close) wire += "Connection: close\r\n";
  wire += "\r\n";
  if (!head_only && response.status != 204) wire += response.body;
  return wire;
}

}  // namespace kbeat::server
