// What a handled event changes, as values: the store applies them in one transaction with the offset.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "kbeat/model/record.hpp"

namespace kbeat {

/// One column of a row: JSON text for arrays and objects, null for what is not known.
using ColumnValue = std::variant<std::nullptr_t, std::int64_t, double, std::string>;

/// Writes the whole `beat_metrics` row of a beat. `core` are columns by the metrics' own names,
/// `extra` is one JSON object with the rest.
struct UpsertBeatMetrics {
  std::string beat_id;
  std::string user_id;
  std::string audio_url;
  std::vector<std::pair<std::string, ColumnValue>> core;
  std::string extra = "{}";
};

/// Removes a beat's metrics and leaves a tombstone row, so that an older event cannot bring them back.
struct DeleteBeat {
  std::string beat_id;
};

/// Sets a named metric; `value` and `metadata` are JSON texts.
struct UpsertMetric {
  std::string metric;
  std::string value;
  std::string metadata = "{}";
};

/// Computes the dashboard's summary rows anew from what the store holds.
struct RefreshDashboard {};

struct InsertNotification {
  std::string user_id;
  std::string event;
  std::string content;  ///< JSON text, or plain text as given
};

struct UpsertQuizEvent {
  std::string event_id;
  std::string event_type;
  std::string timestamp;
  std::string session_id;
  std::string quiz_id;
  std::string classroom_id;
  std::string question_id;
  std::optional<double> timer_sec;
  std::string raw;  ///< the event's JSON, verbatim
};

/// Appends to the `events` table; unique by event identity.
struct AppendEvent {
  std::string type;
  std::string subject;
  std::string raw;
};

/// A record to send, through the outbox. `event_id` is stable over retries: `<source identity>/<type>[/n]`.
struct Emit {
  TopicName topic;
  std::optional<Bytes> key;
  std::optional<Bytes> value;
  std::vector<Header> headers;
  std::string event_id;
};

using Effect = std::variant<UpsertBeatMetrics, DeleteBeat, UpsertMetric, RefreshDashboard, InsertNotification,
                            UpsertQuizEvent, AppendEvent, Emit>;

}  // namespace kbeat
