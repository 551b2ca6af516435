// Where records to be sent go: straight to the transport, into one transaction, or through the store's
// outbox.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "kbeat/base/clock.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/model/record.hpp"

namespace kbeat::sending {

/// What became of a record. Without an error it was delivered, or is `kept` in the outbox. An offset of -1 is
/// not known.
struct Settled {
  std::uint64_t tag = 0;
  Partition partition{-1};
  Offset offset{-1};
  std::optional<Error> error{};
  bool kept = false;
  bool possibly_stored = false;  ///< with an error: the broker may have it all the same
  bool undone = false;           ///< with an error: nothing is wrong with it but its transaction
};

/// Called from within a sink's methods, once for each record.
using OnSettled = std::function<void(const Settled&)>;

/// For one thread.
class RecordSink {
 public:
  RecordSink() = default;
  RecordSink(const RecordSink&) = delete;
  RecordSink& operator=(const RecordSink&) = delete;
  virtual ~RecordSink() = default;

  /// Takes the record over; blocks while too much is on its way. `tag` names it when it is settled.
  virtual void send(const RecordView& record, std::uint64_t tag) = 0;
  /// Takes news in without waiting.
  virtual void serve() = 0;
  /// The input pauses: what was taken goes out now. Returns when all is settled or after `timeout`.
  virtual void flush(Milliseconds timeout) = 0;
  /// Settles everything; what is not settled within `timeout` has failed.
  virtual void finish(Milliseconds timeout) = 0;
  /// The input is bad or was cut short: takes back what can be taken back, settles the rest.
  virtual void cut_short(Milliseconds timeout) = 0;
  /// Records taken and not settled.
  [[nodiscard]] virtual std::size_t unsettled() const = 0;
};

}  // namespace kbeat::sending
