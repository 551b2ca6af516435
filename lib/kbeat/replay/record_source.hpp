// Records that somebody holds in memory, as the source of a replay.
#pragma once

#include <span>
#include <string>

#include "kbeat/replay/replay_source.hpp"

namespace kbeat::replay {

/// The cursor counts records. They outlive it.
class RecordSource final : public ReplaySource {
 public:
  explicit RecordSource(std::span<const Record> records);

  [[nodiscard]] std::string description() const override { return "records"; }
  [[nodiscard]] const Cursor& cursor() const override { return m_cursor; }
  [[nodiscard]] Cursor cursor_before(const RecordView& record) const override;
  void seek(const Cursor& cursor) override { m_cursor = cursor; }
  [[nodiscard]] Turn turn(Milliseconds timeout, const Take& take) override;

 private:
  std::span<const Record> m_records;
  Cursor m_cursor;
};

}  // namespace kbeat::replay
