// Objects in pieces of their bytes, patched and put together again.
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
  std::string name;      ///< unescaped
  std::string raw_name;  ///< between its quotes
  std::string lead;      ///< all from the brace or comma before it to its value
  std::string value;
  std::string gap;  ///< space between its value and the comma behind it
};

/// An object in pieces: together they are its bytes.
struct Pieces {
  std::string open = "{";
  std::vector<Member> members{};
  std::string close = "}";
};

bool is_object(std::string_view json) {
  const std::size_t first = json.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && json[first] == '{';
}

bool is_null(std::string_view json) {
  return json == "null";
}

std::string_view trimmed(std::string_view json) {
  const std::size_t first = json.find_first_not_of(" \t\r\n");
  const std::size_t last = json.find_last_not_of(" \t\r\n");
  return first == std::string_view::npos ? std::string_view() : json.substr(first, last + 1 - first);
}

/// What stands between the quotes of a name that begins at `first`.
std::string raw_name(const char* first) {
  const char* last = first;
  while (*last != '"') last += *last == '\\' ? 2 : 1;
  return {first, last};
}

/// A member from the text of its object, from `begin` on.
Member member_of(std::string_view json, std::size_t begin, std::string_view value) {
  const auto at = static_cast<std::size_t>(value.data() - json.data());
  const std::size_t end = at + value.size();
  const std::size_t next = json.find_first_of(",}", end);
  return {.name = {},
          .raw_name = {},
          .lead = std::string(json.substr(begin, at - begin)),
          .value = std::string(value),
          .gap = std::string(json.substr(end, next - end))};
}

/// `json` is valid: whoever calls has checked it. Of what is no object an empty one is made.
Pieces pieces_of(std::string_view json) {
  Pieces pieces;
  if (!is_object(json)) return pieces;
  simdjson::ondemand::parser parser;
  const simdjson::padded_string padded(json);
  const std::string_view text = padded;
  simdjson::ondemand::document document = parser.iterate(padded);
  std::size_t at = text.find('{') + 1;
  pieces.open = text.substr(0, at);
  for (auto field : document.get_object()) {
    std::string raw = raw_name(field.key().value().raw());
    std::string name(std::string_view(field.unescaped_key().value()));
    Member member = member_of(text, at, trimmed(simdjson::to_json_string(field.value()).value()));
    member.name = std::move(name);
    member.raw_name = std::move(raw);
    at += member.lead.size() + member.value.size() + member.gap.size() + 1;
    pieces.members.push_back(std::move(member));
  }
  // Space before the brace is the object's, whichever member is its last.
  if (!pieces.members.empty()) at -= 1 + std::exchange(pieces.members.back().gap, {}).size();
  pieces.close = text.substr(at);
  return pieces;
}

std::string merged(std::string_view target, const std::string& patch);

/// Of a name that stands there more than once, the last is what most readers take; the others go, so that
/// those who take the first find the change as well.
void merge_member(std::vector<Member>& members, const Member& change) {
  const auto has_name = [&](const Member& member) { return member.name == change.name; };
  const auto last = std::find_if(members.rbegin(), members.rend(), has_name);
  if (is_null(change.value)) {
    std::erase_if(members, has_name);
  } else if (last == members.rend()) {
    members.push_back({.name = change.name,
                       .raw_name = change.raw_name,
                       .lead = fmt::format("\"{}\":", change.raw_name),
                       .value = merged("null", change.value),
                       .gap = {}});
  } else {
    last->value = merged(last->value, change.value);
    members.erase(std::remove_if(members.begin(), last.base() - 1, has_name), last.base() - 1);
  }
}

/// As deep as the patch is, which is_json bounds.
std::string merged(std::string_view target, const std::string& patch) {
  if (!is_object(patch)) return patch;
  Pieces pieces = pieces_of(target);
  for (const Member& change : pieces_of(patch).members) merge_member(pieces.members, change);
  std::string json = pieces.open;
  const char* between = "";
  std::string_view gap;
  for (const Member& member : pieces.members) {
    json += gap;
    json += between;
    json += member.lead;
    json += member.value;
    gap = member.gap;
    between = ",";
  }
  return json + pieces.close;
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
