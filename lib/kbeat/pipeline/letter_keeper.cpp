// Looks at the store's open letters, their states and their topics.
#include "kbeat/pipeline/letter_keeper.hpp"

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "kbeat/base/error.hpp"
#include "kbeat/base/log.hpp"
#include "kbeat/model/dead_letter.hpp"
#include "kbeat/model/letter_facts.hpp"
#include "kbeat/pipeline/bounded_read.hpp"
#include "kbeat/pipeline/letter_state.hpp"
#include "kbeat/pipeline/topics.hpp"

namespace kbeat::pipeline {
namespace {

constexpr std::size_t k_page = 200;
constexpr Milliseconds k_shortest_look{1000};
constexpr const char* k_client = "kbeat-letters";

/// Calls `sink` for the store's open letters that have been in their topics.
void each_published(store::Store& store, const std::function<void(const DeadLetter&)>& sink) {
  std::int64_t after = 0;
  while (true) {
    const std::vector<store::PublishedLetter> page = store.letters().published(after, k_page);
    for (const store::PublishedLetter& each : page) {
      after = each.number;
      sink(each.letter);
    }
    if (page.size() < k_page) return;
  }
}

}  // namespace

LetterKeeper::LetterKeeper(transport::Transport& transport, LetterKeeperOptions options, Clock& clock)
    : m_transport(transport), m_options(options), m_clock(clock) {}

std::map<TopicName, LetterKeeper::Letters> LetterKeeper::letters_of(store::Store& store) {
  std::map<TopicName, Letters> topics;
  each_published(store, [&](const DeadLetter& letter) {
    const Record& original = letter.original;
    topics[letter.dlq_topic].emplace(letter_identity(letter),
                                     Kept{.row = {.cluster = letter.cluster,
                                                  .group = letter.group.get(),
                                                  .partition = {original.topic, original.partition},
                                                  .offset = original.offset,
                                                  .state = {}},
                                          .written = std::nullopt});
  });
  return topics;
}

Milliseconds LetterKeeper::look(store::Store& store, std::stop_token stop) {
  Milliseconds next = m_options.look_every;
  for (auto& [dlq, letters] : letters_of(store)) {
    const auto admin = m_transport.make_topic_admin(m_options.timeout);
    try {
      close_decided(store, dlq, letters, stop);
      const std::optional<Milliseconds> retention = retention_of(*admin, dlq);
      if (letters.empty() || !retention) continue;
      note_written(dlq, letters, stop);
      const WallTime old = m_clock.now() - *retention / 2;
      std::erase_if(letters,
                    [old](const auto& each) { return each.second.written && *each.second.written > old; });
      if (!letters.empty()) send_again(store, dlq, letters);
      next = std::clamp(*retention / 8, k_shortest_look, next);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::not_found) throw;  // who deletes a topic wants no letters in it
    }
  }
  return next;
}

void LetterKeeper::close_decided(store::Store& store, const TopicName& dlq, Letters& letters,
                                 std::stop_token stop) {
  const BoundedReadOptions options{.client_id = k_client, .timeout = m_options.timeout, .from = {}};
  std::ignore =
      read_states(m_transport, dlq, options, stop, [&](std::string_view identity, const Decision& decision) {
        const auto found = letters.find(identity);
        if (found != letters.end())
          found->second.row.state = decision.state == LetterState::open ? "" : to_string(decision.state);
      });
  std::vector<store::ClosedLetter> closed;
  std::erase_if(letters, [&closed](const auto& each) {
    if (each.second.row.state.empty()) return false;
    closed.push_back(each.second.row);
    return true;
  });
  if (!closed.empty()) store.letters().close(closed);
}

void LetterKeeper::note_written(const TopicName& dlq, Letters& letters, std::stop_token stop) {
  const BoundedReadOptions options{.client_id = k_client, .timeout = m_options.timeout, .from = {}};
  std::ignore = read_to_end(m_transport, dlq, options, stop, [&](const RecordView& record) {
    try {
      const auto facts = find_letter_facts(record.headers);
      if (!facts) return;
      const auto found = letters.find(letter_identity(*facts));
      if (found != letters.end())
        found->second.written = std::max(found->second.written.value_or(record.timestamp), record.timestamp);
    } catch (const Error&) {
      return;  // damaged: not a sound copy of any letter
    }
  });
}

void LetterKeeper::send_again(store::Store& store, const TopicName& dlq, const Letters& letters) {
  std::vector<store::OutboxRow> rows;
  each_published(store, [&](const DeadLetter& letter) {
    if (letter.dlq_topic != dlq || !letters.contains(letter_identity(letter))) return;
    store::OutboxRow row;
    row.record = to_dlq_record(letter);
    row.event_id = letter.event_id;
    row.record.timestamp = m_clock.now();
    rows.push_back(std::move(row));
    if (rows.size() < k_page) return;
    store.outbox().append(rows);
    rows.clear();
  });
  if (!rows.empty()) store.outbox().append(rows);
  log_info("{} open letters are sent to {} again, before its retention takes them", letters.size(),
           dlq.get());
}

LetterKeeping::LetterKeeping(transport::Transport& transport,
                             std::function<std::unique_ptr<store::Store>()> open_store,
                             LetterKeeperOptions options, Clock& clock)
    : m_thread([&transport, open_store = std::move(open_store), options, &clock](std::stop_token stop) {
        LetterKeeper keeper(transport, options, clock);
        Milliseconds wait = k_shortest_look;
        while (clock.wait(wait, stop) != Waited::stopped) {
          try {
            wait = keeper.look(*open_store(), stop);
          } catch (const Error& error) {
            if (error.code() != ErrorCode::interrupted) log_warning("own dead letters: {}", error.what());
            wait = options.look_every;
          }
        }
      }) {}

}  // namespace kbeat::pipeline
