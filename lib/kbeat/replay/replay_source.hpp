// Where replayed records come from: a range of topics, a file of envelopes, or the archive.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "kbeat/base/clock.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/replay/replay_cursor.hpp"

namespace kbeat::replay {

/// Called with each record; the cursor stands behind it already. The view is valid for the call. Returning
/// false ends the turn.
using Take = std::function<bool(const RecordView&)>;

enum class Turn { more, end };

/// Gives the same sequence from the same cursor every time. For one thread.
class ReplaySource {
 public:
  ReplaySource() = default;
  ReplaySource(const ReplaySource&) = delete;
  ReplaySource& operator=(const ReplaySource&) = delete;
  virtual ~ReplaySource() = default;

  /// What it reads, in words that are the same for the same source.
  [[nodiscard]] virtual std::string description() const = 0;
  [[nodiscard]] virtual const Cursor& cursor() const = 0;
  /// The cursor as it stood before the record that is being handed out.
  [[nodiscard]] virtual Cursor cursor_before(const RecordView& record) const = 0;
  /// Of the record that is being handed out, in messages.
  [[nodiscard]] virtual std::string name_of(const RecordView& record) const;
  /// From here on the cursor says by which record each part is known again, where there is such a thing.
  virtual void keep_marks() {}
  /// Goes to another place of the same source; to be called before the first turn, or between two. Throws
  /// Error{data_gap} when a record that the cursor has a mark of is another by now.
  virtual void seek(const Cursor& cursor) = 0;
  /// Hands out what is there, waiting up to `timeout` for a first record.
  [[nodiscard]] virtual Turn turn(Milliseconds timeout, const Take& take) = 0;
  /// Why it ended before its end, with the cursor before the fault: whoever reads settles what came before,
  /// then throws this.
  [[nodiscard]] virtual std::optional<Error> fault() const { return std::nullopt; }
  /// What it could not hand out so far, each told in the log.
  [[nodiscard]] virtual std::uint64_t passed_over() const { return 0; }
};

}  // namespace kbeat::replay
