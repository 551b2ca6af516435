// What is known of each letter by its identity, in 16 bytes a letter: its state, and whether it was seen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "kbeat/pipeline/letter_state.hpp"

namespace kbeat::dlq {

using pipeline::LetterState;

/// An open-addressed table of the first 120 bits of each identity's SHA-256, so that a million letters fit in
/// 32 MiB. Letters that nobody wrote down are open and unseen.
class LetterIndex {
 public:
  LetterIndex();

  /// Returns the former state.
  LetterState set_state(std::string_view identity, LetterState state);
  [[nodiscard]] LetterState state(std::string_view identity) const;
  /// Sees a letter and tells its state; nothing when it was seen before. One search of the table.
  [[nodiscard]] std::optional<LetterState> look(std::string_view identity);
  /// False when the letter was seen before.
  bool see(std::string_view identity);
  [[nodiscard]] bool was_seen(std::string_view identity) const;

 private:
  struct Slot {
    std::uint64_t head = 0;
    std::uint64_t tail = 0;  ///< its low byte: k_used, k_seen and the state
  };

  [[nodiscard]] static Slot key_of(std::string_view identity);
  [[nodiscard]] std::size_t place_of(const Slot& key) const;
  Slot& entry(std::string_view identity);
  void grow();

  std::vector<Slot> m_slots;
  std::size_t m_used = 0;
};

}  // namespace kbeat::dlq
