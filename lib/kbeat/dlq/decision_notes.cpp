// When and why letters were decided.
#include "kbeat/dlq/decision_notes.hpp"

#include <cstring>

#include "kbeat/base/error.hpp"
#include "kbeat/base/hash.hpp"

namespace kbeat::dlq {
namespace {

std::uint64_t short_hash(std::string_view identity) {
  std::uint64_t hash = 0;
  std::memcpy(&hash, sha256_digest(identity).bytes.data(), sizeof hash);
  return hash;
}

std::optional<WallTime> time_of(std::string_view text) {
  try {
    return parse_rfc3339(text);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

void DecisionNotes::take(std::string_view identity, const pipeline::Decision& decision) {
  const std::uint64_t key = short_hash(identity);
  if (decision.state == pipeline::LetterState::open) {
    m_notes.erase(key);
    return;
  }
  auto reason = m_reasons.find(decision.reason);
  if (reason == m_reasons.end()) reason = m_reasons.emplace(decision.reason).first;
  m_notes.insert_or_assign(key, Note{.at = time_of(decision.at), .reason = *reason});
}

std::optional<DecisionNotes::Note> DecisionNotes::find(std::string_view identity) const {
  if (m_notes.empty()) return std::nullopt;
  const auto found = m_notes.find(short_hash(identity));
  if (found == m_notes.end()) return std::nullopt;
  return found->second;
}

}  // namespace kbeat::dlq
