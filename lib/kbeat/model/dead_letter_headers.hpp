// The headers of a dead letter in each family's names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kbeat/model/dead_letter.hpp"

namespace kbeat {

/// How a body of the house's form begins: the original value follows.
inline constexpr std::string_view k_letter_opening = "{\"originalEvent\":";

/// The letter's error as it is written: valid UTF-8 of at most 1 KiB.
[[nodiscard]] std::string letter_error_text(const DeadLetter& letter);

/// kbeat.dlq.*: decimal ASCII, RFC 3339 for moments of failure.
void append_letter_headers(std::vector<Header>& headers, const DeadLetter& letter, std::string_view encoding);

/// __connect.errors.*, as Kafka Connect's sinks write them.
void append_connect_headers(std::vector<Header>& headers, const DeadLetter& letter);

/// kafka_dlt-*, as Spring Kafka writes them: numbers are big-endian bytes.
void append_spring_headers(std::vector<Header>& headers, const DeadLetter& letter);

}  // namespace kbeat
