// Threads that take the next source, and one place where results wait for their turn.
#include "audio_crew.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace kbeat::app {
namespace {

/// How far a worker may be ahead of the oldest result that is not there yet: bounds what waits in memory.
constexpr std::size_t k_most_ahead = 256;
constexpr Milliseconds k_between_reports{200};

/// Which source is next and which results are there. Any thread.
class Board {
 public:
  explicit Board(std::size_t sources) : m_sources(sources) {}

  /// The number of a source to work on; nothing when all are taken or the work is called off.
  std::optional<std::size_t> take() {
    std::unique_lock lock(m_mutex);
    m_room.wait(
        lock, [this] { return m_called_off || m_taken == m_sources || m_taken < m_reported + k_most_ahead; });
    if (m_called_off || m_taken == m_sources) return std::nullopt;
    return m_taken++;
  }

  void put(std::size_t number, confine::Analyzed analyzed) {
    const std::lock_guard lock(m_mutex);
    m_results.emplace(number, std::move(analyzed));
    ++m_finished;
    m_arrived.notify_one();
  }

  /// The result of the oldest source that is not reported, if it comes in time.
  std::optional<confine::Analyzed> next(Milliseconds timeout) {
    std::unique_lock lock(m_mutex);
    m_arrived.wait_for(lock, timeout, [this] { return m_results.contains(m_reported); });
    auto found = m_results.extract(m_reported);
    if (found.empty()) return std::nullopt;
    ++m_reported;
    m_room.notify_all();
    return std::move(found.mapped());
  }

  void call_off() {
    const std::lock_guard lock(m_mutex);
    m_called_off = true;
    m_room.notify_all();
  }

  [[nodiscard]] std::size_t finished() {
    const std::lock_guard lock(m_mutex);
    return m_finished;
  }

 private:
  const std::size_t m_sources;
  std::mutex m_mutex;
  std::condition_variable m_room, m_arrived;
  std::unordered_map<std::size_t, confine::Analyzed> m_results;
  std::size_t m_taken = 0, m_finished = 0, m_reported = 0;
  bool m_called_off = false;
};

confine::Analyzed analyze_one(const AudioSource& source, const AudioTools& tools,
                              const std::stop_token& stop) {
  if (stop.stop_requested()) return Error(ErrorCode::interrupted, "stopped before it was analyzed");
  try {
    const net::FetchedFile audio = open_audio(source, tools.input, tools.downloader, stop);
    return tools.analyzer.analyze(audio.descriptor(), SteadyTime::max(), stop);
  } catch (const Error& error) {
    return error;
  }
}

/// Workers that end with this object, whatever the reports threw.
class Crew {
 public:
  Crew(Board& board, std::size_t workers, const std::function<void()>& work) : m_board(board) {
    for (std::size_t i = 0; i < workers; ++i) m_threads.emplace_back(work);
  }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew() { m_board.call_off(); }

 private:
  Board& m_board;
  std::vector<std::jthread> m_threads;
};

bool was_interrupted(const confine::Analyzed& analyzed) {
  const Error* error = std::get_if<Error>(&analyzed);
  return error != nullptr && error->code() == ErrorCode::interrupted;
}

}  // namespace

void analyze_all(std::span<const AudioSource> sources, const AudioTools& tools, std::size_t workers,
                 std::stop_token stop, const AudioReports& reports) {
  Board board(sources.size());
  const Crew crew(board, std::min(workers, sources.size()), [&] {
    while (const auto number = board.take()) {
      board.put(*number, analyze_one(sources[*number], tools, stop));
    }
  });
  for (std::size_t reported = 0; reported < sources.size();) {
    const auto analyzed = board.next(k_between_reports);
    reports.progress(board.finished());
    if (!analyzed) continue;
    if (was_interrupted(*analyzed)) return;
    reports.result(sources[reported++], *analyzed);
  }
}

}  // namespace kbeat::app
