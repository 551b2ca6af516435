// Applies the effects of a handled event to the tables they belong to.
#include "kbeat/store/effect_writer.hpp"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

namespace kbeat::store {
namespace {

template <typename... Calls>
struct Overloaded : Calls... {
  using Calls::operator()...;
};

}  // namespace

EffectWriter::EffectWriter(sqlite::Database& database)
    : m_beats(database), m_metrics(database), m_quiz(database), m_appended(database), m_outbox(database) {}

void EffectWriter::foresee(std::span<const FinishedDone* const> events) {
  std::vector<const UpsertQuizEvent*> quiz;
  for (const FinishedDone* event : events) {
    for (const Effect& effect : event->effects)
      if (const auto* row = std::get_if<UpsertQuizEvent>(&effect)) quiz.push_back(row);
  }
  m_quiz.foresee(std::move(quiz));
}

EffectResult EffectWriter::apply(const FinishedDone& done, WallTime now) {
  const bool superseded = std::any_of(done.effects.begin(), done.effects.end(), [&](const Effect& effect) {
    return is_superseded(effect, done.origin);
  });
  if (superseded) return EffectResult::superseded;
  AppliedEvent event{.done = done, .now = now};
  for (const Effect& effect : done.effects) {
    apply_one(effect, event);
    ++event.ordinal;
  }
  return EffectResult::applied;
}

bool EffectWriter::is_superseded(const Effect& effect, const Origin& origin) {
  return std::visit(
      Overloaded{[&](const UpsertBeatMetrics& beat) { return m_beats.is_superseded(beat.beat_id, origin); },
                 [&](const DeleteBeat& beat) { return m_beats.is_superseded(beat.beat_id, origin); },
                 [&](const UpsertMetric& metric) { return m_metrics.is_superseded(metric.metric, origin); },
                 [](const auto&) { return false; }},
      effect);
}

void EffectWriter::apply_one(const Effect& effect, const AppliedEvent& event) {
  std::visit(Overloaded{[&](const UpsertBeatMetrics& beat) { m_beats.apply(beat, event); },
                        [&](const DeleteBeat& beat) { m_beats.apply(beat, event); },
                        [&](const UpsertMetric& metric) { m_metrics.apply(metric, event); },
                        [&](const RefreshDashboard& refresh) { m_metrics.apply(refresh, event); },
                        [&](const UpsertQuizEvent& quiz) { m_quiz.apply(quiz); },
                        [&](const Emit& emit) { send(emit, event); },
                        [&](const auto& appended) { m_appended.apply(appended, event); }},
             effect);
}

void EffectWriter::send(const Emit& effect, const AppliedEvent& event) {
  const Record record{.topic = effect.topic,
                      .partition = Partition(-1),
                      .offset = Offset(-1),
                      .timestamp = event.now,
                      .timestamp_type = TimestampType::create,
                      .key = effect.key,
                      .value = effect.value,
                      .headers = effect.headers};
  m_outbox.add(record, effect.event_id, std::nullopt, event.now);
}

}  // namespace kbeat::store
