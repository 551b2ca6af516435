// One effect, applied to the store's file without an event.
#include "metric_saver.hpp"

#include <fmt/format.h>

#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/handlers/beat_metrics.hpp"
#include "kbeat/net/redact_url.hpp"
#include "kbeat/sqlite/transaction.hpp"
#include "kbeat/store/effect_writer.hpp"
#include "kbeat/store/store_schema.hpp"

namespace kbeat::app {

struct MetricSaver::Rows {
  std::unique_ptr<sqlite::Database> database;
  store::EffectWriter writer;

  explicit Rows(const std::filesystem::path& data_dir)
      : database(store::open_store_file(data_dir, store::OpenMode::read_write)), writer(*database) {}
};

MetricSaver::MetricSaver(std::filesystem::path data_dir, const Clock& clock)
    : m_data_dir(std::move(data_dir)), m_clock(clock) {}

MetricSaver::~MetricSaver() = default;

void MetricSaver::save(const std::string& beat_id, const std::string& url, std::string_view metrics) {
  if (!m_rows) m_rows = std::make_unique<Rows>(m_data_dir);
  handlers::BodyReader reader(metrics);
  const Effect row = handlers::to_row({.id = beat_id, .user_id = {}, .audio_url = url}, reader);
  if (reader.rejection()) throw Error(ErrorCode::internal, reader.rejection()->reason);
  const WallTime now = m_clock.now();
  store::FinishedDone done;
  done.effects = std::span(&row, 1);
  done.origin = {.topic = "kbeat-analyze", .partition = 0, .offset = -1, .timestamp = now};
  sqlite::Transaction transaction(*m_rows->database);
  if (m_rows->writer.apply(done, now) == store::EffectResult::superseded) {
    const bool is_url = beat_id.find("://") != std::string::npos;
    throw Error(ErrorCode::busy, fmt::format("not saved: the store has newer metrics of {}",
                                             is_url ? net::redact_url(beat_id) : beat_id));
  }
  transaction.commit();
}

}  // namespace kbeat::app
