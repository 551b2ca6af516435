// A layer of SQLite's VFS over the real one, which keeps each file's synced bytes and what changed since.
#include "support/crash_disk.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <mutex>
#include <new>
#include <optional>
#include <stdexcept>

namespace kbeat::test {
namespace {

constexpr std::size_t k_sector = 512;

/// A write of bytes, or a cut to `at`.
struct Change {
  std::size_t at = 0;
  std::optional<std::string> bytes;
};

void apply(std::string& content, const Change& change) {
  if (!change.bytes) return content.resize(change.at);
  const std::size_t end = change.at + change.bytes->size();
  if (content.size() < end) content.resize(end, '\0');
  std::copy(change.bytes->begin(), change.bytes->end(),
            content.begin() + static_cast<std::ptrdiff_t>(change.at));
}

/// One file as the disk has it.
struct OnDisk {
  std::optional<std::string> synced;  ///< nothing: no sync has made it last
  std::vector<Change> since;

  void sync() {
    if (!synced) synced.emplace();
    for (const Change& change : since) apply(*synced, change);
    since.clear();
  }

  /// Any part of what changed since the last sync, in no order but by sectors.
  [[nodiscard]] std::optional<std::string> torn(std::mt19937_64& chance) const {
    const auto coin = [&chance] { return (chance() & 1) != 0; };
    if (!synced && (since.empty() || coin())) return std::nullopt;
    std::string content = synced.value_or("");
    for (const Change& change : since) {
      if (!change.bytes) {
        if (coin()) apply(content, change);
        continue;
      }
      const bool whole = coin();
      for (std::size_t begin = 0; begin < change.bytes->size(); begin += k_sector) {
        if (!whole && coin()) continue;
        apply(content, {change.at + begin, change.bytes->substr(begin, k_sector)});
      }
    }
    return content;
  }
};

struct File {
  sqlite3_file base;
  sqlite3_file* real;
  std::string* name;  ///< nothing for a temporary file
};

File& file_of(sqlite3_file* file) {
  return *reinterpret_cast<File*>(file);
}

std::string content_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

struct CrashDisk::State {
  CrashDisk* disk = nullptr;
  sqlite3_vfs* real = nullptr;
  sqlite3_vfs vfs{};
  std::string folder;
  std::recursive_mutex mutex;
  std::map<std::string, OnDisk> files;
  std::int64_t calls = 0;

