// Topic patterns: RE2's syntax for users, the C library's for librdkafka.
#pragma once

#include <string>
#include <string_view>

namespace kbeat::transport {

/// Rewrites a pattern so that POSIX extended syntax matches the same names: \d, \w and \s and their
/// complements, (?:…) and lazy quantifiers (which decide how, not whether, a name matches).
/// Throws Error{usage} for a pattern that RE2 refuses, or that uses what POSIX has no form for.
[[nodiscard]] std::string posix_pattern(std::string_view pattern);

}  // namespace kbeat::transport
