// Measures untrusted audio in a child process that can do nothing else.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "kbeat/audio/analysis_request.hpp"
#include "kbeat/base/clock.hpp"
#include "kbeat/base/error.hpp"

namespace kbeat::confine {

/// The program's hidden first argument that makes it a worker.
inline constexpr std::string_view k_worker_word = "confined-analyze";

/// What one child may use; the length of the audio is limited by the request.
struct AnalyzeLimits {
  std::uint64_t memory_bytes = 768ull << 20;  ///< address space; not set in sanitizer builds
  Milliseconds cpu{60'000};                   ///< whole seconds count
  Milliseconds wall{120'000};
};

/// The metrics as one flat JSON object on one line, or why there are none: bad_input (not audio, too long, a
/// format that is not allowed), too_large (needs more memory than allowed), timed_out, crashed (the child
/// died by a signal of its own making), interrupted (asked to stop), io or internal.
using Analyzed = std::variant<std::string, Error>;

/// Safe to call from several threads; each call is a child of its own.
class Analyzer {
 public:
  Analyzer() = default;
  Analyzer(const Analyzer&) = delete;
  Analyzer& operator=(const Analyzer&) = delete;
  virtual ~Analyzer() = default;

  /// Reads the audio from `descriptor`, which is of a regular file. Comes back by `deadline`, or within 200
  /// ms of a request to stop.
  [[nodiscard]] virtual Analyzed analyze(int descriptor, SteadyTime deadline, std::stop_token stop) = 0;
};

/// The program that is started for each analysis, with the words before its limits.
struct WorkerCommand {
  std::string program = "/proc/self/exe";
  std::vector<std::string> arguments{std::string(k_worker_word)};
};

/// Costs next to nothing: nothing is loaded into this process.
[[nodiscard]] std::unique_ptr<Analyzer> open_confined_analyzer(const AnalyzeLimits& limits,
                                                               const audio::AnalysisRequest& request = {},
                                                               const WorkerCommand& worker = {});

/// The audio once more, as a WAV file with clicks on its beats, decoded by such a child too; nothing, or why
/// there is none, as Analyzed says it. What `sink` throws ends it.
[[nodiscard]] std::optional<Error> make_click_track(int descriptor, const AnalyzeLimits& limits,
                                                    audio::AnalysisRequest request,
                                                    const audio::ByteSink& sink, std::stop_token stop);

/// Analyzes in this process, for audio that is trusted: no child and no limit but the length. A decoder that
/// crashes takes the process along; deadline and stop are looked at only before the work begins.
[[nodiscard]] std::unique_ptr<Analyzer> open_in_process_analyzer(const audio::AnalysisRequest& request = {});

/// The child's whole life: confines itself, reads audio from descriptor 0, writes the result to 1 and faults
/// to 2. Returns the process's exit code. Called by main for the hidden word, before any thread is made.
int run_confined_worker(int argc, char** argv);

}  // namespace kbeat::confine
