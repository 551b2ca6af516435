// Two numbers for the limits, then the words of the request.
#include "kbeat/confine/worker_task.hpp"

#include <fmt/format.h>

#include <charconv>

#include "kbeat/base/error.hpp"

namespace kbeat::confine {
namespace {

std::uint64_t number_in(const std::string& word) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size() || number == 0) {
    throw Error(ErrorCode::usage, fmt::format("\"{}\" is not a limit of a worker", word));
  }
  return number;
}

}  // namespace

std::vector<std::string> to_words(const WorkerTask& task) {
  std::vector<std::string> words{std::to_string(task.confinement.memory_bytes),
                                 std::to_string(task.confinement.cpu_seconds)};
  for (std::string& word : audio::to_words(task.request)) words.push_back(std::move(word));
  return words;
}

WorkerTask read_task(std::span<const std::string> words) {
  if (words.size() < 2) throw Error(ErrorCode::usage, "a worker is started by kbeat itself, with its limits");
  return {.confinement = {.memory_bytes = number_in(words[0]), .cpu_seconds = number_in(words[1])},
          .request = audio::read_request(words.subspan(2))};
}

}  // namespace kbeat::confine
