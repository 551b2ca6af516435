// Where replayed records go.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "kbeat/replay/replay_cursor.hpp"

namespace kbeat::replay {

/// For one thread.
class ReplaySink {
 public:
  ReplaySink() = default;
  ReplaySink(const ReplaySink&) = delete;
  ReplaySink& operator=(const ReplaySink&) = delete;
  virtual ~ReplaySink() = default;

  /// Takes a record, the `number`th of the replay. True: it wants to be settled.
  [[nodiscard]] virtual bool send(const RecordView& record, std::uint64_t number) = 0;
  /// What was sent goes on its way: the replay may be silent for a while.
  virtual void flush() = 0;
  /// What was sent is there when it returns, and so is the checkpoint of a sink that remembers.
  virtual void settle(const Checkpoint& behind) = 0;
  /// It keeps checkpoints, so that another run can go on.
  [[nodiscard]] virtual bool remembers() const { return false; }
  /// Of an earlier run by the same name; `plan` is the present one's.
  [[nodiscard]] virtual std::optional<Checkpoint> resume(const Checkpoint&) { return std::nullopt; }
  [[nodiscard]] virtual std::uint64_t failed() const { return 0; }
};

}  // namespace kbeat::replay
