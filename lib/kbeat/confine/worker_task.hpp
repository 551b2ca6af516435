// What a worker is told on its command line.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "kbeat/audio/analysis_request.hpp"
#include "kbeat/confine/confinement.hpp"

namespace kbeat::confine {

struct WorkerTask {
  Confinement confinement;
  audio::AnalysisRequest request;
};

/// The words after the worker's name; reading them gives the same task.
[[nodiscard]] std::vector<std::string> to_words(const WorkerTask& task);

/// Throws Error{usage} when these are not the words of a task.
[[nodiscard]] WorkerTask read_task(std::span<const std::string> words);

}  // namespace kbeat::confine
