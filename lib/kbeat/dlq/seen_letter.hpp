// One dead letter as it is seen in its topic, whoever wrote it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kbeat/model/letter_facts.hpp"
#include "kbeat/pipeline/letter_state.hpp"

namespace kbeat::dlq {

using pipeline::LetterState;

/// Foreign records are those that kbeat did not write.
enum class LetterKind { own, foreign, damaged };

[[nodiscard]] std::string_view to_string(LetterKind kind);

/// Whose names the headers have. `body` is the house's own JSON body without headers, `unknown` any other
/// record.
enum class LetterForm {
  kbeat,
  connect,
  streams,
  share_group,
  spring,
  stream_binder,
  smallrye,
  watermill,
  body,
  unknown
};

[[nodiscard]] std::string_view to_string(LetterForm form);

/// Views into a record that somebody else holds: valid as long as that. What a letter does not say is empty.
struct SeenLetter {
  std::string id{};  ///< cluster/group/topic/partition/offset of the failure, or @dlq/partition/offset
  LetterKind kind = LetterKind::own;
  LetterForm form = LetterForm::kbeat;
  LetterState state = LetterState::open;
  std::string decided_at{};       ///< RFC 3339, of a letter that is no longer open
  std::string decision_reason{};  ///< why it got its state
  RecordView record{};            ///< as it lies in the DLQ

  std::string_view topic{};  ///< of the origin
  std::optional<Partition> partition{};
  std::optional<Offset> offset{};
  std::optional<WallTime> timestamp{};
  std::string_view cluster{};
  std::string_view group{};
  std::string_view handler{};
  std::optional<FailureCategory> category{};
  std::string error{};
  std::optional<int> attempts{};
  int replays = 0;
  std::string failed_at{};  ///< RFC 3339, as written
  std::string_view event_id{};
  std::string_view root{};
  std::string fault{};   ///< why it is damaged
  bool spilled = false;  ///< its value is not here but in the store of `host`
  std::string_view host{};

  std::optional<std::string_view> value_in_record{};
  std::optional<std::string> decoded{};
  /// The original value; nothing for a tombstone.
  [[nodiscard]] std::optional<std::string_view> value() const {
    return decoded ? std::optional<std::string_view>(*decoded) : value_in_record;
  }
};

/// How foreign letters are looked at.
struct LetterReading {
  std::string origin_header;  ///< names the origin topic of letters that no family's headers tell
};

/// Never throws for what the record holds: what cannot be understood is foreign or damaged.
[[nodiscard]] SeenLetter see_letter(const RecordView& record, const LetterReading& reading);

/// The original record's headers, byte for byte: without those that were added when the letter was written.
[[nodiscard]] std::vector<HeaderView> original_headers(const SeenLetter& letter);

/// The original record as far as the letter tells it, for filters and handlers; `headers` holds what it
/// points to.
[[nodiscard]] RecordView original_view(const SeenLetter& letter, std::vector<HeaderView>& headers);

}  // namespace kbeat::dlq
