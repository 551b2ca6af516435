// The dead letters of a topic, with what was decided about each.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "kbeat/dlq/letter_index.hpp"
#include "kbeat/dlq/seen_letter.hpp"
#include "kbeat/store/letter_archive.hpp"
#include "kbeat/store/outbox.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::dlq {

struct LetterQuery {
  std::vector<std::string> ids{};  ///< identities, or the topic/partition/offset at their end; empty: all
  std::optional<LetterState> state = LetterState::open;  ///< nothing: every state
  std::optional<FailureCategory> category{};
  std::optional<LetterKind> without_category{};  ///< only letters of this kind that tell no category
  std::string error_pattern{};                   ///< RE2; empty: any
  /// Asked about the original record of letters that pass everything else; empty: all pass.
  std::function<bool(const RecordView&)> filter{};
  std::optional<WallTime> since{};  ///< written to the DLQ at or after
  std::optional<WallTime> until{};  ///< and before
  LetterReading reading{};
};

struct DlqSource {
  transport::Transport& transport;
  store::Outbox* outbox = nullptr;  ///< with it, own letters that the relay still owes are shown as pending
  store::LetterArchive* archive =
      nullptr;  ///< with it, archived letters that the DLQ no longer holds are shown
  Milliseconds timeout{30'000};
};

using LetterSink = std::function<void(const SeenLetter&)>;

/// Reads the DLQ up to its stable end; a letter that lies there twice is shown once. `sink` sees the letters
/// that the query wants, in the topic's order, then those that only the store's archive has, in the state
/// that they have by now, then pending ones. Holds 16 bytes a letter. Throws Error{not_found} when there is
/// no such topic and nothing is archived or pending for it, Error{usage} for a pattern that is none.
void view_letters(const DlqSource& source, const TopicName& dlq, const LetterQuery& query,
                  std::stop_token stop, const LetterSink& sink);

/// As view_letters, with states that were read before, and without when and why; letters are marked as seen
/// there.
void view_letters(const DlqSource& source, const TopicName& dlq, const LetterQuery& query, LetterIndex& index,
                  std::stop_token stop, const LetterSink& sink);

/// True when the store keeps an archived letter of the topic, whether that exists or not.
[[nodiscard]] bool has_archived(const DlqSource& source, const TopicName& dlq);

/// The last state of every letter that has one; all open while the state topic does not exist. A record that
/// cannot be understood is Error{bad_input}: guessing could retry a letter twice.
[[nodiscard]] LetterIndex read_states(const DlqSource& source, const TopicName& dlq, std::stop_token stop);

}  // namespace kbeat::dlq
