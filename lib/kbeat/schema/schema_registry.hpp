// A schema registry of Confluent's protocol: schemas by id and by subject, remembered.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/net/http_client.hpp"
#include "kbeat/schema/codec.hpp"

namespace kbeat::schema {

enum class RegisteredKind { avro, json, protobuf };

struct RegisteredSchema {
  std::int32_t id = 0;
  RegisteredKind kind = RegisteredKind::avro;
  std::string text;
  std::vector<Imported> imports;  ///< what it refers to, each after what that refers to itself
};

/// Safe to call from several threads; one asks the registry at a time. An answer that a schema is not there
/// is remembered for a short time, as is a registry that does not answer.
class SchemaRegistry {
 public:
  /// The client outlives it. A name and password in `url` (percent-encoded) go into each request as basic
  /// authentication and nowhere else.
  SchemaRegistry(std::string url, net::HttpClient& client, Clock& clock);

  /// Throws Error{unreachable}, retryable, when the registry does not answer or refuses to, and
  /// Error{bad_input} when it has no such schema.
  [[nodiscard]] RegisteredSchema by_id(std::int32_t id);
  /// The newest of a subject, at most a minute old. Throws as above.
  [[nodiscard]] RegisteredSchema latest(const std::string& subject);
  /// All subjects, in their alphabet's order, at most a minute old. Throws Error{unreachable} as above.
  [[nodiscard]] std::vector<std::string> subjects();

 private:
  struct Kept {
    std::string body;
    SteadyTime until;
  };

  /// What a registry says when it has what it is asked for; any other answer is not of a registry.
  enum class Form { schema, version, names };

  [[nodiscard]] static bool fits(Form form, const std::string& body);
  [[nodiscard]] std::string get(const std::string& path, Milliseconds keep, Form form);
  [[nodiscard]] std::string ask(const std::string& path, Form form);
  [[nodiscard]] RegisteredSchema read(const std::string& body);
  void add_imports(const std::string& body, std::vector<Imported>& imports, int depth);

  std::string m_url;
  std::string m_authorization;  ///< a header line; empty: none
  net::HttpClient& m_client;
  Clock& m_clock;
  std::mutex m_mutex;  ///< guards all below, and the calls
  std::map<std::string, Kept> m_answers;
  std::string m_away;  ///< why it did not answer
  SteadyTime m_ask_again;
};

}  // namespace kbeat::schema
