// Archived and closed dead letters on SQLite.
#pragma once

#include <span>
#include <vector>

#include "kbeat/sqlite/statement.hpp"
#include "kbeat/store/letter_archive.hpp"

namespace kbeat::store {

/// For one thread, with its database.
class SqliteLetterArchive final : public LetterArchive {
 public:
  explicit SqliteLetterArchive(sqlite::Database& database);

  void keep(std::span<const ArchivedLetter> letters) override;
  [[nodiscard]] std::vector<ArchivedLetter> read(std::int64_t after, std::size_t limit) override;
  void close(std::span<const ClosedLetter> letters) override;
  [[nodiscard]] std::optional<DeadLetter> find(const std::string& cluster, const std::string& group,
                                               const TopicPartition& partition, Offset offset) override;
  [[nodiscard]] std::vector<PublishedLetter> published(std::int64_t after, std::size_t limit) override;

 private:
  sqlite::Database& m_database;
  sqlite::Statement m_keep;
  sqlite::Statement m_read;
  sqlite::Statement m_close;
  sqlite::Statement m_find;
  sqlite::Statement m_published;
};

}  // namespace kbeat::store
