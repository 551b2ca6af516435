// Reads Avro schemas: names, namespaces and types that refer to each other.
#include "kbeat/schema/avro_type.hpp"

#include <fmt/format.h>

#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::schema {
namespace {

using nlohmann::json;

constexpr int k_deepest_schema = 64;

constexpr std::array<std::pair<std::string_view, AvroKind>, 8> k_primitives{{
    {"null", AvroKind::null},
    {"boolean", AvroKind::boolean},
    {"int", AvroKind::integer},
    {"long", AvroKind::long_int},
    {"float", AvroKind::float_num},
    {"double", AvroKind::double_num},
    {"bytes", AvroKind::bytes},
    {"string", AvroKind::string},
}};

[[noreturn]] void refuse_schema(const std::string& why) {
  throw Error(ErrorCode::bad_input, fmt::format("Avro schema: {}", why));
}

const json& member(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) refuse_schema(fmt::format("\"{}\" is missing", name));
  return *found;
}

std::string text_of(const json& object, const char* name) {
  const json& value = member(object, name);
  if (!value.is_string()) refuse_schema(fmt::format("\"{}\" is not a string", name));
  return value.get<std::string>();
}

}  // namespace

/// Builds the types of one schema; names are known to all that follow.
class AvroSchema::Reader {
 public:
  explicit Reader(std::vector<std::unique_ptr<AvroType>>& types) : m_types(types) {}

  const AvroType* read(const json& schema, const std::string& space) {
    if (++m_depth > k_deepest_schema) refuse_schema("it is nested too deep");
    const AvroType* type = schema.is_string()   ? named(schema.get<std::string>(), space)
                           : schema.is_array()  ? union_of(schema, space)
                           : schema.is_object() ? complex(schema, space)
                                                : nullptr;
    --m_depth;
    if (type == nullptr) refuse_schema("a type is neither a name, a list nor an object");
    return type;
  }

 private:
  AvroType& make(AvroKind kind, std::string name) {
    m_types.push_back(std::make_unique<AvroType>());
    m_types.back()->kind = kind;
    m_types.back()->name = std::move(name);
    return *m_types.back();
  }

  const AvroType* named(const std::string& name, const std::string& space) {
    for (const auto& [primitive, kind] : k_primitives) {
      if (primitive == name) return &make(kind, name);
    }
    for (const std::string& full :
         {space.empty() || name.find('.') != std::string::npos ? name : space + "." + name, name}) {
      if (const auto found = m_names.find(full); found != m_names.end()) return found->second;
    }
    refuse_schema(fmt::format("there is no type \"{}\"", escape_for_terminal(name, 80)));
  }

  const AvroType* union_of(const json& branches, const std::string& space) {
    AvroType& type = make(AvroKind::union_of, "union");
    for (const json& branch : branches) type.inner.push_back(read(branch, space));
    if (type.inner.empty()) refuse_schema("a union has no branches");
    return &type;
  }

  const AvroType* complex(const json& schema, const std::string& space) {
    const json& kind = member(schema, "type");
    if (!kind.is_string()) return read(kind, space);
    const auto word = kind.get<std::string>();
    if (word == "array" || word == "map") {
      AvroType& type = make(word == "array" ? AvroKind::array : AvroKind::map, word);
      type.inner.push_back(read(member(schema, word == "array" ? "items" : "values"), space));
      return &type;
    }
    if (word == "record" || word == "error") return record(schema, space);
    if (word == "enum") return enumeration(schema, space);
    if (word == "fixed") return fixed(schema, space);
    return named(word, space);  // a primitive with a logical type
  }

  /// Registers the type, so that its own fields may name it. `space` becomes that of what it holds.
  AvroType& define(AvroKind kind, const json& schema, std::string& space) {
    const std::string name = text_of(schema, "name");
    if (const std::size_t dot = name.rfind('.'); dot != std::string::npos) {
      space = name.substr(0, dot);
    } else if (schema.contains("namespace")) {
      space = text_of(schema, "namespace");
    }
    const bool is_full = name.find('.') != std::string::npos || space.empty();
    AvroType& type = make(kind, is_full ? name : space + "." + name);
    if (!m_names.emplace(type.name, &type).second)
      refuse_schema(fmt::format("{} is defined twice", type.name));
    return type;
  }

  const AvroType* record(const json& schema, std::string space) {
    AvroType& type = define(AvroKind::record, schema, space);
    for (const json& field : member(schema, "fields")) {
      if (!field.is_object()) refuse_schema("a field is not an object");
      AvroField read_field;
      read_field.name = text_of(field, "name");
      read_field.type = read(member(field, "type"), space);
      if (const auto given = field.find("default"); given != field.end()) {
        read_field.has_default = true;
        read_field.default_json = given->dump();
      }
      type.fields.push_back(std::move(read_field));
    }
    return &type;
  }

  const AvroType* enumeration(const json& schema, std::string space) {
    AvroType& type = define(AvroKind::enumeration, schema, space);
    for (const json& symbol : member(schema, "symbols")) {
      if (!symbol.is_string()) refuse_schema("a symbol is not a string");
      type.symbols.push_back(symbol.get<std::string>());
    }
    return &type;
  }

  const AvroType* fixed(const json& schema, std::string space) {
    AvroType& type = define(AvroKind::fixed, schema, space);
    const json& size = member(schema, "size");
    if (!size.is_number_unsigned()) refuse_schema("\"size\" is not a whole number");
    type.size = size.get<std::size_t>();
    return &type;
  }

  std::vector<std::unique_ptr<AvroType>>& m_types;
  std::map<std::string, const AvroType*> m_names;
  int m_depth = 0;
};

AvroSchema::AvroSchema(std::string_view text, const std::vector<Imported>& imports) {
  Reader reader(m_types);
  const auto parse = [](std::string_view document) {
    // A schema that is one bare name is allowed, quotes or not.
    const bool bare = document.find_first_of("\"{[") == std::string_view::npos;
    json parsed = bare ? json(std::string(document)) : json::parse(document, nullptr, false);
    if (parsed.is_discarded()) refuse_schema("it is not JSON");
    return parsed;
  };
  for (const Imported& import : imports) static_cast<void>(reader.read(parse(import.text), ""));
  m_root = reader.read(parse(text), "");
}

AvroSchema::~AvroSchema() = default;

}  // namespace kbeat::schema
