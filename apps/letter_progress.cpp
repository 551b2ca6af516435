// Shares of partitions, summed.
#include "letter_progress.hpp"

#include <algorithm>
#include <vector>

#include "command.hpp"
#include "kbeat/base/error.hpp"

namespace kbeat::app {

LetterProgress::LetterProgress(Context& context, transport::Transport& transport, const TopicName& dlq,
                               Milliseconds timeout)
    : m_bar(context.io, context.clock, std::nullopt, "letters") {
  if (!context.io.err_is_terminal() || context.settings().log.verbosity < 0) return;
  try {
    std::vector<TopicPartition> partitions;
    const std::size_t count = transport.make_topic_admin(timeout)->topic(dlq).partitions.size();
    for (std::size_t i = 0; i < count; ++i) partitions.push_back({dlq, Partition{static_cast<int>(i)}});
    const auto offsets = transport.make_offset_admin(timeout);
    const auto begins = offsets->offsets(partitions, transport::LogEnd::earliest);
    const auto ends = offsets->offsets(partitions, transport::LogEnd::last_stable);
    for (std::size_t i = 0; i < partitions.size(); ++i)
      m_stretches[partitions[i].partition] = {begins[i], ends[i], begins[i]};
  } catch (const Error&) {
    // The work itself will say what is wrong; a bar can do without a share.
    m_stretches.clear();
  }
}

void LetterProgress::at(const dlq::SeenLetter& letter) {
  ++m_letters;
  const auto found = m_stretches.find(letter.record.partition);
  if (found != m_stretches.end()) found->second.next = letter.record.offset;
  if (m_bar.is_due()) m_bar.show(m_letters, share());
}

std::optional<double> LetterProgress::share() const {
  double passed = 0;
  double all = 0;
  for (const auto& [partition, stretch] : m_stretches) {
    all += static_cast<double>(stretch.end.get() - stretch.begin.get());
    passed += static_cast<double>(std::max<std::int64_t>(stretch.next.get() - stretch.begin.get(), 0));
  }
  return all > 0 ? std::optional(passed / all) : std::nullopt;
}

}  // namespace kbeat::app
