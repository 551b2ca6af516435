// Checks a pattern with RE2 and translates it.
#include "kbeat/transport/kafka/topic_pattern.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <array>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::transport {
namespace {

struct Class {
  char letter;
  std::string_view members;
  std::string_view others;
};
constexpr std::array k_classes{Class{'d', "0-9", "[^0-9]"}, Class{'w', "0-9A-Za-z_", "[^0-9A-Za-z_]"},
                               Class{'s', " \t\n\f\r", "[^ \t\n\f\r]"}};

[[noreturn]] void refuse(std::string_view pattern, std::string_view reason) {
  throw Error(ErrorCode::usage, fmt::format("topic pattern \"{}\" cannot be used: {}",
                                            escape_for_terminal(pattern, 120), reason));
}

/// Translates what follows a backslash.
void append_escape(std::string& out, char letter, bool in_brackets, std::string_view pattern) {
  for (const Class& known : k_classes) {
    if (letter == known.letter) {
      out += in_brackets ? std::string(known.members) : fmt::format("[{}]", known.members);
      return;
    }
    if (letter == known.letter - 'a' + 'A' && !in_brackets) {
      out += known.others;
      return;
    }
  }
  const bool letter_or_digit = (letter >= '0' && letter <= '9') || (letter >= 'A' && letter <= 'Z') ||
                               (letter >= 'a' && letter <= 'z');
  if (letter_or_digit) refuse(pattern, fmt::format("Kafka's client has no \\{}", letter));
  if (!in_brackets) out += '\\';
  out += letter;
}

bool is_quantifier(char c) {
  return c == '*' || c == '+' || c == '?' || c == '}';
}

}  // namespace

std::string posix_pattern(std::string_view pattern) {
  RE2::Options quiet;
  quiet.set_log_errors(false);
  if (const RE2 checked(re2::StringPiece(pattern.data(), pattern.size()), quiet); !checked.ok()) {
    refuse(pattern, checked.error());
  }
  std::string out;
  bool in_brackets = false;
  bool quantified = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    const bool lazy = c == '?' && quantified;
    quantified = !in_brackets && is_quantifier(c) && !lazy;
    if (lazy) continue;
    if (c == '\\') {
      append_escape(out, pattern[++i], in_brackets, pattern);
    } else if (!in_brackets && pattern.substr(i).starts_with("(?:")) {
      out += '(';
      i += 2;
    } else if (!in_brackets && pattern.substr(i).starts_with("(?")) {
      refuse(pattern, "Kafka's client has no (?…) but (?:…)");
    } else {
      if (c == '[' && !in_brackets)
        in_brackets = true;
      else if (c == ']')
        in_brackets = false;
      out += c;
    }
  }
  return out;
}

}  // namespace kbeat::transport
