// Applies the effects of a handled event to the tables they belong to.
#pragma once

#include <array>
#include <span>

#include "kbeat/sqlite/database.hpp"
#include "kbeat/store/appended_rows.hpp"
#include "kbeat/store/beat_rows.hpp"
#include "kbeat/store/metric_rows.hpp"
#include "kbeat/store/outbox_rows.hpp"
#include "kbeat/store/quiz_rows.hpp"

namespace kbeat::store {

enum class EffectResult { applied, superseded };

/// For one thread, with its database; each call within a transaction.
class EffectWriter {
 public:
  explicit EffectWriter(sqlite::Database& database);

  /// Says which events are applied next in this transaction, in this order; some may be left out. It only
  /// makes `apply` cheaper; what they borrow must stay until then.
  void foresee(std::span<const FinishedDone* const> events);
  /// All effects of the event, or none of them when a newer event has written one of their entities.
  /// Throws Error{bad_input, too_large} when the database refuses one; some are applied then.
  EffectResult apply(const FinishedDone& done, WallTime now);
  /// The indexes that effects add to, for the transaction that they are part of.
  [[nodiscard]] std::array<HashIndex*, 2> indexes() { return {&m_quiz.index(), &m_appended.event_index()}; }

 private:
  [[nodiscard]] bool is_superseded(const Effect& effect, const Origin& origin);
  void apply_one(const Effect& effect, const AppliedEvent& event);
  void send(const Emit& effect, const AppliedEvent& event);

  BeatRows m_beats;
  MetricRows m_metrics;
  QuizRows m_quiz;
  AppendedRows m_appended;
  OutboxRows m_outbox;
};

}  // namespace kbeat::store
