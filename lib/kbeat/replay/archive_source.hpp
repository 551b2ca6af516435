// The originals of archived dead letters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kbeat/dlq/seen_letter.hpp"
#include "kbeat/replay/replay_source.hpp"
#include "kbeat/store/letter_archive.hpp"

namespace kbeat::replay {

/// What becomes of letters whose origin is not known: without a target there is no topic to replay them as.
enum class Placeless { passed_over, replayed };

/// The cursor counts rows; letters archived after it was made are not replayed. Letters that are damaged, and
/// placeless ones where they are not replayed, are passed over with a warning. A placeless one has the place
/// that it had in its dead letter topic. The archive outlives it.
class ArchiveSource final : public ReplaySource {
 public:
  ArchiveSource(store::LetterArchive& archive, Placeless placeless);

  [[nodiscard]] std::string description() const override { return "archive"; }
  [[nodiscard]] const Cursor& cursor() const override { return m_cursor; }
  [[nodiscard]] Cursor cursor_before(const RecordView&) const override;
  void seek(const Cursor& cursor) override { m_cursor = cursor; }
  [[nodiscard]] Turn turn(Milliseconds timeout, const Take& take) override;
  [[nodiscard]] std::uint64_t passed_over() const override { return m_passed_over; }

 private:
  /// Nothing for a letter that is passed over; `headers` holds what the record points to.
  [[nodiscard]] std::optional<RecordView> original(const store::ArchivedLetter& row,
                                                   const dlq::SeenLetter& letter,
                                                   std::vector<HeaderView>& headers);

  store::LetterArchive& m_archive;
  Placeless m_placeless;
  Cursor m_cursor;
  std::uint64_t m_passed_over = 0;
  std::int64_t m_told = 0;  ///< the highest number that was passed over: what is read again counts once
};

}  // namespace kbeat::replay
