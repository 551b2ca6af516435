// Records that are owed to the transport: written with their cause, sent by a relay, kept until acknowledged.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kbeat/model/record.hpp"

namespace kbeat::store {

enum class OutboxState { waiting, sent, parked };

/// One row. `seq` is the order; `letter` names the dead letter that the row carries, else it is empty.
struct OutboxRow {
  std::int64_t seq = 0;
  Record record;
  std::string event_id;
  std::string letter;
  OutboxState state = OutboxState::waiting;
  std::string error;
  WallTime created;
};

struct OutboxCounts {
  std::int64_t waiting = 0;
  std::int64_t waiting_letters = 0;
  std::int64_t parked = 0;
};

class Outbox {
 public:
  Outbox() = default;
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;
  virtual ~Outbox() = default;

  /// Durable when it returns. `seq` and `created` are filled in.
  virtual void append(std::span<OutboxRow> rows) = 0;

  /// Takes or renews the relay's lease; false while another living process holds it.
  [[nodiscard]] virtual bool lease(const std::string& owner, Milliseconds duration) = 0;

  /// Waiting rows after `after`, in order, at most `limit`; topics in `held` are passed over.
  [[nodiscard]] virtual std::vector<OutboxRow> waiting(std::int64_t after, std::size_t limit,
                                                       std::span<const std::string> held) = 0;

  /// Acknowledged rows: gone from the outbox; a letter's row becomes published.
  virtual void mark_sent(std::span<const std::int64_t> seqs) = 0;

  /// A row that can never be sent: it stays, listed with its error, and the others go on.
  virtual void park(std::int64_t seq, const std::string& error) = 0;

  /// Another record for the topic in the row's place: same key, other headers and value.
  virtual void replace(std::int64_t seq, const Record& record) = 0;

  [[nodiscard]] virtual OutboxCounts counts() = 0;

  /// Waiting and parked rows after `after`, in order, at most `limit`.
  [[nodiscard]] virtual std::vector<OutboxRow> owed(std::int64_t after, std::size_t limit) = 0;
  /// Parked rows wait again; returns how many.
  virtual std::int64_t unpark() = 0;
};

}  // namespace kbeat::store
