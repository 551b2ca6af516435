// The outbox's rows for the relay that sends them.
#pragma once

#include <string>
#include <vector>

#include "kbeat/sqlite/statement.hpp"
#include "kbeat/store/letter_rows.hpp"
#include "kbeat/store/outbox.hpp"
#include "kbeat/store/outbox_rows.hpp"

namespace kbeat::store {

/// For one thread, with its database.
class SqliteOutbox final : public Outbox {
 public:
  explicit SqliteOutbox(sqlite::Database& database);

  void append(std::span<OutboxRow> rows) override;
  [[nodiscard]] bool lease(const std::string& owner, Milliseconds duration) override;
  [[nodiscard]] std::vector<OutboxRow> waiting(std::int64_t after, std::size_t limit,
                                               std::span<const std::string> held) override;
  void mark_sent(std::span<const std::int64_t> seqs) override;
  void park(std::int64_t seq, const std::string& error) override;
  void replace(std::int64_t seq, const Record& record) override;
  [[nodiscard]] OutboxCounts counts() override;
  [[nodiscard]] std::vector<OutboxRow> owed(std::int64_t after, std::size_t limit) override;
  std::int64_t unpark() override;

 private:
  sqlite::Database& m_database;
  OutboxRows m_rows;
  LetterRows m_letters;
  std::string m_boot_id;
  sqlite::Statement m_lease;
  sqlite::Statement m_waiting;
  sqlite::Statement m_remove;
  sqlite::Statement m_park;
  sqlite::Statement m_replace;
  sqlite::Statement m_counts;
  sqlite::Statement m_owed;
  sqlite::Statement m_unpark;
};

}  // namespace kbeat::store
