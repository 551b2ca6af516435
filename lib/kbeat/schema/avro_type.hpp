// An Avro schema as a graph of types.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kbeat/schema/codec.hpp"

namespace kbeat::schema {

enum class AvroKind {
  null,
  boolean,
  integer,    ///< int
  long_int,   ///< long
  float_num,  ///< float
  double_num,
  bytes,
  string,
  record,
  enumeration,
  array,
  map,
  union_of,
  fixed
};

struct AvroType;

struct AvroField {
  std::string name;
  const AvroType* type = nullptr;
  bool has_default = false;
  std::string default_json;
};

/// Other types are pointed to; they live in the schema.
struct AvroType {
  AvroKind kind = AvroKind::null;
  std::string name;  ///< full name, or the primitive's
  std::vector<AvroField> fields;
  std::vector<std::string> symbols;
  std::vector<const AvroType*> inner;  ///< a union's branches; the items of an array, the values of a map
  std::size_t size = 0;                ///< of a fixed
};

class AvroSchema {
 public:
  /// Throws Error{bad_input} saying what is wrong with the schema.
  AvroSchema(std::string_view text, const std::vector<Imported>& imports);
  ~AvroSchema();
  AvroSchema(const AvroSchema&) = delete;
  AvroSchema& operator=(const AvroSchema&) = delete;

  [[nodiscard]] const AvroType& root() const { return *m_root; }

 private:
  class Reader;

  std::vector<std::unique_ptr<AvroType>> m_types;
  const AvroType* m_root = nullptr;
};

}  // namespace kbeat::schema
