// Moves records from a source to a sink: chosen, paced, counted, and resumed by name.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "kbeat/base/clock.hpp"
#include "kbeat/replay/pacer.hpp"
#include "kbeat/replay/replay_sink.hpp"
#include "kbeat/replay/replay_source.hpp"

namespace kbeat::replay {

struct ReplayOptions {
  std::function<bool(const RecordView&)> wanted{};  ///< empty: all
  std::string choice;                               ///< the filters in words: part of what a name stands for
  std::optional<std::uint64_t> count{};
  Pace pace;
  /// Called now and then with what was read so far, and the records that were sent.
  std::function<void(const Cursor&, std::uint64_t sent)> on_progress{};
};

struct ReplayResult {
  std::uint64_t sent = 0;    ///< by this run
  std::uint64_t before = 0;  ///< by earlier runs of the name
  std::uint64_t failed = 0;
  std::uint64_t passed_over = 0;  ///< by the source
  std::optional<Error> fault{};   ///< of the source: what came before it is settled
};

/// `make_sink` is called again after an error that leaves open what was written: the new sink knows. Throws
/// Error{interrupted} when `stop` is requested; what was sent until then is settled.
[[nodiscard]] ReplayResult replay(ReplaySource& source,
                                  const std::function<std::unique_ptr<ReplaySink>()>& make_sink,
                                  const ReplayOptions& options, Clock& clock, std::stop_token stop);

}  // namespace kbeat::replay
