// Copies and loans of records, header look-up and the rule for topic names.
#include "kbeat/model/record.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat {
namespace {

std::optional<Bytes> owned(const std::optional<std::string_view>& bytes) {
  return bytes ? std::optional<Bytes>(*bytes) : std::nullopt;
}

std::optional<std::string_view> lent(const std::optional<Bytes>& bytes) {
  return bytes ? std::optional<std::string_view>(*bytes) : std::nullopt;
}

template <typename AnyHeader>
const AnyHeader* last_named(std::span<const AnyHeader> headers, std::string_view name) {
  const auto found = std::find_if(headers.rbegin(), headers.rend(),
                                  [&](const AnyHeader& header) { return header.name == name; });
  return found == headers.rend() ? nullptr : &*found;
}

}  // namespace

Record to_record(const RecordView& view) {
  Record record{.topic = TopicName{std::string(view.topic)},
                .partition = view.partition,
                .offset = view.offset,
                .timestamp = view.timestamp,
                .timestamp_type = view.timestamp_type,
                .key = owned(view.key),
                .value = owned(view.value),
                .headers = {}};
  record.headers.reserve(view.headers.size());
  for (const HeaderView& header : view.headers) {
    record.headers.push_back({std::string(header.name), owned(header.value)});
  }
  return record;
}

RecordLoan::RecordLoan(const Record& record) {
  m_headers.reserve(record.headers.size());
  for (const Header& header : record.headers) m_headers.push_back({header.name, lent(header.value)});
  m_view = {.topic = record.topic.get(),
            .partition = record.partition,
            .offset = record.offset,
            .timestamp = record.timestamp,
            .timestamp_type = record.timestamp_type,
            .key = lent(record.key),
            .value = lent(record.value),
            .headers = m_headers};
}

const HeaderView* find_header(std::span<const HeaderView> headers, std::string_view name) {
  return last_named(headers, name);
}

const Header* find_header(std::span<const Header> headers, std::string_view name) {
  return last_named(headers, name);
}

std::string to_string(const TopicPartition& partition) {
  return fmt::format("{}[{}]", partition.topic.get(), partition.partition.get());
}

void check_topic_name(std::string_view name) {
  constexpr std::size_t k_longest = 249;
  const bool legal_characters = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
  if (!name.empty() && name.size() <= k_longest && legal_characters && name != "." && name != "..") return;
  std::string proposal(name.substr(0, k_longest));
  std::replace_if(
      proposal.begin(), proposal.end(), [](char c) { return c == '/' || c == ' ' || c == ':'; }, '.');
  const bool worth_proposing = proposal != name && !proposal.empty();
  throw Error(
      ErrorCode::usage,
      fmt::format("\"{}\" is not a legal topic name: use 1 to 249 of a-z A-Z 0-9 . _ -{}",
                  escape_for_terminal(name, 80),
                  worth_proposing ? fmt::format(", for example {}", escape_for_terminal(proposal, 80)) : ""));
}

}  // namespace kbeat
