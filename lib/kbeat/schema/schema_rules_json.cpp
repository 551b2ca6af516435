// Looks through a schema for what would be ignored, never end or recurse too deep.
#include "kbeat/schema/schema_rules_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <regex>
#include <set>
#include <string_view>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::schema {
namespace {

using nlohmann::json;

/// Keywords that came after draft 7: the library passes over them, which would let events through.
constexpr std::array<std::string_view, 9> k_newer{
    "prefixItems",   "unevaluatedItems", "unevaluatedProperties", "dependentRequired", "dependentSchemas",
    "$recursiveRef", "$dynamicRef",      "minContains",           "maxContains"};

/// Keywords whose schemas look at the same value as the schema that holds them.
constexpr std::array<const char*, 4> k_in_place{"not", "if", "then", "else"};
constexpr std::array<const char*, 3> k_in_place_lists{"allOf", "anyOf", "oneOf"};
constexpr std::array<const char*, 3> k_named_schemas{"properties", "definitions", "$defs"};

/// Calls `visit` for each schema below this one; a member of `properties` is no keyword.
template <typename Json, typename Visit>
void each_schema(Json& schema, const Visit& visit) {
  if (!schema.is_object()) return;
  visit(schema);
  for (auto& [key, value] : schema.items()) {
    if (key == "enum" || key == "const" || key == "default" || key == "examples") continue;
    const bool named =
        std::find(k_named_schemas.begin(), k_named_schemas.end(), key) != k_named_schemas.end() ||
        key == "patternProperties" || key == "dependencies";
    if (value.is_array() || (named && value.is_object())) {
      for (auto& inner : value) each_schema(inner, visit);
    } else {
      each_schema(value, visit);
    }
  }
}

/// Follows schemas that look at one and the same value; coming back to one of them would never end.
class LoopSearch {
 public:
  explicit LoopSearch(const json& root) : m_root(root) {}

  [[nodiscard]] bool loops(const json& schema) {
    if (!schema.is_object() || m_good.contains(&schema)) return false;
    if (!m_path.insert(&schema).second) return true;
    const bool found = loops_below(schema);
    m_path.erase(&schema);
    m_good.insert(&schema);
    return found;
  }

 private:
  bool loops_below(const json& schema) {
    if (const auto reference = schema.find("$ref"); reference != schema.end() && reference->is_string()) {
      if (const json* target = find(reference->get<std::string>()); target != nullptr && loops(*target))
        return true;
    }
    for (const char* const key : k_in_place) {
      if (schema.contains(key) && loops(schema[key])) return true;
    }
    for (const char* const key : k_in_place_lists) {
      if (!schema.contains(key) || !schema[key].is_array()) continue;
      if (std::any_of(schema[key].begin(), schema[key].end(), [this](const json& one) { return loops(one); }))
        return true;
    }
    return false;
  }

  [[nodiscard]] const json* find(const std::string& reference) const {
    if (reference == "#") return &m_root;
    if (!reference.starts_with("#/")) return nullptr;
    const json::json_pointer pointer(reference.substr(1));
    return m_root.contains(pointer) ? &m_root.at(pointer) : nullptr;
  }

  const json& m_root;
  std::set<const json*> m_path;
  std::set<const json*> m_good;
};

std::optional<std::string> fault_of_reference(const json& root, const std::string& reference) {
  if (reference == "#") return std::nullopt;
  if (!reference.starts_with("#/"))
    return fmt::format("$ref \"{}\" is not within this document, and nothing else is fetched", reference);
  if (!root.contains(json::json_pointer(reference.substr(1))))
    return fmt::format("$ref \"{}\" leads nowhere", reference);
  return std::nullopt;
}

/// The matcher knows no lookbehind, no \\p{…} and no named groups; it would say so only when it meets a
/// string.
std::optional<std::string> fault_of_pattern(const std::string& pattern) {
  try {
    static_cast<void>(std::regex(pattern));
    return std::nullopt;
  } catch (const std::regex_error& error) {
    return fmt::format("\"{}\" is no pattern: {}", escape_for_terminal(pattern, 80), error.what());
  }
}

std::optional<std::string> fault_of_patterns(const json& schema) {
  if (const auto pattern = schema.find("pattern"); pattern != schema.end() && pattern->is_string()) {
    if (auto fault = fault_of_pattern(pattern->get<std::string>())) return fault;
  }
  const auto named = schema.find("patternProperties");
  if (named == schema.end() || !named->is_object()) return std::nullopt;
  for (const auto& [pattern, inner] : named->items()) {
    if (auto fault = fault_of_pattern(pattern)) return fault;
  }
  return std::nullopt;
}

std::optional<std::string> fault_of_schema(const json& schema) {
  if (!schema.is_object() && !schema.is_boolean()) return "a schema is an object";
  std::optional<std::string> fault;
  const auto note = [&fault](std::optional<std::string> found) {
    if (!fault) fault = std::move(found);
  };
  LoopSearch search(schema);
  each_schema(schema, [&](const json& one) {
    for (const std::string_view keyword : k_newer) {
      if (one.contains(keyword))
        note(fmt::format("{} is newer than draft 7, the newest draft that is understood", keyword));
    }
    if (const auto reference = one.find("$ref"); reference != one.end()) {
      if (!reference->is_string()) note("$ref is not a string");
      if (reference->is_string()) note(fault_of_reference(schema, reference->get<std::string>()));
    }
    note(fault_of_patterns(one));
    if (!fault && search.loops(one)) note("it refers to itself without end");
  });
  return fault;
}

void bound_patterns(json& schema) {
  each_schema(schema, [](json& one) {
    const auto pattern = one.find("pattern");
    if (pattern == one.end() || !pattern->is_string()) return;
    json guarded = {{"if", {{"maxLength", k_longest_matched}}},
                    {"then", {{"x-pattern", *pattern}}},
                    {"else", {{"maxLength", k_longest_matched}}}};
    one.erase(pattern);
    one["allOf"].push_back(std::move(guarded));
  });
  // Only now, so that the guarded patterns are not found and guarded again.
  each_schema(schema, [](json& one) {
    const auto pattern = one.find("x-pattern");
    if (pattern == one.end()) return;
    json text = std::move(*pattern);
    one.erase(pattern);
    one["pattern"] = std::move(text);
  });
}

}  // namespace

std::string bounded_schema(std::string_view text) {
  json schema = json::parse(text, nullptr, false);
  if (schema.is_discarded()) throw Error(ErrorCode::bad_input, "it is not JSON");
  if (const auto fault = fault_of_schema(schema)) throw Error(ErrorCode::bad_input, *fault);
  bound_patterns(schema);
  return schema.dump();
}

}  // namespace kbeat::schema
