// From the bodies of requests to the events that they mean.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "kbeat/handlers/body_reader.hpp"
#include "kbeat/handlers/registry.hpp"
#include "kbeat/server/ingest.hpp"

namespace kbeat::server {

/// A body that is no event: which field, and why.
class BadEvent : public Error {
 public:
  explicit BadEvent(const std::string& message) : Error(ErrorCode::bad_input, message) {}
};

/// How many partitions the topics have that events go to, as far as it is known. Any thread.
class PartitionCounts {
 public:
  /// The known topic's own, until somebody says otherwise.
  [[nodiscard]] int of(const std::string& topic) const;
  [[nodiscard]] bool knows(const std::string& topic) const;
  void set(const std::string& topic, int count);

 private:
  mutable std::mutex m_mutex;
  std::map<std::string, int> m_counts;
};

/// What a request says beside its body: the id of an event that has none (empty: a new one), and the
/// correlation id (empty: the event's own id).
struct RequestNames {
  std::string key{};
  std::string correlation_id{};
};

/// Safe for several threads; throws BadEvent.
class EventForms {
 public:
  EventForms(const handlers::Registry& registry, std::string quiz_topic, const PartitionCounts& partitions);

  /// One quiz event as it stands, but for an id where it has none and the request has a key; validated by its
  /// handler. Its key is the session.
  [[nodiscard]] IngestEvent quiz(std::string_view body, const RequestNames& names = {}) const;
  /// `{conversation_id, user_id, action, message_content, message_type, metadata}`.
  [[nodiscard]] IngestEvent conversation(std::string_view body, const RequestNames& names) const;
  /// `{model_name, response_data, user_id, conversation_id}`.
  [[nodiscard]] IngestEvent ai_response(std::string_view body, const RequestNames& names) const;
  /// `{metric_name, metric_value, business_id, metadata}`.
  [[nodiscard]] IngestEvent business_analytics(std::string_view body, const RequestNames& names) const;
  /// `{type, data, topic, key, metadata}`; its handler runs in a consumer only.
  [[nodiscard]] IngestEvent generic(std::string_view body, const RequestNames& names) const;

 private:
  struct Draft;
  [[nodiscard]] IngestEvent build(const Draft& draft) const;
  [[nodiscard]] IngestEvent looked_at(const Draft& draft, const handlers::BodyReader& body) const;
  void apply_handler(IngestEvent& event, std::string_view routes_of) const;

  const handlers::Registry& m_registry;
  std::string m_quiz_topic;
  const PartitionCounts& m_partitions;
};

/// The elements of a JSON array, or lines of JSON, each as it stands. Throws BadEvent.
[[nodiscard]] std::vector<std::string_view> split_array(std::string_view body);
[[nodiscard]] std::vector<std::string_view> split_lines(std::string_view body);

}  // namespace kbeat::server
