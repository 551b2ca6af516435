// Rows of the archive, as they were before they failed.
#include "kbeat/replay/archive_source.hpp"

#include "kbeat/base/log.hpp"
#include "kbeat/dlq/seen_letter.hpp"

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

ArchiveSource::ArchiveSource(store::LetterArchive& archive)
    : m_archive(archive),
      m_cursor{{TopicPartition{TopicName{"archive"}, Partition{0}}, Offset{1},
                Offset{last_number(archive) + 1}}} {}

Cursor ArchiveSource::cursor_before(const RecordView&) const {
  Cursor before = m_cursor;
  before.front().next = Offset{before.front().next.get() - 1};
  return before;
}

Turn ArchiveSource::turn(Milliseconds, const Take& take) {
  CursorPart& part = m_cursor.front();
  const auto letters = m_archive.read(part.next.get() - 1, k_page);
  for (const store::ArchivedLetter& row : letters) {
    if (row.number >= part.end->get()) break;
    part.next = Offset{row.number + 1};
    const RecordLoan loan(row.record);
    const dlq::SeenLetter letter = dlq::see_letter(loan.view(), {});
    if (letter.kind == dlq::LetterKind::damaged || letter.topic.empty()) {
      log_warning("archived letter {} is passed over: {}", row.identity,
                  letter.fault.empty() ? "its origin is not known" : letter.fault);
      continue;
    }
    std::vector<HeaderView> headers;
    if (!take(dlq::original_view(letter, headers))) return Turn::more;
  }
  return letters.empty() || part.next >= *part.end ? Turn::end : Turn::more;
}

}  // namespace kbeat::replay
