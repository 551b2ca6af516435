// Values framed with the id of a registry's schema, to JSON and back.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kbeat/schema/schema_registry.hpp"

namespace kbeat::schema {

/// What becomes of a value that can be read and is not what its schema asks for.
enum class Misfit { shown, refused };

/// Owns its client; private addresses are allowed, since a registry is named by the user and lies in their
/// network. Safe to call from several threads.
class RegistryCodec {
 public:
  RegistryCodec(const std::string& url, Clock& clock);

  /// The value as JSON; nothing when it has no frame. Throws Error{bad_input} for a value or schema that is
  /// wrong, and a retryable Error{unreachable} when the registry is away.
  [[nodiscard]] std::optional<std::string> decode(std::string_view value, Misfit misfit);
  /// JSON by the newest schema of the subject (`TOPIC-value`), framed; `message` as Codec has it. Throws as
  /// above.
  [[nodiscard]] std::string encode(std::string_view json, const std::string& subject,
                                   std::string_view message);

  /// The text of the newest schema of a subject, or of the schema with that id. Throws as above, but
  /// Error{not_found} when there is none.
  [[nodiscard]] std::string schema_text(const std::string& subject_or_id);

  /// The registry's subjects. Throws a retryable Error{unreachable} when it is away.
  [[nodiscard]] std::vector<std::string> subjects() { return m_registry.subjects(); }

 private:
  [[nodiscard]] std::shared_ptr<const Codec> codec(std::int32_t id);

  std::unique_ptr<net::HttpClient> m_client;
  SchemaRegistry m_registry;
  std::mutex m_mutex;  ///< guards m_codecs
  std::map<std::int32_t, std::shared_ptr<const Codec>> m_codecs;
};

}  // namespace kbeat::schema
