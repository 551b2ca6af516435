// The store's tables, version by version, and how its file is opened.
#include "kbeat/store/store_schema.hpp"

#include <fmt/format.h>

#include <array>
#include <system_error>

#include "kbeat/base/error.hpp"

namespace kbeat::store {
namespace {

constexpr std::int32_t k_application_id = 0x6b627374;  // "kbst"
/// Bytes. Batches write many pages in a row: half as many, twice as large, cost the kernel a third less;
/// larger ones gain nothing more.
constexpr int k_page_size = 8192;

// Times are milliseconds since 1970 (UTC). Columns that are filtered by stand before the large ones, so
// that a scan need not follow a row's overflow pages.
constexpr std::string_view k_version_1 = R"sql(
CREATE TABLE meta(
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO meta VALUES('store_id', lower(hex(randomblob(8))));

CREATE TABLE positions(
  id INTEGER PRIMARY KEY,
  cluster TEXT NOT NULL, group_id TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL,
  next INTEGER,
  generation INTEGER NOT NULL DEFAULT 0,
  epoch INTEGER NOT NULL DEFAULT 0,
  owner TEXT NOT NULL,
  incarnation INTEGER NOT NULL DEFAULT 0,
  mark_offset INTEGER, mark_timestamp INTEGER, mark_hash BLOB,
  updated_at INTEGER NOT NULL,
  UNIQUE(cluster, group_id, topic, partition)
);
CREATE TABLE finished(
  position INTEGER NOT NULL REFERENCES positions(id),
  offset INTEGER NOT NULL,
  PRIMARY KEY(position, offset)
) WITHOUT ROWID;
CREATE TABLE gaps(
  id INTEGER PRIMARY KEY,
  cluster TEXT NOT NULL, group_id TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL,
  incarnation INTEGER NOT NULL,
  first_lost INTEGER, next INTEGER NOT NULL,
  noticed_at INTEGER NOT NULL
);

CREATE TABLE mark_owners(
  id INTEGER PRIMARY KEY,
  group_id TEXT NOT NULL, handler TEXT NOT NULL,
  UNIQUE(group_id, handler)
);
CREATE TABLE hash_runs(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind INTEGER NOT NULL, level INTEGER NOT NULL, entries INTEGER NOT NULL,
  newest INTEGER NOT NULL,
  filter BLOB NOT NULL
);
CREATE TABLE hash_blocks(
  id INTEGER PRIMARY KEY,
  entries BLOB NOT NULL
);
CREATE TABLE suspects(
  cluster TEXT NOT NULL, group_id TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  crashes INTEGER NOT NULL,
  PRIMARY KEY(cluster, group_id, topic, partition, offset)
) WITHOUT ROWID;

CREATE TABLE dead_letters(
  id INTEGER PRIMARY KEY,
  cluster TEXT NOT NULL, group_id TEXT NOT NULL, topic TEXT NOT NULL, incarnation INTEGER NOT NULL,
  partition INTEGER NOT NULL, offset INTEGER NOT NULL,
  state TEXT NOT NULL,
  dlq_topic TEXT NOT NULL,
  handler TEXT NOT NULL, category TEXT NOT NULL, error TEXT NOT NULL,
  attempts INTEGER NOT NULL, replays INTEGER NOT NULL,
  first_failed_at INTEGER NOT NULL, failed_at INTEGER NOT NULL,
  event_id TEXT NOT NULL, root TEXT NOT NULL,
  timestamp INTEGER NOT NULL, timestamp_type INTEGER NOT NULL,
  headers BLOB NOT NULL, key BLOB, value BLOB,
  UNIQUE(cluster, group_id, topic, incarnation, partition, offset)
);
CREATE INDEX dead_letters_by_state ON dead_letters(state);
CREATE INDEX dead_letters_by_origin ON dead_letters(topic, partition, offset);
CREATE TABLE archived_letters(
  id INTEGER PRIMARY KEY,
  identity TEXT NOT NULL UNIQUE,
  reason TEXT NOT NULL, archived_at INTEGER NOT NULL,
  topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
  timestamp INTEGER NOT NULL, timestamp_type INTEGER NOT NULL,
  headers BLOB NOT NULL, key BLOB, value BLOB
);

CREATE TABLE outbox(
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  state INTEGER NOT NULL,
  letter INTEGER REFERENCES dead_letters(id),
  topic TEXT NOT NULL, partition INTEGER NOT NULL,
  timestamp INTEGER NOT NULL, timestamp_type INTEGER NOT NULL,
  event_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  error TEXT NOT NULL DEFAULT '',
  headers BLOB NOT NULL, key BLOB, value BLOB
);
CREATE INDEX outbox_by_state ON outbox(state, letter);
CREATE TABLE leases(
  name TEXT PRIMARY KEY,
  owner TEXT NOT NULL, boot_id TEXT NOT NULL, until INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE beat_metrics(
  beat_id TEXT PRIMARY KEY,
  user_id TEXT, audio_url TEXT,
  duration REAL, sample_rate INTEGER, channels INTEGER, codec TEXT,
  bpm REAL, bpm_raw REAL, bpm_alt REAL, bpm_confidence REAL, octave_confidence REAL, bpm_stability REAL,
  beats TEXT, downbeats TEXT, beats_per_bar INTEGER,
  key TEXT, mode TEXT, camelot TEXT, open_key TEXT, key_confidence REAL, key_alt TEXT, tuning_hz REAL,
  lufs_integrated REAL, lra REAL, true_peak_dbtp REAL, sample_peak_dbfs REAL, rms_dbfs REAL, crest_db REAL,
  clipped_runs INTEGER, dc_offset REAL, silence_head REAL, silence_tail REAL, first_beat REAL,
  energy REAL, flags TEXT,
  extra TEXT NOT NULL DEFAULT '{}',
  deleted INTEGER NOT NULL DEFAULT 0,
  updated_at INTEGER NOT NULL,
  origin_topic TEXT NOT NULL, origin_partition INTEGER NOT NULL, origin_offset INTEGER NOT NULL,
  origin_timestamp INTEGER NOT NULL
);
CREATE TABLE metrics(
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL, metadata TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  origin_topic TEXT NOT NULL, origin_partition INTEGER NOT NULL, origin_offset INTEGER NOT NULL,
  origin_timestamp INTEGER NOT NULL
);
CREATE TABLE dashboard(
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  computed_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE quiz_events(
  id INTEGER PRIMARY KEY,
  event_id TEXT NOT NULL,
  event_type TEXT NOT NULL, timestamp TEXT NOT NULL,
  session_id TEXT NOT NULL, quiz_id TEXT NOT NULL, classroom_id TEXT NOT NULL, question_id TEXT NOT NULL,
  timer_sec REAL,
  raw TEXT NOT NULL
);
CREATE TABLE notifications(
  id INTEGER PRIMARY KEY,
  event_identity TEXT NOT NULL, ordinal INTEGER NOT NULL,
  sent_status TEXT NOT NULL DEFAULT 'unsent',
  user_id TEXT NOT NULL, event TEXT NOT NULL, content TEXT NOT NULL,
  created_at INTEGER NOT NULL, sent_at INTEGER, error TEXT NOT NULL DEFAULT '',
  UNIQUE(event_identity, ordinal)
);
CREATE INDEX notifications_unsent ON notifications(id) WHERE sent_status = 'unsent';
CREATE TABLE events(
  id INTEGER PRIMARY KEY,
  event_identity TEXT NOT NULL, ordinal INTEGER NOT NULL,
  type TEXT NOT NULL, subject TEXT NOT NULL,
  topic TEXT NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL, timestamp INTEGER NOT NULL,
  raw TEXT NOT NULL
);
CREATE TABLE runtime(
  process TEXT PRIMARY KEY,
  command TEXT NOT NULL, group_id TEXT NOT NULL, connection TEXT NOT NULL,
  in_cooldown INTEGER NOT NULL, retry_count INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  detail TEXT NOT NULL
) WITHOUT ROWID;
)sql";

// Accounts of the server. A token is kept as its SHA-256 only.
constexpr std::string_view k_version_2 = R"sql(
CREATE TABLE users(
  email TEXT PRIMARY KEY,
  role TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE tokens(
  hash BLOB PRIMARY KEY,
  email TEXT NOT NULL REFERENCES users(email) ON DELETE CASCADE,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX tokens_by_email ON tokens(email);
CREATE TABLE audit(
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  who TEXT NOT NULL, peer TEXT NOT NULL,
  method TEXT NOT NULL, path TEXT NOT NULL, status INTEGER NOT NULL
);
)sql";

// Notifications are claimed by those who deliver them; schedules and switches are shared by processes.
constexpr std::string_view k_version_3 = R"sql(
ALTER TABLE notifications ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE notifications ADD COLUMN claimed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE notifications ADD COLUMN claimed_until INTEGER NOT NULL DEFAULT 0;
CREATE TABLE schedules(
  name TEXT PRIMARY KEY,
  last_due INTEGER, last_ended INTEGER,
  last_outcome TEXT NOT NULL DEFAULT '', last_error TEXT NOT NULL DEFAULT '',
  runs INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0, skipped INTEGER NOT NULL DEFAULT 0,
  running_by TEXT NOT NULL DEFAULT '', running_until INTEGER
) WITHOUT ROWID;
CREATE TABLE consumer_switches(
  group_id TEXT PRIMARY KEY,
  is_on INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
) WITHOUT ROWID;
)sql";

// A notification tells by itself whether it may have been delivered by somebody who never said so.
constexpr std::string_view k_version_4 = R"sql(
ALTER TABLE notifications ADD COLUMN unsettled INTEGER NOT NULL DEFAULT 0;
UPDATE notifications SET unsettled = 1 WHERE sent_status = 'unsent' AND attempts > 0 AND error = '';
)sql";

constexpr std::array<sqlite::Migration, 4> k_migrations{
    {{k_version_1}, {k_version_2}, {k_version_3}, {k_version_4}}};

void make_folder(const std::filesystem::path& folder) {
  std::error_code failure;
  const bool made = std::filesystem::create_directories(folder, failure);
  if (made) std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failure);
  if (!failure) return;
  throw Error(ErrorCode::database,
              fmt::format("cannot make the data directory {}: {}", folder.string(), failure.message()));
}

}  // namespace

sqlite::Schema store_schema() {
  return {.application_id = k_application_id, .purpose = "store", .migrations = k_migrations};
}

std::filesystem::path store_file(const std::filesystem::path& data_dir) {
  return data_dir / "store.db";
}

std::unique_ptr<sqlite::Database> open_store_file(const std::filesystem::path& data_dir, OpenMode mode) {
  const bool writes = mode == OpenMode::read_write;
  if (writes) make_folder(data_dir);
  if (!writes && !std::filesystem::exists(store_file(data_dir))) {
    throw Error(ErrorCode::not_found,
                fmt::format("there is no store in {} yet: kbeat consume makes one", data_dir.string()));
  }
  const sqlite::OpenOptions options{.access = writes ? sqlite::Access::read_write : sqlite::Access::read_only,
                                    .application_id = k_application_id,
                                    .purpose = "store",
                                    .page_size = k_page_size};
  auto database = std::make_unique<sqlite::Database>(store_file(data_dir), options);
  sqlite::migrate(*database, store_schema());
  return database;
}

}  // namespace kbeat::store
