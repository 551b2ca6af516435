// The codecs that need no library of their own, and the door to the one that does.
#include "kbeat/schema/codec.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <mutex>

#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"
#include "kbeat/base/plugin.hpp"
#include "kbeat/model/event.hpp"
#include "kbeat/schema/bundled_schema_json.hpp"
#include "kbeat/schema/protobuf_plugin.hpp"
#include "kbeat/schema/validator.hpp"

namespace kbeat::schema {
namespace {

class JsonCodec final : public Codec {
 public:
  JsonCodec(std::string_view schema, const std::vector<Imported>& imports, std::string_view name)
      : m_schema(schema), m_imports(imports), m_name(name) {}

  std::string decode(std::string_view bytes) const override {
    std::string why;
    if (!is_json(bytes, &why))
      throw Error(ErrorCode::bad_input, fmt::format("the value behind its frame is not JSON: {}", why));
    return std::string(bytes);
  }

  void check(std::string_view value) const override {
    compile();
    if (m_validator) return check_fit(value);
    std::call_once(m_told, [this] { log_warning("{}; its values need only be JSON", m_obstacle); });
  }

  std::string encode(std::string_view value, std::string_view) const override {
    std::string why;
    if (!is_json(value, &why))
      throw Error(ErrorCode::bad_input, fmt::format("the value is not JSON: {}", why));
    compile();
    if (!m_validator) throw Error(ErrorCode::bad_input, m_obstacle);
    check_fit(value);
    return std::string(value);
  }

 private:
  /// Values can be read without it, so a schema that our validator does not know is no obstacle to that.
  void compile() const {
    std::call_once(m_compiled, [this] {
      try {
        const std::string whole = m_imports.empty() ? m_schema : bundled_schema(m_schema, m_imports);
        m_validator = compile_schema(whole, m_name);
      } catch (const Error& error) {
        m_obstacle = error.what();
      }
    });
  }

  void check_fit(std::string_view value) const {
    const std::vector<std::string> faults = m_validator->faults(value);
    if (faults.empty()) return;
    throw Error(ErrorCode::bad_input,
                fmt::format("the value does not fit its schema: {}", fmt::join(faults, "; ")));
  }

  std::string m_schema;
  std::vector<Imported> m_imports;
  std::string m_name;
  mutable std::once_flag m_compiled;
  mutable std::unique_ptr<Validator> m_validator;
  mutable std::string m_obstacle;  ///< why there is none
  mutable std::once_flag m_told;
};

}  // namespace

std::unique_ptr<Codec> make_json_codec(std::string_view schema, const std::vector<Imported>& imports,
                                       std::string_view name) {
  return std::make_unique<JsonCodec>(schema, imports, name);
}

std::unique_ptr<Codec> make_protobuf_codec(std::string_view schema, const std::vector<Imported>& imports) {
  static auto* const make = plugin_function<MakeProtobufCodec>("protobuf", k_make_protobuf_codec);
  return std::unique_ptr<Codec>(make(schema, imports));
}

}  // namespace kbeat::schema
