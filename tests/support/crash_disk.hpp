// A disk under SQLite that can lose power and fail: it knows what was synced and what was only written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace kbeat::test {

/// What lies on a disk, by file name.
using DiskImage = std::map<std::string, std::string>;

/// Writes an image's files into a folder.
void lay_out(const DiskImage& image, const std::filesystem::path& folder);

/// While it lives, every file in `folder` that SQLite opens in this process lies on it; the files themselves
/// are real. One at a time. Safe to call from any thread, `before_call` is called from whichever uses SQLite.
class CrashDisk {
 public:
  enum class Call { write, truncate, sync };
  /// What a write that fails does: nothing, half of itself, or nothing for want of room.
  enum class Failure { io_error, short_write, full };

  explicit CrashDisk(const std::filesystem::path& folder);
  ~CrashDisk();
  CrashDisk(const CrashDisk&) = delete;
  CrashDisk& operator=(const CrashDisk&) = delete;

  /// What a power loss would leave now: all that was synced, and of what was written since then any part,
  /// torn at sectors of 512 bytes. -shm files are never there.
  [[nodiscard]] DiskImage after_power_loss(std::mt19937_64& chance) const;

  /// Called before each call that changes something on the disk.
  std::function<void(Call)> before_call;
  /// The number, from 1 on, of the changing call that fails; 0: none.
  std::int64_t fail_at = 0;
  Failure failure = Failure::io_error;
  bool fails_from_there_on = false;
  [[nodiscard]] std::int64_t calls() const;

  struct State;

 private:
  std::unique_ptr<State> m_state;
};

}  // namespace kbeat::test
