// Events that a server accepts: durable, once each, owed to a topic or applied at once, or both.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kbeat/model/record.hpp"
#include "kbeat/store/outcomes.hpp"

namespace kbeat::store {

/// What a handler made of an event, kept until it is applied.
struct HandledEvent {
  std::string handler;
  std::string identity;
  Digest value_hash;
  Origin origin;
  std::vector<Effect> effects;
  /// It borrows from this.
  [[nodiscard]] FinishedDone finished() const {
    return {.handler = handler,
            .identity = identity,
            .value_hash = value_hash,
            .origin = origin,
            .effects = effects};
  }
};

/// `identity` is the event's, stable over repetitions; `value_hash` is SHA-256 of its bytes. A request may
/// have a key of its own (Idempotency-Key), which stands for its whole body.
struct IntakeEvent {
  std::string identity;
  std::string accepted_as{};  ///< what is accepted once only, where that is less than the identity
  std::string value_hash;
  std::string request_key{};
  std::string request_hash{};
  std::uint64_t batch = 0;            ///< neighbours with the same number, not 0, are taken all or not at all
  std::optional<Record> owed;         ///< to be sent by the relay
  std::optional<HandledEvent> apply;  ///< to be applied now
};

enum class Taken {
  accepted,
  duplicate,   ///< it was accepted before
  conflict,    ///< its identity was accepted before with other bytes
  key_reused,  ///< the request's key came before with another body
  refused,     ///< the database cannot hold it
  left_out,    ///< another one of its batch could not be taken
};

struct TakenEvent {
  Taken taken = Taken::accepted;
  std::int64_t seq = 0;  ///< of its outbox row, also of a repeated event's that is still owed; or 0
  std::string error{};
};

/// One connection to the store; for one thread.
class Intake {
 public:
  Intake() = default;
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;
  virtual ~Intake() = default;

  /// One transaction for all of them: what it says is durable when it returns. An event that is repeated,
  /// reuses an identity or is refused changes nothing by itself. A full disk, a full outbox or a lock held
  /// too long throws a retryable Error and changes nothing at all.
  [[nodiscard]] virtual std::vector<TakenEvent> take(std::span<const IntakeEvent> events) = 0;

  /// Applies accepted events later; one that a consumer of `group` has applied meanwhile is left alone.
  virtual void apply(std::span<const HandledEvent> events) = 0;

  /// Those of the rows that are not sent yet.
  [[nodiscard]] virtual std::vector<std::int64_t> unsent(std::span<const std::int64_t> seqs) = 0;
};

/// Effects are marked as done by `group`, so that its consumers do not apply them again. `outbox_max_bytes`
/// is how much may be owed to topics, in keys, values and headers; 0: no limit.
[[nodiscard]] std::unique_ptr<Intake> open_intake(const std::filesystem::path& data_dir, const GroupId& group,
                                                  std::uint64_t outbox_max_bytes);

}  // namespace kbeat::store
