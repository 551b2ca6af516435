// Where dead letters are decided: the one writer of a DLQ's state, in transactions that hold a letter's copy
// too.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/dlq/dlq_view.hpp"
#include "kbeat/pipeline/letter_state.hpp"

namespace kbeat::dlq {

/// What becomes of a letter: its new state, and a record that is sent with it.
struct Decision {
  LetterState state = LetterState::retried;
  std::string reason;
  std::optional<Record> copy{};
};

/// The letter stays as it is, for this reason.
struct Left {
  std::string reason;
};

using Verdict = std::variant<Decision, Left>;
using Decider = std::function<Verdict(const SeenLetter&)>;

/// Brings copies to where no transaction of the DLQ's cluster reaches; says for each why it could not, or
/// nothing.
using Courier = std::function<std::vector<std::optional<std::string>>(const std::vector<const Record*>&)>;

struct DeskOptions {
  LetterQuery query{};
  double per_second = 0;                 ///< letters; 0: as fast as it goes
  std::optional<std::uint64_t> count{};  ///< at most so many are decided
  bool dry_run = false;                  ///< ask the decider, write nothing
  bool make_state_topic = true;
  /// With it, copies are its, before their letters' states are written: at least once. Empty: copies go into
  /// the transaction that closes their letters.
  Courier courier{};
};

/// What became of the letters that the query wanted.
struct DeskReport {
  std::map<LetterState, std::uint64_t> decided;  ///< letters by their new state
  std::map<std::string, std::uint64_t> targets;  ///< copies by topic
  std::map<std::string, std::uint64_t> reasons;  ///< decided letters by the error they had, masked
  std::map<std::string, std::uint64_t> left;     ///< letters that stay, by reason

  [[nodiscard]] std::uint64_t decided_count() const;
  [[nodiscard]] std::uint64_t left_count() const;
  DeskReport& operator+=(const DeskReport& other);
};

/// Asks `decide` about every letter that the query wants, up to the end that the DLQ has at the call. Copy
/// and state are one transaction under the id `kbeat.dlq.<dlq>`: whoever decides letters later fences this
/// one (Error{fenced} that says so), and a run that was killed is gone on with by the next, without a double.
/// Bodies of archived letters are in the store before their state says so: without an archive in `source`
/// that is Error{internal}.
[[nodiscard]] DeskReport decide_letters(const DlqSource& source, const TopicName& dlq,
                                        const DeskOptions& options, const Decider& decide, Clock& clock,
                                        std::stop_token stop);

}  // namespace kbeat::dlq
