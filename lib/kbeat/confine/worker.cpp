// The worker's side: load what is needed, give up every right, then look at the audio.
#include <unistd.h>

#include <cerrno>
#include <exception>
#include <new>
#include <string_view>

#include "kbeat/base/plugin.hpp"
#include "kbeat/confine/analyzer.hpp"
#include "kbeat/confine/worker_codes.hpp"
#include "kbeat/confine/worker_task.hpp"

namespace kbeat::confine {
namespace {

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

int work_on_clicks(const WorkerTask& task, ConfineProcess* confine_process) {
  auto* const click = plugin_function<audio::ClickDescriptor>("audio", audio::k_click_descriptor);
  confine_process(task.confinement);
  bool written = true;
  click(STDIN_FILENO, task.request,
        [&written](std::string_view bytes) { written = written && write_all(STDOUT_FILENO, bytes); });
  return written ? k_worker_done : k_worker_failed;
}

int work(std::span<const std::string> words) {
  const WorkerTask task = read_task(words);
  auto* const analyze = plugin_function<audio::AnalyzeDescriptor>("audio", audio::k_analyze_descriptor);
  auto* const confine_process = plugin_function<ConfineProcess>("confine", k_confine_process);
  if (task.request.answer == audio::Answer::clicks) return work_on_clicks(task, confine_process);
  confine_process(task.confinement);
  std::string json;
  analyze(STDIN_FILENO, task.request, json);
  return write_all(STDOUT_FILENO, json + "\n") ? k_worker_done : k_worker_failed;
}

/// The worker's one place where errors end.
int guarded(std::span<const std::string> words) {
  try {
    return work(words);
  } catch (const Error& error) {
    write_all(STDERR_FILENO, error.what());
    return error.code() == ErrorCode::bad_input ? k_worker_bad_input : k_worker_failed;
  } catch (const std::bad_alloc&) {
    return k_worker_no_memory;
  } catch (const std::exception& error) {
    write_all(STDERR_FILENO, error.what());
    return k_worker_failed;
  }
}

}  // namespace

int run_confined_worker(int argc, char** argv) {
  const std::vector<std::string> words(argv + 2, argv + argc);
  // No destructor of a library may run into the filter.
  _exit(guarded(words));
}

}  // namespace kbeat::confine
