// A codec for each schema that was met, made once.
#include "kbeat/schema/registry_codec.hpp"

#include <fmt/format.h>

#include <charconv>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/schema/wire_format.hpp"

namespace kbeat::schema {
namespace {

std::unique_ptr<Codec> make_codec(const RegisteredSchema& schema) {
  switch (schema.kind) {
    case RegisteredKind::avro: return make_avro_codec(schema.text, schema.imports);
    case RegisteredKind::json:
      return make_json_codec(schema.text, schema.imports, fmt::format("{} of the registry", schema.id));
    case RegisteredKind::protobuf: return make_protobuf_codec(schema.text, schema.imports);
  }
  return nullptr;
}

}  // namespace

RegistryCodec::RegistryCodec(const std::string& url, Clock& clock)
    : m_client(net::open_http_client({.private_addresses = net::Allowed::yes})),
      m_registry(url, *m_client, clock) {}

std::optional<std::string> RegistryCodec::decode(std::string_view value, Misfit misfit) {
  const auto framed = read_frame(value);
  if (!framed) return std::nullopt;
  const auto with = codec(framed->id);
  try {
    std::string json = with->decode(framed->payload);
    if (misfit == Misfit::refused) with->check(json);
    return json;
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("schema {}: {}", framed->id, error.what()));
  }
}

std::string RegistryCodec::encode(std::string_view json, const std::string& subject,
                                  std::string_view message) {
  const std::int32_t id = m_registry.latest(subject).id;
  const auto with = codec(id);
  try {
    return frame(id, with->encode(json, message));
  } catch (const Error& error) {
    throw Error(ErrorCode::bad_input, fmt::format("schema {} of {}: {}", id, subject, error.what()));
  }
}

std::string RegistryCodec::schema_text(const std::string& subject_or_id) {
  std::int32_t id = 0;
  const char* end = subject_or_id.data() + subject_or_id.size();
  const auto number = std::from_chars(subject_or_id.data(), end, id);
  const bool by_id = !subject_or_id.empty() && number.ec == std::errc{} && number.ptr == end;
  try {
    return (by_id ? m_registry.by_id(id) : m_registry.latest(subject_or_id)).text;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::bad_input) throw;
    throw Error(ErrorCode::not_found, fmt::format("there is no event type \"{}\", and {}",
                                                  escape_for_terminal(subject_or_id, 80), error.what()));
  }
}

std::shared_ptr<const Codec> RegistryCodec::codec(std::int32_t id) {
  {
    const std::scoped_lock lock(m_mutex);
    if (const auto known = m_codecs.find(id); known != m_codecs.end()) return known->second;
  }
  std::shared_ptr<const Codec> made = make_codec(m_registry.by_id(id));
  const std::scoped_lock lock(m_mutex);
  return m_codecs.emplace(id, std::move(made)).first->second;
}

}  // namespace kbeat::schema
