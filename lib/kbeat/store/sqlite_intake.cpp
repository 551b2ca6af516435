// The intake on SQLite, with a connection of its own.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kbeat/base/error.hpp"
#include "kbeat/sqlite/statement.hpp"
#include "kbeat/sqlite/transaction.hpp"
#include "kbeat/store/dedupe_marks.hpp"
#include "kbeat/store/effect_writer.hpp"
#include "kbeat/store/intake.hpp"
#include "kbeat/store/outbox_rows.hpp"
#include "kbeat/store/store_schema.hpp"

namespace kbeat::store {
namespace {

/// Accepting and handling are two things: a group's consumer must still handle what was only accepted.
constexpr const char* k_accepting_group = "@serve";
constexpr const char* k_accepting_handler = "accept";
constexpr const char* k_request_handler = "request";
/// A repetition's row is looked for among the newest: it follows soon, and there is no index to find it by.
constexpr const char* k_find_row =
    "SELECT seq FROM (SELECT seq, event_id FROM outbox ORDER BY seq DESC LIMIT 10000) WHERE event_id = ?";

bool is_in(const TakenEvent& event) {
  return event.taken == Taken::accepted || event.taken == Taken::duplicate;
}

/// The first events, as far as they are of one batch.
std::span<const IntakeEvent> first_batch(std::span<const IntakeEvent> events) {
  std::size_t size = 1;
  while (size < events.size() && events[size].batch == events[0].batch && events[0].batch != 0) ++size;
  return events.first(size);
}

/// How much is owed. Known exactly when it was counted; in between it only grows, so that nothing has to be
/// counted while there is room.
class OwedBytes {
 public:
  OwedBytes(sqlite::Database& database, std::uint64_t limit) : m_database(database), m_limit(limit) {
    if (limit > 0) count();
  }

  void check() {
    constexpr std::chrono::seconds k_between_counts{5};
    if (m_limit == 0 || m_bytes < m_limit) return;
    if (std::chrono::steady_clock::now() - m_counted > k_between_counts) count();
    if (m_bytes < m_limit) return;
    throw Error(
        ErrorCode::no_space,
        fmt::format("the outbox is full: {} bytes wait for Kafka (--outbox-max-bytes {})", m_bytes, m_limit),
        Retryable::yes);
  }

  void add(const Record& record) {
    m_bytes += size_of(record.key) + size_of(record.value);
    for (const Header& header : record.headers) m_bytes += header.name.size() + size_of(header.value);
  }

  [[nodiscard]] std::uint64_t counted() const { return m_bytes; }
  void undo_to(std::uint64_t counted) { m_bytes = counted; }

 private:
  static std::size_t size_of(const std::optional<Bytes>& bytes) { return bytes ? bytes->size() : 0; }

  void count() {
    m_counted = std::chrono::steady_clock::now();
    m_bytes = static_cast<std::uint64_t>(
        m_database.integer("SELECT coalesce(sum(length(headers) + coalesce(length(key), 0) + "
                           "coalesce(length(value), 0)), 0) FROM outbox"));
  }

  sqlite::Database& m_database;
  std::uint64_t m_limit;
  std::uint64_t m_bytes = 0;
  SteadyTime m_counted;
};

class SqliteIntake final : public Intake {
 public:
  SqliteIntake(std::unique_ptr<sqlite::Database> database, GroupId group, std::uint64_t outbox_max_bytes)
      : m_database(std::move(database)),
        m_group(std::move(group)),
        m_marks(*m_database),
        m_effects(*m_database),
        m_outbox(*m_database),
        m_is_owed(*m_database, "SELECT 1 FROM outbox WHERE seq = ?"),
        m_find_row(*m_database, k_find_row),
        m_owed(*m_database, outbox_max_bytes),
        m_indexes{&m_marks.index(), m_effects.indexes()[0], m_effects.indexes()[1]} {}

  std::vector<TakenEvent> take(std::span<const IntakeEvent> events) override {
    if (std::any_of(events.begin(), events.end(),
                    [](const IntakeEvent& event) { return event.owed.has_value(); }))
      m_owed.check();
    const Owners owners{m_marks.owner(k_accepting_group, k_accepting_handler),
                        m_marks.owner(k_accepting_group, k_request_handler)};
    for (const IntakeEvent& event : events) learn_owner(event.apply);
    std::vector<TakenEvent> taken;
    taken.reserve(events.size());
    in_transaction([&](WallTime now) {
      for (auto rest = events; !rest.empty(); rest = events.subspan(taken.size()))
        take_batch(first_batch(rest), owners, now, taken);
    });
    return taken;
  }

  void apply(std::span<const HandledEvent> events) override {
    for (const HandledEvent& event : events) static_cast<void>(m_marks.owner(m_group.get(), event.handler));
    in_transaction([&](WallTime now) {
      for (const HandledEvent& event : events) static_cast<void>(apply_one(event, now));
    });
  }

  std::vector<std::int64_t> unsent(std::span<const std::int64_t> seqs) override {
    std::vector<std::int64_t> left;
    for (const std::int64_t seq : seqs) {
      sqlite::Rows rows = m_is_owed.query(seq);
      if (rows.next()) left.push_back(seq);
    }
    return left;
  }

 private:
  struct Owners {
    MarkOwner accepted;
    MarkOwner requests;
  };

  /// An owner is made in a transaction of its own, so before ours.
  void learn_owner(const std::optional<HandledEvent>& event) {
    if (event) static_cast<void>(m_marks.owner(m_group.get(), event->handler));
  }

