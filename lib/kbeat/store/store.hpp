// The SQLite file with results and state: opens it and hands out its seams.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kbeat/store/letter_archive.hpp"
#include "kbeat/store/outbox.hpp"
#include "kbeat/store/outcomes.hpp"
#include "kbeat/store/positions.hpp"

namespace kbeat::store {

/// What handlers may look up.
class BeatReader {
 public:
  BeatReader() = default;
  BeatReader(const BeatReader&) = delete;
  BeatReader& operator=(const BeatReader&) = delete;
  virtual ~BeatReader() = default;
  /// The audio URL that the beat's metrics were measured from, if there are any.
  [[nodiscard]] virtual std::optional<std::string> audio_url(const std::string& beat_id) = 0;
  /// The user that the beat's row names; empty when it names none.
  [[nodiscard]] virtual std::string user_id(const std::string& beat_id) = 0;
};

/// State of a running consumer, visible to `health` from another process.
struct RuntimeState {
  std::string process;  ///< unique name of the process, as the owner of positions
  std::string command;
  std::string group;
  std::string connection;  ///< connected, disconnected, embedded
  bool in_cooldown = false;
  int retry_count = 0;
  WallTime updated;
  std::string detail = "{}";  ///< JSON: positions, counters
};

class RuntimeStore {
 public:
  RuntimeStore() = default;
  RuntimeStore(const RuntimeStore&) = delete;
  RuntimeStore& operator=(const RuntimeStore&) = delete;
  virtual ~RuntimeStore() = default;
  virtual void write(const RuntimeState& state) = 0;
  virtual void remove(const std::string& process) = 0;
  [[nodiscard]] virtual std::vector<RuntimeState> read() = 0;
  /// False while the group is switched off.
  [[nodiscard]] virtual bool is_on(const std::string& group) = 0;
};

/// One connection to the store with all its seams; for one thread. Several may be open at once, in this
/// process or others. A file of a newer version, of another program, or damaged throws Error{database}
/// and stays untouched.
class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  [[nodiscard]] virtual PositionStore& positions() = 0;
  [[nodiscard]] virtual OutcomeStore& outcomes() = 0;
  [[nodiscard]] virtual Outbox& outbox() = 0;
  [[nodiscard]] virtual LetterArchive& letters() = 0;
  [[nodiscard]] virtual BeatReader& beats() = 0;
  [[nodiscard]] virtual RuntimeStore& runtime() = 0;
};

enum class OpenMode { read_write, read_only };

/// Opens `store.db` in `data_dir` (made with mode 0700 when missing), migrating it to this version.
[[nodiscard]] std::unique_ptr<Store> open_store(const std::filesystem::path& data_dir, OpenMode mode);

}  // namespace kbeat::store