  /// Counts a call; true when it is one that fails.
  bool fails(Call call) {
    if (disk->before_call) disk->before_call(call);
    ++calls;
    return disk->fail_at > 0 &&
           (calls == disk->fail_at || (disk->fails_from_there_on && calls > disk->fail_at));
  }
};

namespace {

/// The disk under all files; SQLite hands a file's methods nothing to find it by.
CrashDisk::State* g_disk = nullptr;

int close(sqlite3_file* file) {
  File& own = file_of(file);
  delete own.name;
  const int result = own.real->pMethods != nullptr ? own.real->pMethods->xClose(own.real) : SQLITE_OK;
  own.base.pMethods = nullptr;
  return result;
}

int read(sqlite3_file* file, void* to, int size, sqlite3_int64 at) {
  return file_of(file).real->pMethods->xRead(file_of(file).real, to, size, at);
}

int write(sqlite3_file* file, const void* from, int size, sqlite3_int64 at) {
  File& own = file_of(file);
  if (own.name == nullptr) return own.real->pMethods->xWrite(own.real, from, size, at);
  const std::lock_guard lock(g_disk->mutex);
  const bool fails = g_disk->fails(CrashDisk::Call::write);
  const CrashDisk::Failure failure = g_disk->disk->failure;
  if (fails && failure == CrashDisk::Failure::io_error) return SQLITE_IOERR_WRITE;
  if (fails && failure == CrashDisk::Failure::full) return SQLITE_FULL;
  const int written = fails ? size / 2 : size;
  const auto* bytes = static_cast<const char*>(from);
  g_disk->files[*own.name].since.push_back(
      {static_cast<std::size_t>(at), std::string(bytes, static_cast<std::size_t>(written))});
  const int result = own.real->pMethods->xWrite(own.real, from, written, at);
  return fails ? SQLITE_IOERR_WRITE : result;
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  File& own = file_of(file);
  if (own.name != nullptr) {
    const std::lock_guard lock(g_disk->mutex);
    if (g_disk->fails(CrashDisk::Call::truncate)) return SQLITE_IOERR_TRUNCATE;
    g_disk->files[*own.name].since.push_back({static_cast<std::size_t>(size), std::nullopt});
  }
  return own.real->pMethods->xTruncate(own.real, size);
}

int sync(sqlite3_file* file, int) {
  // The real disk is spared: what counts is what this one keeps.
  const File& own = file_of(file);
  if (own.name == nullptr) return SQLITE_OK;
  const std::lock_guard lock(g_disk->mutex);
  if (g_disk->fails(CrashDisk::Call::sync)) return SQLITE_IOERR_FSYNC;
  g_disk->files[*own.name].sync();
  return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return file_of(file).real->pMethods->xFileSize(file_of(file).real, size);
}

int lock(sqlite3_file* file, int level) {
  return file_of(file).real->pMethods->xLock(file_of(file).real, level);
}

int unlock(sqlite3_file* file, int level) {
  return file_of(file).real->pMethods->xUnlock(file_of(file).real, level);
}

int check_reserved(sqlite3_file* file, int* result) {
  return file_of(file).real->pMethods->xCheckReservedLock(file_of(file).real, result);
}

int control(sqlite3_file* file, int what, void* argument) {
  return file_of(file).real->pMethods->xFileControl(file_of(file).real, what, argument);
}

int sector_size(sqlite3_file* file) {
  return file_of(file).real->pMethods->xSectorSize(file_of(file).real);
}

int characteristics(sqlite3_file* file) {
  return file_of(file).real->pMethods->xDeviceCharacteristics(file_of(file).real);
}

int map_shared(sqlite3_file* file, int page, int size, int extend, void volatile** mapped) {
  return file_of(file).real->pMethods->xShmMap(file_of(file).real, page, size, extend, mapped);
}

int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
  return file_of(file).real->pMethods->xShmLock(file_of(file).real, offset, count, flags);
}

void barrier(sqlite3_file* file) {
  file_of(file).real->pMethods->xShmBarrier(file_of(file).real);
}

int unmap_shared(sqlite3_file* file, int remove) {
  return file_of(file).real->pMethods->xShmUnmap(file_of(file).real, remove);
}

constexpr sqlite3_io_methods k_methods{2,
                                       close,
                                       read,
                                       write,
                                       truncate,
                                       sync,
                                       file_size,
                                       lock,
                                       unlock,
                                       check_reserved,
                                       control,
                                       sector_size,
                                       characteristics,
                                       map_shared,
                                       lock_shared,
                                       barrier,
                                       unmap_shared,
                                       nullptr,
                                       nullptr};

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  File& own = *new (file) File{};
  own.real = reinterpret_cast<sqlite3_file*>(&own + 1);
  const int result = g_disk->real->xOpen(g_disk->real, name, own.real, flags, out_flags);
  if (own.real->pMethods == nullptr) return result;
  own.base.pMethods = &k_methods;
  if (name == nullptr || !std::string_view(name).starts_with(g_disk->folder)) return result;
  own.name = new std::string(name);
  const std::lock_guard lock(g_disk->mutex);
  if (!g_disk->files.contains(name)) {
    // What lay there before counts as synced.
    std::string content = content_of(name);
    if (!content.empty()) g_disk->files[name].synced = std::move(content);
  }
  return result;
}

int remove(sqlite3_vfs*, const char* name, int sync_folder) {
  {
    const std::lock_guard lock(g_disk->mutex);
    g_disk->files.erase(name);
  }
  return g_disk->real->xDelete(g_disk->real, name, sync_folder);
}

}  // namespace

void lay_out(const DiskImage& image, const std::filesystem::path& folder) {
  for (const auto& [name, content] : image) {
    std::ofstream out(folder / name, std::ios::binary);
    out << content;
    if (!out.flush()) throw std::runtime_error("cannot write " + (folder / name).string());
  }
}

CrashDisk::CrashDisk(const std::filesystem::path& folder) : m_state(std::make_unique<State>()) {
  if (g_disk != nullptr) throw std::logic_error("there is a crash disk already");
  m_state->disk = this;
  m_state->folder = (folder / "").string();
  m_state->real = sqlite3_vfs_find(nullptr);
  m_state->vfs = *m_state->real;
  m_state->vfs.zName = "kbeat-crash-disk";
  m_state->vfs.szOsFile += static_cast<int>(sizeof(File));
  m_state->vfs.xOpen = open;
  m_state->vfs.xDelete = remove;
  g_disk = m_state.get();
  sqlite3_vfs_register(&m_state->vfs, 1);
}

CrashDisk::~CrashDisk() {
  sqlite3_vfs_unregister(&m_state->vfs);
  sqlite3_vfs_register(m_state->real, 1);
  g_disk = nullptr;
}

std::int64_t CrashDisk::calls() const {
  const std::lock_guard lock(m_state->mutex);
  return m_state->calls;
}

DiskImage CrashDisk::after_power_loss(std::mt19937_64& chance) const {
  const std::lock_guard lock(m_state->mutex);
  DiskImage image;
  for (const auto& [path, file] : m_state->files) {
    if (auto content = file.torn(chance)) image[std::filesystem::path(path).filename()] = *std::move(content);
  }
  return image;
}

}  // namespace kbeat::test
