// The codec of SCHEMA_REGISTRY_URL, and records seen through it.
#include "registry_values.hpp"

#include <fmt/format.h>

#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"

namespace kbeat::app {

std::shared_ptr<schema::RegistryCodec> registry_codec(const Context& context) {
  const std::string& url = context.settings().schema_registry_url;
  return url.empty() ? nullptr : std::make_shared<schema::RegistryCodec>(url, context.clock);
}

std::shared_ptr<schema::RegistryCodec> registry_codec_for(const char* flag, const Context& context) {
  auto codec = registry_codec(context);
  if (codec) return codec;
  throw Error(ErrorCode::usage, fmt::format("{} needs a schema registry: set SCHEMA_REGISTRY_URL", flag));
}

const RecordView& ValueDecoder::operator()(const RecordView& record) {
  constexpr std::size_t k_most_told = 20;
  if (!m_codec || !record.value) return record;
  try {
    auto json = m_codec->decode(*record.value, schema::Misfit::shown);
    if (!json) return record;
    m_value = std::move(*json);
    m_view = record;
    m_view.value = m_value;
    return m_view;
  } catch (const Error& error) {
    if (error.retryable()) throw;
    if (m_told.size() < k_most_told && m_told.insert(error.what()).second)
      log_warning("{}[{}] offset {}: {}", record.topic, record.partition.get(), record.offset.get(),
                  error.what());
  }
  return record;
}

}  // namespace kbeat::app
