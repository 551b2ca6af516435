// Reads [[schema]].
#include "kbeat/config/schema_settings.hpp"

namespace kbeat::config {
namespace {

SchemaSettings read_schema(const ConfigEntry& entry) {
  EntryReader reader(entry);
  SchemaSettings schema;
  schema.place = reader.place();
  schema.type = reader.text_or("type", "");
  schema.topics = reader.list("topic");
  schema.file = reader.file("file");
  schema.name = reader.text_or("name", schema.type.empty() ? schema.file.stem().string() : schema.type);
  if (schema.type.empty() && schema.topics.empty())
    reader.refuse("type", "and topic are both missing: give one");
  reader.finish();
  return schema;
}

}  // namespace

std::vector<SchemaSettings> read_schemas(std::span<const ConfigEntry> entries) {
  std::vector<SchemaSettings> schemas;
  for (const ConfigEntry& entry : entries) schemas.push_back(read_schema(entry));
  return schemas;
}

}  // namespace kbeat::config