  template <typename Work>
  void in_transaction(const Work& work) {
    const WallTime now = SystemClock().now();
    sqlite::Transaction transaction(*m_database);
    for (HashIndex* index : m_indexes) index->refresh();
    work(now);
    for (HashIndex* index : m_indexes) index->write(now);
    transaction.commit();
    for (HashIndex* index : m_indexes) index->committed();
  }

  /// What this transaction has collected beside the database.
  struct Collected {
    std::array<std::size_t, 3> entries{};
    std::uint64_t owed = 0;
  };

  [[nodiscard]] Collected collected() const {
    Collected here{.owed = m_owed.counted()};
    for (std::size_t i = 0; i < m_indexes.size(); ++i) here.entries[i] = m_indexes[i]->collected();
    return here;
  }

  void undo_to(const Collected& former) {
    for (std::size_t i = 0; i < m_indexes.size(); ++i) m_indexes[i]->undo_to(former.entries[i]);
    m_owed.undo_to(former.owed);
  }

  void take_batch(std::span<const IntakeEvent> batch, const Owners& owners, WallTime now,
                  std::vector<TakenEvent>& taken) {
    if (batch.size() == 1) return taken.push_back(take_one(batch[0], owners, now));
    const auto first = static_cast<std::ptrdiff_t>(taken.size());
    const Collected former = collected();
    sqlite::Savepoint part(*m_database);
    for (const IntakeEvent& event : batch) taken.push_back(take_one(event, owners, now));
    if (std::all_of(taken.begin() + first, taken.end(), is_in)) return part.keep();
    undo_to(former);
    std::for_each(taken.begin() + first, taken.end(), [](TakenEvent& event) {
      if (is_in(event)) event = {.taken = Taken::left_out};
    });
  }

  TakenEvent take_one(const IntakeEvent& event, const Owners& owners, WallTime now) {
    if (event.request_key.empty()) return take_event(event, owners.accepted, now);
    const auto former = m_marks.find(m_marks.key(owners.requests, event.request_key));
    if (former && *former != mark_value(event.request_hash)) return {.taken = Taken::key_reused};
    TakenEvent taken = take_event(event, owners.accepted, now);
    if (is_in(taken) && !former)
      m_marks.put(m_marks.key(owners.requests, event.request_key), event.request_hash);
    return taken;
  }

  TakenEvent take_event(const IntakeEvent& event, MarkOwner accepted, WallTime now) {
    if (const auto mark = accepted_before(event, accepted)) {
      if (*mark != mark_value(event.value_hash)) return {.taken = Taken::conflict};
      return repeated(event, now);
    }
    if (event.apply) {
      if (auto error = apply_one(*event.apply, now))
        return {.taken = Taken::refused, .error = std::move(*error)};
    }
    // What is owed keeps the marks of its identity when old ones are dropped.
    if (!event.accepted_as.empty()) m_marks.put(m_marks.key(accepted, event.accepted_as), event.value_hash);
    if (event.accepted_as.empty() || event.owed)
      m_marks.put(m_marks.key(accepted, event.identity), event.value_hash);
    if (!event.owed) return {};
    m_owed.add(*event.owed);
    return {.seq = m_outbox.add(*event.owed, event.identity, std::nullopt, now)};
  }

  /// Earlier versions marked every event by its identity.
  std::optional<HashValue> accepted_before(const IntakeEvent& event, MarkOwner accepted) {
    if (!event.accepted_as.empty()) {
      if (auto mark = m_marks.find(m_marks.key(accepted, event.accepted_as))) return mark;
    }
    return m_marks.find(m_marks.key(accepted, event.identity));
  }

  /// What was accepted for Kafka may not have been applied yet, when it did not come so far.
  TakenEvent repeated(const IntakeEvent& event, WallTime now) {
    if (event.apply) static_cast<void>(apply_one(*event.apply, now));
    TakenEvent taken{.taken = Taken::duplicate};
    if (!event.owed) return taken;
    sqlite::Rows rows = m_find_row.query(event.identity);
    if (rows.next()) taken.seq = rows.integer(0);
    return taken;
  }

  /// What the database says against this event by itself, which then has changed nothing.
  std::optional<std::string> apply_one(const HandledEvent& event, WallTime now) {
    const MarkOwner owner = m_marks.owner(m_group.get(), event.handler);
    const HashKey key = m_marks.key(owner, event.identity);
    if (m_marks.find(key)) return std::nullopt;
    const Collected former = collected();
    try {
      sqlite::Savepoint part(*m_database);
      m_marks.put(key, event.value_hash.view());
      static_cast<void>(m_effects.apply(event.finished(), now));
      part.keep();
      return std::nullopt;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::bad_input && error.code() != ErrorCode::too_large) throw;
      undo_to(former);
      return error.what();
    }
  }

  std::unique_ptr<sqlite::Database> m_database;  // first, so that it outlives all statements
  GroupId m_group;
  DedupeMarks m_marks;
  EffectWriter m_effects;
  OutboxRows m_outbox;
  sqlite::Statement m_is_owed;
  sqlite::Statement m_find_row;
  OwedBytes m_owed;
  std::array<HashIndex*, 3> m_indexes;
};

}  // namespace

std::unique_ptr<Intake> open_intake(const std::filesystem::path& data_dir, const GroupId& group,
                                    std::uint64_t outbox_max_bytes) {
  return std::make_unique<SqliteIntake>(open_store_file(data_dir, OpenMode::read_write), group,
                                        outbox_max_bytes);
}

}  // namespace kbeat::store
