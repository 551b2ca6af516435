// Result lines to a descriptor, without making the loop wait for a slow reader.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "kbeat/base/error.hpp"
#include "kbeat/pipeline/result_line.hpp"

namespace kbeat::pipeline {

/// Owns one thread that writes; lines wait for it in memory, which is full at 64 MiB. Destruction (or
/// `finish`) waits until all lines are written or cannot be. A terminal gets nothing that would steer it.
class ResultWriter final : public ResultSink {
 public:
  explicit ResultWriter(int descriptor);
  ~ResultWriter() override;

  void write(std::string_view lines) override;
  [[nodiscard]] bool has_room() override;
  /// Waits for the last line; throws as `has_room` does.
  void finish();

 private:
  void run(std::stop_token stop);
  void write_out(const std::string& bytes);
  void throw_failure();

  int m_descriptor;
  bool m_terminal;
  std::mutex m_mutex;
  std::condition_variable_any m_changed;
  std::string m_waiting;
  bool m_writing = false;
  std::optional<Error> m_failure;
  std::jthread m_thread;
};

}  // namespace kbeat::pipeline
