// The originals of archived dead letters.
#pragma once

#include "kbeat/replay/replay_source.hpp"
#include "kbeat/store/letter_archive.hpp"

namespace kbeat::replay {

/// The cursor counts rows; letters archived after it was made are not replayed. Letters whose origin is not
/// known, or that are damaged, are passed over with a warning. The archive outlives it.
class ArchiveSource final : public ReplaySource {
 public:
  explicit ArchiveSource(store::LetterArchive& archive);

  [[nodiscard]] std::string description() const override { return "archive"; }
  [[nodiscard]] const Cursor& cursor() const override { return m_cursor; }
  [[nodiscard]] Cursor cursor_before(const RecordView&) const override;
  void seek(const Cursor& cursor) override { m_cursor = cursor; }
  [[nodiscard]] Turn turn(Milliseconds timeout, const Take& take) override;

 private:
  store::LetterArchive& m_archive;
  Cursor m_cursor;
};

}  // namespace kbeat::replay
