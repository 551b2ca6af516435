// When and why letters were decided, for those who look at decided ones.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "kbeat/base/clock.hpp"
#include "kbeat/pipeline/letter_state.hpp"

namespace kbeat::dlq {

/// Some 60 bytes a letter: reasons are few and kept once. Letters are told apart by 64 bits of their
/// identity's SHA-256; only what is shown depends on it.
class DecisionNotes {
 public:
  /// The last one of a letter counts.
  void take(std::string_view identity, const pipeline::Decision& decision);

  struct Note {
    std::optional<WallTime> at;
    std::string_view reason;
  };
  /// Nothing of a letter that is open or was decided elsewhere.
  [[nodiscard]] std::optional<Note> find(std::string_view identity) const;

 private:
  std::set<std::string> m_reasons;
  std::unordered_map<std::uint64_t, Note> m_notes;  ///< their reasons lie in m_reasons
};

}  // namespace kbeat::dlq
