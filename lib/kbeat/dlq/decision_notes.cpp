// When and why letters were decided.
#include "kbeat/dlq/decision_notes.hpp"

#include "kbeat/base/error.hpp"
#include "kbeat/store/hash_entry.hpp"

namespace kbeat::dlq {
namespace {

std::optional<WallTime> time_of(std::string_view text) {
  try {
    return parse_rfc3339(text);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

void DecisionNotes::take(std::string_view identity, const pipeline::Decision& decision) {
  const std::uint64_t key = store::hash_key(identity).high;
  if (decision.state == pipeline::LetterState::open) {
    m_notes.erase(key);
    return;
  }
  const auto reason = m_reasons.emplace(decision.reason).first;
  m_notes.insert_or_assign(key, Note{.at = time_of(decision.at), .reason = *reason});
}

std::optional<DecisionNotes::Note> DecisionNotes::find(std::string_view identity) const {
  if (m_notes.empty()) return std::nullopt;
  const auto found = m_notes.find(store::hash_key(identity).high);
  if (found == m_notes.end()) return std::nullopt;
  return found->second;
}

}  // namespace kbeat::dlq
