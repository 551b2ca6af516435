// The codecs that need no library of their own, and the door to the one that does.
#include "kbeat/schema/codec.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "kbeat/base/error.hpp"
#include "kbeat/base/plugin.hpp"
#include "kbeat/model/event.hpp"
#include "kbeat/schema/protobuf_plugin.hpp"
#include "kbeat/schema/validator.hpp"

namespace kbeat::schema {
namespace {

class JsonCodec final : public Codec {
 public:
  explicit JsonCodec(std::string_view schema) : m_validator(compile_schema(schema, "of the registry")) {}

  std::string decode(std::string_view bytes) const override {
    std::string why;
    if (!is_json(bytes, &why))
      throw Error(ErrorCode::bad_input, fmt::format("the value behind its frame is not JSON: {}", why));
    return std::string(bytes);
  }

  std::string encode(std::string_view json) const override {
    std::string text = decode(json);
    const std::vector<std::string> faults = m_validator->faults(text);
    if (!faults.empty())
      throw Error(ErrorCode::bad_input,
                  fmt::format("the value does not fit its schema: {}", fmt::join(faults, "; ")));
    return text;
  }

 private:
  std::unique_ptr<Validator> m_validator;
};

}  // namespace

std::unique_ptr<Codec> make_json_codec(std::string_view schema) {
  return std::make_unique<JsonCodec>(schema);
}

std::unique_ptr<Codec> make_protobuf_codec(std::string_view schema, const std::vector<Imported>& imports) {
  static auto* const make = plugin_function<MakeProtobufCodec>("protobuf", k_make_protobuf_codec);
  return std::unique_ptr<Codec>(make(schema, imports));
}

}  // namespace kbeat::schema
