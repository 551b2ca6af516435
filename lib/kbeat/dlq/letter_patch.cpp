// Objects as lists of raw members, patched and put together again.
#include "kbeat/dlq/letter_patch.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "kbeat/base/error.hpp"
#include "kbeat/model/event.hpp"

namespace kbeat::dlq {
namespace {

struct Member {
  std::string name;  ///< unescaped
  std::string raw_name;
  std::string raw_value;
};

bool is_object(std::string_view json) {
  const std::size_t first = json.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && json[first] == '{';
}

bool is_null(std::string_view json) {
  return json == "null";
}

std::string trimmed(std::string_view json) {
  const std::size_t first = json.find_first_not_of(" \t\r\n");
  const std::size_t last = json.find_last_not_of(" \t\r\n");
  return first == std::string_view::npos ? std::string() : std::string(json.substr(first, last + 1 - first));
}

/// What stands between the quotes of a name that begins at `first`.
std::string raw_name(const char* first) {
  const char* last = first;
  while (*last != '"') last += *last == '\\' ? 2 : 1;
  return {first, last};
}

/// `json` is valid: whoever calls has checked it.
std::vector<Member> members_of(std::string_view json) {
  std::vector<Member> members;
  if (!is_object(json)) return members;
  simdjson::ondemand::parser parser;
  const simdjson::padded_string padded(json);
  simdjson::ondemand::document document = parser.iterate(padded);
  for (auto field : document.get_object()) {
    Member member;
    member.raw_name = raw_name(field.key().value().raw());
    member.name = std::string(std::string_view(field.unescaped_key().value()));
    member.raw_value = trimmed(simdjson::to_json_string(field.value()).value());
    members.push_back(std::move(member));
  }
  return members;
}

std::string merged(const std::string& target, const std::string& patch);

void merge_member(std::vector<Member>& members, const Member& change) {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const Member& member) { return member.name == change.name; });
  if (is_null(change.raw_value)) {
    std::erase_if(members, [&](const Member& member) { return member.name == change.name; });
  } else if (found == members.end()) {
    members.push_back({change.name, change.raw_name, merged("null", change.raw_value)});
  } else {
    found->raw_value = merged(found->raw_value, change.raw_value);
  }
}

/// As deep as the patch is, which is_json bounds.
std::string merged(const std::string& target, const std::string& patch) {
  if (!is_object(patch)) return patch;
  std::vector<Member> members = members_of(target);
  for (const Member& change : members_of(patch)) merge_member(members, change);
  std::string json = "{";
  for (const Member& member : members) {
    if (json.size() > 1) json += ',';
    json += fmt::format("\"{}\":{}", member.raw_name, member.raw_value);
  }
  return json + "}";
}

}  // namespace

JsonPatch::JsonPatch(std::string patch) : m_patch(trimmed(patch)) {
  std::string reason;
  if (is_json(m_patch, &reason)) return;
  throw Error(ErrorCode::usage, fmt::format("--patch is not JSON: {}", reason));
}

Bytes JsonPatch::apply(const std::optional<Bytes>& value) const {
  std::string reason;
  if (!value || !is_json(*value, &reason)) {
    throw Error(ErrorCode::bad_input, "its value is not JSON, so it cannot be patched");
  }
  return merged(*value, m_patch);
}

}  // namespace kbeat::dlq
