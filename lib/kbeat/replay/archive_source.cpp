// Rows of the archive, as they were before they failed.
#include "kbeat/replay/archive_source.hpp"

#include "kbeat/base/log.hpp"

namespace kbeat::replay {
namespace {

constexpr std::size_t k_page = 200;

std::int64_t last_number(store::LetterArchive& archive) {
  std::int64_t last = 0;
  while (true) {
    const auto letters = archive.read(last, k_page);
    if (letters.empty()) return last;
    last = letters.back().number;
  }
}

}  // namespace

ArchiveSource::ArchiveSource(store::LetterArchive& archive, Placeless placeless)
    : m_archive(archive),
      m_placeless(placeless),
      m_cursor{{TopicPartition{TopicName{"archive"}, Partition{0}}, Offset{1},
                Offset{last_number(archive) + 1}}} {}

Cursor ArchiveSource::cursor_before(const RecordView&) const {
  Cursor before = m_cursor;
  before.front().next = Offset{before.front().next.get() - 1};
  return before;
}

std::optional<RecordView> ArchiveSource::original(const store::ArchivedLetter& row,
                                                  const dlq::SeenLetter& letter,
                                                  std::vector<HeaderView>& headers) {
  const bool damaged = letter.kind == dlq::LetterKind::damaged;
  const bool has_place = !letter.topic.empty();
  if (!damaged && (has_place || m_placeless == Placeless::replayed)) {
    RecordView record = dlq::original_view(letter, headers);
    if (has_place) return record;
    // Records without an identity get one of their place, which no two of them may share.
    record.topic = letter.record.topic;
    record.partition = letter.record.partition;
    record.offset = letter.record.offset;
    return record;
  }
  if (row.number <= m_told) return std::nullopt;
  m_told = row.number;
  ++m_passed_over;
  log_warning("archived letter {} is passed over: {}", row.identity,
              damaged ? letter.fault : "its origin is not known; --to names a topic for it");
  return std::nullopt;
}

Turn ArchiveSource::turn(Milliseconds, const Take& take) {
  CursorPart& part = m_cursor.front();
  const auto letters = m_archive.read(part.next.get() - 1, k_page);
  for (const store::ArchivedLetter& row : letters) {
    if (row.number >= part.end->get()) break;
    part.next = Offset{row.number + 1};
    const RecordLoan loan(row.record);
    const dlq::SeenLetter letter = dlq::see_letter(loan.view(), {});
    std::vector<HeaderView> headers;
    const std::optional<RecordView> record = original(row, letter, headers);
    if (record && !take(*record)) return Turn::more;
  }
  return letters.empty() || part.next >= *part.end ? Turn::end : Turn::more;
}

}  // namespace kbeat::replay
