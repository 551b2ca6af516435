// Everything that the consume loop can be told, and what it tells at its end.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/config/settings.hpp"
#include "kbeat/model/dead_letter.hpp"
#include "kbeat/pipeline/assignment.hpp"
#include "kbeat/pipeline/event_runner.hpp"
#include "kbeat/pipeline/lanes.hpp"
#include "kbeat/pipeline/letters.hpp"
#include "kbeat/transport/consumer.hpp"

namespace kbeat::pipeline {

struct ConsumeOptions {
  std::vector<std::string> topics;
  std::vector<std::string> forward_targets;  ///< topics that routes send events on to
  GroupId group{"kbeat"};
  std::filesystem::path data_dir;
  std::string client_id = "kbeat-consume";
  std::string command = "consume";  ///< as health shows it

  // When to end; a loop with none of these is long-lived.
  bool exit_at_end = false;
  Milliseconds fellows_patience{0};  ///< longest wait at the end for members that may be dead; 0: none
  std::optional<std::uint64_t> count;
  std::optional<Milliseconds> idle_exit;
  std::optional<Milliseconds> max_time;
  int connect_attempts = 0;  ///< 0: for ever, or the settings' max_retries when bounded
  Milliseconds timeout{30'000};
  Milliseconds drain_timeout{30'000};

  config::ConnectSettings connect;
  config::BatchSettings batch;
  std::size_t workers = 1;
  RunnerOptions runner;
  RetryRelease retries;

  StartPolicy policy = FromEarliest{};
  OnGap on_gap = OnGap::fail;
  bool dead_letters = true;  ///< false: the first failure stops with an error
  LetterOptions letters;
  std::vector<TopicName> passed_over{};  ///< by patterns of `topics`: what comes from this very consumer
  bool create_topics = true;

  // A replay: positions and letters are its own, the marks those of the group whose events it handles again.
  std::optional<GroupId> marks_of;
  bool force = false;  ///< apply although a mark is there, replacing its rows

  [[nodiscard]] bool bounded() const { return exit_at_end || count.has_value() || idle_exit || max_time; }
  [[nodiscard]] transport::ConsumerOptions subscription() const {
    return {.client_id = client_id, .group = group, .topics = topics, .passed_over = passed_over};
  }
  /// To connect, before giving up; 0: for ever.
  [[nodiscard]] int attempts() const {
    return connect_attempts > 0 ? connect_attempts : bounded() ? connect.max_retries : 0;
  }
};

/// Counts of events by what became of them.
struct ConsumeCounts {
  std::uint64_t read = 0;
  std::uint64_t done = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t superseded = 0;  ///< among those done
  std::uint64_t unhandled = 0;
  std::uint64_t skipped = 0;
  std::uint64_t dead_letters = 0;
  std::uint64_t retries = 0;
  std::uint64_t fenced = 0;

  /// Events that have a result. What else was read is for others, or for a later run.
  [[nodiscard]] std::uint64_t settled() const {
    return done + duplicates + unhandled + skipped + dead_letters;
  }
};

enum class ConsumeEnd { finished, stopped, out_of_time };

struct ConsumeResult {
  ConsumeEnd end = ConsumeEnd::finished;
  ConsumeCounts counts;
};

}  // namespace kbeat::pipeline
