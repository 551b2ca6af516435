// From the bytes that a schema describes to JSON and back.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kbeat::schema {

/// Safe to call from several threads.
class Codec {
 public:
  Codec() = default;
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;
  virtual ~Codec() = default;

  /// One JSON value. Throws Error{bad_input} when the bytes are not what the schema says.
  [[nodiscard]] virtual std::string decode(std::string_view bytes) const = 0;
  /// Throws Error{bad_input} when JSON that was decoded is not what the schema asks for. Avro's and
  /// Protobuf's decoding has seen to that.
  virtual void check(std::string_view) const {}
  /// `message` names one of a Protobuf schema's; empty: the first. Other schemas have no use for it. Throws
  /// Error{bad_input} naming the field that does not fit.
  [[nodiscard]] virtual std::string encode(std::string_view json, std::string_view message = {}) const = 0;
};

/// Another file that a Protobuf schema imports, an Avro schema whose types it names, or a JSON Schema that it
/// refers to.
struct Imported {
  std::string name;
  std::string text;
};

// Each throws Error{bad_input} for a schema that cannot be read.

/// Records become objects, unions their value, bytes and fixed a string of the code points 0 to 255.
[[nodiscard]] std::unique_ptr<Codec> make_avro_codec(std::string_view schema,
                                                     const std::vector<Imported>& imports);
/// The bytes are JSON. The schema is looked at by the first `check` or `encode`; one that the validator does
/// not know is said once, by `name`, and then `check` lets everything pass, while `encode` throws.
[[nodiscard]] std::unique_ptr<Codec> make_json_codec(std::string_view schema,
                                                     const std::vector<Imported>& imports,
                                                     std::string_view name = "of the registry");
/// As Protobuf's own JSON form, names as in the schema, which is text or a compiled file in base64. The bytes
/// begin with the message's index. The library behind it is loaded by the first call.
[[nodiscard]] std::unique_ptr<Codec> make_protobuf_codec(std::string_view schema,
                                                         const std::vector<Imported>& imports);

}  // namespace kbeat::schema
