// The writing side of a transport: records in, a delivery report for each of them out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kbeat/base/clock.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/model/record.hpp"
#include "kbeat/transport/consumer.hpp"

namespace kbeat::transport {

/// A relay's records carry their row in the header kbeat.outbox; a log of ours stores each row once, whoever
/// sends it. To every other producer that header is one like any other.
enum class Sends { records, outbox_rows };

struct ProducerOptions {
  std::string client_id = "kbeat";
  /// Empty: no transactions. Otherwise the producer fences former ones of that id when it is made.
  std::string transactional_id{};
  Milliseconds transaction_timeout{10'000};
  /// How long a record may stay unacknowledged; zero: for ever.
  Milliseconds message_timeout{300'000};
  Sends sends = Sends::records;
};

/// What became of one record. `tag` is the caller's own.
struct Delivery {
  std::uint64_t tag = 0;
  Partition partition;
  Offset offset;
  std::optional<Error> error;
  /// With an error: the broker may have stored the record all the same.
  bool possibly_stored = false;
};

enum class Accepted { yes, queue_full };

/// Used by one thread. Idempotent, all replicas acknowledge, order per partition is kept.
/// After a fatal error (Error with code fenced or internal in a Delivery) it is of no more use:
/// destroy it, make another, send again what was not acknowledged, in order.
class Producer {
 public:
  Producer() = default;
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;
  virtual ~Producer() = default;

  /// Copies the record and queues it. A partition of -1 is chosen by key (murmur2, as Java clients do)
  /// or at random without one. An absent timestamp (type none) becomes now. On queue_full: poll, then
  /// send again. Throws Error{too_large} or Error{bad_input} for a record that can never be sent.
  [[nodiscard]] virtual Accepted send(const RecordView& record, std::uint64_t tag) = 0;

  /// Appends the reports that are there, waiting up to `timeout` for a first one. Every accepted record
  /// gets exactly one report, in the end.
  virtual void poll(Milliseconds timeout, std::vector<Delivery>& reports) = 0;

  /// Sends what is queued without waiting for batches to fill; reports as `poll` does, until none is
  /// owed or `timeout` is over. What is owed then still comes from later polls.
  virtual void flush(Milliseconds timeout, std::vector<Delivery>& reports) = 0;

  /// Number of records without a report.
  [[nodiscard]] virtual std::size_t pending() const = 0;
};

/// A producer whose records become visible together or never.
/// Errors: fenced when another producer of the id was made since (final); retryable ones may be repeated;
/// any other calls for abort.
class TransactionalProducer : public Producer {
 public:
  virtual void begin() = 0;
  /// Adds positions of a group to the transaction.
  virtual void send_positions(const GroupId& group, std::span<const CommittedPosition> positions) = 0;
  /// Throws unless every record since `begin` was stored.
  virtual void commit(Milliseconds timeout) = 0;
  virtual void abort(Milliseconds timeout) = 0;
};

}  // namespace kbeat::transport
