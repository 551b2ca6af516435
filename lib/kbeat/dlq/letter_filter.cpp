// The cheap conditions first; the original record is only put together for the last.
#include "kbeat/dlq/letter_filter.hpp"

#include <algorithm>

#include "kbeat/dlq/named_letters.hpp"

namespace kbeat::dlq {

LetterFilter::LetterFilter(const LetterQuery& query) : m_query(query) {
  if (!query.error_pattern.empty()) m_error.emplace("--error", query.error_pattern);
}

bool LetterFilter::wants_state(LetterState state) const {
  if (!m_query.state || state == *m_query.state) return true;
  return *m_query.state == LetterState::open && state == LetterState::pending;
}

bool LetterFilter::names(const std::string& identity) const {
  return m_query.ids.empty() ||
         std::any_of(m_query.ids.begin(), m_query.ids.end(),
                     [&](const std::string& id) { return names_letter(id, identity); });
}

bool LetterFilter::wants(const SeenLetter& letter) {
  if (!wants_state(letter.state) || !names(letter.id)) return false;
  if (m_query.category && letter.category != m_query.category) return false;
  if (m_query.without_category && (letter.category || letter.kind != *m_query.without_category)) return false;
  if (m_query.since && letter.record.timestamp < *m_query.since) return false;
  if (m_query.until && letter.record.timestamp >= *m_query.until) return false;
  if (m_error) {
    const std::string& error = letter.kind == LetterKind::damaged ? letter.fault : letter.error;
    if (!m_error->found_in(error)) return false;
  }
  return !m_query.filter || m_query.filter(original_view(letter, m_headers));
}

}  // namespace kbeat::dlq
