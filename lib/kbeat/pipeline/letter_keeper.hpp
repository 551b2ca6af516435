// Keeps a host's own letters in step with their topics: closed where others decided, sent again before they
// expire.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

#include "kbeat/base/clock.hpp"
#include "kbeat/store/store.hpp"
#include "kbeat/transport/transport.hpp"

namespace kbeat::pipeline {

struct LetterKeeperOptions {
  Milliseconds look_every{600'000};  ///< at most; topics that keep letters shortly are looked at more often
  Milliseconds timeout{30'000};
};

/// A dead letter topic that somebody else made may drop letters by its retention while they are open. The
/// store has them still, and puts those that have lain there for half of that time into the outbox again,
/// under the same identity.
class LetterKeeper {
 public:
  /// All that it is given outlives it.
  LetterKeeper(transport::Transport& transport, LetterKeeperOptions options, Clock& clock);

  /// One look at every topic that the store has open letters in; returns when the next is due.
  Milliseconds look(store::Store& store, std::stop_token stop);

 private:
  /// Letters by identity, as the store names them, with when each was written to its topic last.
  struct Kept {
    store::ClosedLetter row;
    std::optional<WallTime> written;
  };
  using Letters = std::map<std::string, Kept, std::less<>>;

  [[nodiscard]] static std::map<TopicName, Letters> letters_of(store::Store& store);
  void close_decided(store::Store& store, const TopicName& dlq, Letters& letters, std::stop_token stop);
  void note_written(const TopicName& dlq, Letters& letters, std::stop_token stop);
  void send_again(store::Store& store, const TopicName& dlq, const Letters& letters);

  transport::Transport& m_transport;
  LetterKeeperOptions m_options;
  Clock& m_clock;
};

/// Owns one thread that looks again and again. What goes wrong is logged and tried again.
class LetterKeeping {
 public:
  LetterKeeping(transport::Transport& transport, std::function<std::unique_ptr<store::Store>()> open_store,
                LetterKeeperOptions options, Clock& clock);

 private:
  std::jthread m_thread;
};

}  // namespace kbeat::pipeline
