// Notes on disk which records are being handled, so that the next start knows what a crash interrupted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "kbeat/model/record.hpp"
#include "kbeat/store/positions.hpp"

namespace kbeat::pipeline {

/// A record that was in progress when its process ended.
struct Interrupted {
  std::string cluster;
  GroupId group;
  TopicPartition partition;
  Offset offset;
  bool alone = false;    ///< nothing else was in progress
  bool crashed = false;  ///< the process died by a signal of its own making
};

struct FlightNotes;

/// A file mapped into memory with one slot a worker: a note costs a few stores and outlives the process,
/// not the machine. Catches SEGV, ABRT, BUS, FPE and ILL to note the crash, then lets them kill (not in
/// sanitizer builds, which have catchers of their own). Each slot is for one thread.
class FlightRecorder {
 public:
  FlightRecorder(const std::filesystem::path& data_dir, const store::Scope& scope, std::size_t slots);
  ~FlightRecorder();
  FlightRecorder(const FlightRecorder&) = delete;
  FlightRecorder& operator=(const FlightRecorder&) = delete;

  void begin(std::size_t slot, const RecordView& record, bool alone);
  void end(std::size_t slot);
  /// The records begun and not ended; from any thread, while none begins another.
  [[nodiscard]] std::vector<std::pair<TopicPartition, Offset>> in_progress() const;

 private:
  std::filesystem::path m_path;
  int m_descriptor = -1;
  FlightNotes* m_notes = nullptr;
  std::size_t m_size = 0;
};

/// What processes that are gone left behind, of any scope; their files are removed.
[[nodiscard]] std::vector<Interrupted> take_interrupted(const std::filesystem::path& data_dir);

}  // namespace kbeat::pipeline
