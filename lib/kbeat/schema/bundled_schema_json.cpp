// Documents moved below one root, their references turned to the new places.
#include "kbeat/schema/bundled_schema_json.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::schema {
namespace {

using nlohmann::json;

struct Document {
  std::vector<std::string> names;  ///< by which others refer to it
  std::string place;               ///< where it stands in the bundle: "" or "/definitions/…"
  json schema;
};

json parse(const std::string& name, std::string_view text) {
  json schema = json::parse(text, nullptr, false);
  if (schema.is_discarded())
    throw Error(ErrorCode::bad_input, fmt::format("schema {} is not JSON", escape_for_terminal(name, 80)));
  return schema;
}

Document document(const std::string& name, std::string_view text, std::string place) {
  Document made{.names = {name}, .place = std::move(place), .schema = parse(name, text)};
  if (!made.schema.is_object()) return made;
  const auto id = made.schema.find("$id");
  if (id == made.schema.end() || !id->is_string()) return made;
  made.names.push_back(id->get<std::string>());
  made.schema.erase(id);  // from here on its references are relative to the bundle
  return made;
}

/// `reference` as it is written in the document at `place`.
std::string turned(const std::string& reference, const std::string& place,
                   const std::vector<Document>& documents) {
  const std::size_t hash = reference.find('#');
  const std::string target = reference.substr(0, hash);
  const std::string fragment = hash == std::string::npos ? "" : reference.substr(hash + 1);
  if (target.empty()) return "#" + place + fragment;
  for (const Document& each : documents) {
    for (const std::string& name : each.names) {
      if (name == target || name.ends_with("/" + target)) return "#" + each.place + fragment;
    }
  }
  return reference;
}

void turn_references(json& value, const std::string& place, const std::vector<Document>& documents) {
  if (!value.is_structured()) return;
  for (auto& [key, inner] : value.items()) {
    if (key == "$ref" && inner.is_string() && value.is_object()) {
      inner = turned(inner.get<std::string>(), place, documents);
    } else {
      turn_references(inner, place, documents);
    }
  }
}

}  // namespace

std::string bundled_schema(std::string_view schema, const std::vector<Imported>& imports) {
  std::vector<Document> documents{document("", schema, "")};
  for (std::size_t i = 0; i < imports.size(); ++i) {
    documents.push_back(
        document(imports[i].name, imports[i].text, fmt::format("/definitions/registry-{}", i)));
  }
  std::vector<json> turned_ones;
  for (const Document& each : documents) {
    turned_ones.push_back(each.schema);
    turn_references(turned_ones.back(), each.place, documents);
  }
  json bundle = std::move(turned_ones.front());
  if (!bundle.is_object()) return bundle.dump();
  for (std::size_t i = 0; i < imports.size(); ++i)
    bundle["definitions"][fmt::format("registry-{}", i)] = std::move(turned_ones[i + 1]);
  return bundle.dump();
}

}  // namespace kbeat::schema
