// What turns an event into an outcome: the seam for built-in, configured and linked-in handlers.
#pragma once

#include <optional>
#include <stop_token>
#include <string_view>

#include "kbeat/base/clock.hpp"
#include "kbeat/model/event.hpp"
#include "kbeat/model/outcome.hpp"
#include "kbeat/model/record.hpp"
#include "kbeat/model/trace.hpp"

namespace kbeat::handlers {

/// What a handler may know besides the event. `deadline` is when it has to be back, `time_limit` after it was
/// called; one that waits first for what other events use counts its time from there. `stop` asks to give up
/// early (return Retry).
struct HandlerContext {
  std::string_view identity;  ///< the event's identity, stable over redeliveries
  int attempt = 1;
  SteadyTime deadline;
  Milliseconds time_limit{0};
  std::stop_token stop;
  const Trail* trail = nullptr;  ///< for what it calls: the trace one step on from the record's; null: none
};

/// Whether running a handler costs so much that its dedupe mark is looked up before.
enum class Cost { quick, slow };

/// Where the work is done. A program or another host cannot crash kbeat, and would do twice what is only
/// rehearsed.
enum class Place { here, elsewhere };

/// May be called from several threads at once, never inside a transaction. May throw: a retryable Error
/// counts as Retry, anything else as Reject.
class Handler {
 public:
  Handler() = default;
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;
  virtual ~Handler() = default;

  /// Short and stable: it names the handler in dedupe marks and dead letters.
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Its own limit for one try; without one, that of the consumer counts.
  [[nodiscard]] virtual std::optional<Milliseconds> time_limit() const;
  [[nodiscard]] virtual Cost cost() const;
  [[nodiscard]] virtual Place place() const;
  [[nodiscard]] virtual Outcome handle(const RecordView& record, const Event& event,
                                       const HandlerContext& context) = 0;
};

}  // namespace kbeat::handlers
