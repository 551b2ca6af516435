// What handlers made of the events, read from the store.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "kbeat/server/json_handles.hpp"
#include "kbeat/sqlite/statement.hpp"
#include "kbeat/sqlite/transaction.hpp"
#include "kbeat/store/store_schema.hpp"

namespace kbeat::server {
namespace {

std::unique_ptr<sqlite::Database> open_reader(const Management& parts) {
  return store::open_store_file(parts.data_dir, store::OpenMode::read_only);
}

Json number_of(double value) {
  const auto whole = static_cast<std::int64_t>(value);
  return static_cast<double>(whole) == value ? Json(whole) : Json(value);
}

/// A row of named text and number columns. `kinds`: t text, n number, j JSON text.
Json row_of(const sqlite::Rows& rows, std::initializer_list<std::pair<const char*, char>> columns) {
  Json row = Json::object();
  int at = 0;
  for (const auto& [name, kind] : columns) {
    if (rows.is_null(at)) {
      row[name] = nullptr;
    } else if (kind == 'n') {
      row[name] = number_of(rows.real(at));
    } else if (kind == 'j') {
      const Json parsed = Json::parse(rows.bytes(at), nullptr, false);
      row[name] = parsed.is_discarded() ? Json(std::string(rows.bytes(at))) : parsed;
    } else {
      row[name] = std::string(rows.bytes(at));
    }
    ++at;
  }
  return row;
}

HttpResponse beat_metrics(const Management& parts, const HttpRequest& request) {
  const auto database = open_reader(parts);
  sqlite::Statement query(*database,
                          "SELECT beat_id, user_id, audio_url, duration, bpm, bpm_confidence, key, mode, "
                          "camelot, key_confidence, "
                          "lufs_integrated, true_peak_dbtp, energy, beats, extra FROM beat_metrics WHERE "
                          "beat_id = ? AND deleted = 0");
  sqlite::Rows rows = query.query(request.captures.at(0));
  if (!rows.next()) return problem(404, "no metrics of that beat");
  return json_of(row_of(rows, {{"beat_id", 't'},
                               {"user_id", 't'},
                               {"audio_url", 't'},
                               {"duration", 'n'},
                               {"bpm", 'n'},
                               {"bpm_confidence", 'n'},
                               {"key", 't'},
                               {"mode", 't'},
                               {"camelot", 't'},
                               {"key_confidence", 'n'},
                               {"lufs_integrated", 'n'},
                               {"true_peak_dbtp", 'n'},
                               {"energy", 'n'},
                               {"beats", 'j'},
                               {"extra", 'j'}}));
}

/// Levels of 0 to 1 for a row whose analysis had no waveform yet, of its curve in dBFS; nothing of what is
/// none.
Json levels_of_curve(const Json& curve) {
  constexpr std::size_t k_most = 200;
  if (!curve.is_array() || curve.empty()) return nullptr;
  const std::size_t count = std::min(curve.size(), k_most);
  Json levels = Json::array();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t end = (i + 1) * curve.size() / count;
    double loudest = 0;
    for (std::size_t at = i * curve.size() / count; at < end; ++at) {
      if (curve[at].is_number()) loudest = std::max(loudest, std::pow(10.0, curve[at].get<double>() / 20));
    }
    levels.push_back(std::round(std::min(loudest, 1.0) * 1000) / 1000);
  }
  return levels;
}

Json recent_beats(sqlite::Database& database) {
  sqlite::Statement query(database,
                          "SELECT beat_id, duration, bpm, key, mode, camelot, energy, CASE WHEN "
                          "json_valid(extra) THEN extra ->> '$.waveform' END, CASE WHEN "
                          "json_valid(extra) THEN extra ->> '$.energy_curve' END FROM "
                          "beat_metrics WHERE deleted = 0 ORDER BY updated_at DESC LIMIT 20");
  Json beats = Json::array();
  sqlite::Rows rows = query.query();
  while (rows.next()) {
    Json beat = row_of(rows, {{"beat_id", 't'},
                              {"duration", 'n'},
                              {"bpm", 'n'},
                              {"key", 't'},
                              {"mode", 't'},
                              {"camelot", 't'},
                              {"energy", 'n'},
                              {"waveform", 'j'},
                              {"curve", 'j'}});
    if (!beat["waveform"].is_array()) beat["waveform"] = levels_of_curve(beat["curve"]);
    beat.erase("curve");
    beats.push_back(std::move(beat));
  }
  return beats;
}

HttpResponse summary(const Management& parts, const HttpRequest&) {
  const auto database = open_reader(parts);
  const auto count = [&](const char* sql) { return database->integer(sql); };
  return json_of(
      {{"beats", count("SELECT count(*) FROM beat_metrics WHERE deleted = 0")},
       {"quiz_events", count("SELECT count(*) FROM quiz_events")},
       {"quiz_sessions", count("SELECT count(DISTINCT session_id) FROM quiz_events")},
       {"events", count("SELECT count(*) FROM events")},
       {"metrics", count("SELECT count(*) FROM metrics")},
       {"notifications_unsent", count("SELECT count(*) FROM notifications WHERE sent_status = 'unsent'")},
       {"recent_beats", recent_beats(*database)}});
}

constexpr std::size_t k_most_events = 10'000;

/// `count`, `by_type`, `first` and `last` of all events of one quiz or session.
Json figures_of_quiz(sqlite::Database& database, const std::string& id, const char* column) {
  sqlite::Statement query(database, fmt::format("SELECT event_type, count(*), min(timestamp), max(timestamp) "
                                                "FROM quiz_events WHERE {} = ? GROUP BY event_type",
                                                column));
  std::int64_t count = 0;
  Json types = Json::object();
  std::string first;
  std::string last;
  sqlite::Rows rows = query.query(id);
  while (rows.next()) {
    first = count == 0 ? std::string(rows.bytes(2)) : std::min(first, std::string(rows.bytes(2)));
    last = std::max(last, std::string(rows.bytes(3)));
    count += rows.integer(1);
    types[std::string(rows.bytes(0))] = rows.integer(1);
  }
  return {{"count", count}, {"by_type", std::move(types)}, {"first", first}, {"last", last}};
}

/// The earliest of them.
Json events_of_quiz(sqlite::Database& database, const std::string& id, const char* column) {
  sqlite::Statement query(database,
                          fmt::format("SELECT event_id, event_type, timestamp, session_id, quiz_id, "
                                      "classroom_id, question_id, timer_sec FROM quiz_events WHERE {} = ? "
                                      "ORDER BY timestamp, id LIMIT ?",
                                      column));
  Json events = Json::array();
  sqlite::Rows rows = query.query(id, k_most_events);
  while (rows.next()) {
    events.push_back(row_of(rows, {{"event_id", 't'},
                                   {"event_type", 't'},
                                   {"timestamp", 't'},
                                   {"session_id", 't'},
                                   {"quiz_id", 't'},
                                   {"classroom_id", 't'},
                                   {"question_id", 't'},
                                   {"timer_sec", 'n'}}));
  }
  return events;
}

/// Events of one quiz or session: counts by type, first and last, and the events themselves.
HttpResponse quiz_events(const Management& parts, const HttpRequest& request, const char* column) {
  const auto database = open_reader(parts);
  const sqlite::ReadTransaction one_state(*database);
  const std::string& id = request.captures.at(0);
  Json answer{{column, id}};
  answer.update(figures_of_quiz(*database, id, column));
  if (answer["count"] == 0) return problem(404, "no events of that id");
  Json events = events_of_quiz(*database, id, column);
  answer["truncated"] = events.size() < answer["count"].get<std::size_t>();
  answer["events"] = std::move(events);
  return json_of(answer);
}

HttpResponse named_metrics(const Management& parts, const HttpRequest&) {
  const auto database = open_reader(parts);
  sqlite::Statement query(*database, "SELECT name, value FROM metrics ORDER BY name");
  Json metrics = Json::object();
  sqlite::Rows rows = query.query();
  while (rows.next()) {
    const Json value = Json::parse(rows.bytes(1), nullptr, false);
    metrics[std::string(rows.bytes(0))] = value.is_discarded() ? Json(std::string(rows.bytes(1))) : value;
  }
  return json_of({{"metrics", metrics}});
}

}  // namespace

void add_result_routes(Router& router, const Management& parts) {
  add_reading(router, "/api/v1/beats/{id}/metrics", "what was measured of a beat",
              [&parts](const HttpRequest& request) { return beat_metrics(parts, request); });
  add_reading(router, "/api/v1/analytics/summary", "how much there is of everything, and the latest beats",
              [&parts](const HttpRequest& request) { return summary(parts, request); });
  add_reading(router, "/api/v1/analytics/quizzes/{id}", "the events of a quiz",
              [&parts](const HttpRequest& request) { return quiz_events(parts, request, "quiz_id"); });
  add_reading(router, "/api/v1/analytics/sessions/{id}", "the events of a session",
              [&parts](const HttpRequest& request) { return quiz_events(parts, request, "session_id"); });
  add_reading(router, "/api/v1/analytics/metrics", "the named metrics",
              [&parts](const HttpRequest& request) { return named_metrics(parts, request); });
}

}  // namespace kbeat::server
