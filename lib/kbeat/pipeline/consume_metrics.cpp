// Copies totals: counters never fall, so a view that comes late does no harm.
#include "kbeat/pipeline/consume_metrics.hpp"

namespace kbeat::pipeline {

void ConsumeMetrics::shown(const ConsumeView& view) {
  const ConsumeCounts& counts = view.counts;
  m_families.events("done").raise_to(counts.done);
  m_families.events("duplicate").raise_to(counts.duplicates);
  m_families.events("superseded").raise_to(counts.superseded);
  m_families.events("unhandled").raise_to(counts.unhandled);
  m_families.events("skipped").raise_to(counts.skipped);
  m_families.events("dead_letter").raise_to(counts.dead_letters);
  m_families.events("fenced").raise_to(counts.fenced);
  m_families.processed.raise_to(counts.done + counts.duplicates + counts.unhandled + counts.skipped +
                                counts.dead_letters);
  m_families.retries.raise_to(counts.retries);
  m_families.in_hand.set(static_cast<double>(view.in_hand));
  m_families.partitions.set(static_cast<double>(view.positions.size()));
  m_families.connected.set(view.connection.connected || !view.needs_broker ? 1 : 0);
  m_families.in_cooldown.set(view.connection.in_cooldown ? 1 : 0);
  m_families.connect_retries.set(view.connection.retry_count);
  for (const auto duration : view.durations) m_families.processing_duration.observe(duration);
}

}  // namespace kbeat::pipeline
