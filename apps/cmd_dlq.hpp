// `kbeat dlq`: see dead letters and decide about them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "command.hpp"
#include "kbeat/filter/filter.hpp"

namespace kbeat::app {

/// Which letters, and of which topics.
struct LetterFlags {
  std::vector<std::string> ids;
  std::string dlq_topic;
  std::string state;
  std::string category;
  std::string error;
  std::string since;
  std::string until;
  std::string origin_header;
  std::optional<std::uint64_t> count;
  filter::Wanted wanted;  ///< of the original record
};

struct DlqInspectFlags {
  LetterFlags letters;
  bool patterns = false;
  bool envelopes = false;
  std::string output;
};

/// What retry, archive and discard have in common.
struct DlqDecideFlags {
  LetterFlags letters;
  bool all = false;
  bool dry_run = false;
  std::string output;  ///< of the plan
  bool yes = false;
  double per_second = 0;  ///< 0: as fast as it goes
  std::string reason;
};

struct DlqRetryFlags {
  DlqDecideFlags decide;
  std::string to;
  std::string to_brokers;
  bool here = false;
  int max_replays = 3;
  bool edit = false;
  std::string patch;
};

struct DlqStatsFlags {
  std::string dlq_topic;
  std::string output;
};

void add_dlq(CommandLine& line);
[[nodiscard]] int run_dlq_inspect(const DlqInspectFlags& flags, Context& context);
[[nodiscard]] int run_dlq_retry(const DlqRetryFlags& flags, Context& context);
[[nodiscard]] int run_dlq_archive(const DlqDecideFlags& flags, Context& context);
[[nodiscard]] int run_dlq_discard(const DlqDecideFlags& flags, Context& context);
[[nodiscard]] int run_dlq_stats(const DlqStatsFlags& flags, Context& context);

}  // namespace kbeat::app
