// The mapped file of records in progress and the note that a crash leaves in it.
#include "kbeat/pipeline/flight_recorder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <new>

#include "kbeat/base/error.hpp"

namespace kbeat::pipeline {
namespace {

constexpr std::uint64_t k_magic = 0x31746c666265616bULL;
constexpr std::size_t k_name_size = 256;

using Name = std::array<char, k_name_size>;

struct Slot {
  std::atomic<std::uint32_t> active;
  std::uint32_t alone;
  std::int32_t partition;
  std::int64_t offset;
  Name topic;
};

void set_name(Name& name, std::string_view text) {
  const std::size_t length = std::min(text.size(), k_name_size - 1);
  std::memcpy(name.data(), text.data(), length);
  name[length] = '\0';
}

std::filesystem::path notes_dir(const std::filesystem::path& data_dir) {
  return data_dir / "in-progress";
}

}  // namespace

/// The file's layout: this, then `slots` slots.
struct FlightNotes {
  std::uint64_t magic;
  std::uint64_t slots;
  std::atomic<std::uint32_t> crashed;  ///< the signal of its own making that ended the process
  Name cluster;
  Name group;

  [[nodiscard]] Slot* slot(std::size_t i) { return reinterpret_cast<Slot*>(this + 1) + i; }
  [[nodiscard]] static std::size_t size_for(std::uint64_t count) {
    return sizeof(FlightNotes) + count * sizeof(Slot);
  }
};

namespace {

using CrashNote = std::atomic<std::uint32_t>;

/// What the signal handler may touch: the notes of the recorders that live. A handler cannot be handed
/// anything, so this is the one place for them.
constexpr std::size_t k_most_recorders = 64;
std::array<std::atomic<CrashNote*>, k_most_recorders> g_crash_notes{};

constexpr std::array k_crash_signals{SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};

extern "C" void kbeat_note_crash(int number) {
  for (const auto& entry : g_crash_notes) {
    if (CrashNote* note = entry.load()) note->store(static_cast<std::uint32_t>(number));
  }
  ::signal(number, SIG_DFL);
  ::raise(number);
}

/// Makes `to` take the place of `from` in the table; false when `from` is not there.
bool swap_note(CrashNote* from, CrashNote* to) {
  return std::any_of(g_crash_notes.begin(), g_crash_notes.end(), [&](std::atomic<CrashNote*>& entry) {
    CrashNote* expected = from;
    return entry.compare_exchange_strong(expected, to);
  });
}

void catch_crashes(CrashNote& note) {
  if (!swap_note(nullptr, &note)) throw Error(ErrorCode::internal, "too many consumers in one process");
#ifndef KBEAT_SANITIZED
  for (const int number : k_crash_signals) {
    struct sigaction action {};
    action.sa_handler = kbeat_note_crash;
    sigemptyset(&action.sa_mask);
    action.sa_flags = SA_NODEFER | SA_RESETHAND;
    sigaction(number, &action, nullptr);
  }
#endif
}

std::string unique_name() {
  static std::atomic<int> last{0};
  return fmt::format("{}-{}.notes", ::getpid(), ++last);
}

[[noreturn]] void failed(std::string_view what, const std::filesystem::path& path) {
  throw Error(errno == ENOSPC ? ErrorCode::no_space : ErrorCode::io,
              fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(errno)));
}

}  // namespace

FlightRecorder::FlightRecorder(const std::filesystem::path& data_dir, const store::Scope& scope,
                               std::size_t slots)
    : m_size(FlightNotes::size_for(slots)) {
  const std::filesystem::path directory = notes_dir(data_dir);
  std::filesystem::create_directories(directory);
  m_path = directory / unique_name();
  m_descriptor = ::open(m_path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (m_descriptor < 0) failed("create", m_path);
  if (::flock(m_descriptor, LOCK_EX | LOCK_NB) != 0) failed("lock", m_path);
  if (const int code = ::posix_fallocate(m_descriptor, 0, static_cast<off_t>(m_size)); code != 0) {
    errno = code;
    failed("make room for", m_path);
  }
  void* memory = ::mmap(nullptr, m_size, PROT_READ | PROT_WRITE, MAP_SHARED, m_descriptor, 0);
  if (memory == MAP_FAILED) failed("map", m_path);
  m_notes = static_cast<FlightNotes*>(memory);
  m_notes->slots = slots;
  set_name(m_notes->cluster, scope.cluster);
  set_name(m_notes->group, scope.group.get());
  m_notes->magic = k_magic;
  catch_crashes(m_notes->crashed);
}

FlightRecorder::~FlightRecorder() {
  swap_note(&m_notes->crashed, nullptr);
  ::munmap(m_notes, m_size);
  ::unlink(m_path.c_str());
  ::close(m_descriptor);
}

void FlightRecorder::begin(std::size_t slot, const RecordView& record, bool alone) {
  Slot& note = *m_notes->slot(slot);
  note.alone = alone ? 1 : 0;
  note.partition = record.partition.get();
  note.offset = record.offset.get();
  set_name(note.topic, record.topic);
  note.active.store(1, std::memory_order_release);
}

void FlightRecorder::end(std::size_t slot) {
  m_notes->slot(slot)->active.store(0, std::memory_order_release);
}

std::vector<std::pair<TopicPartition, Offset>> FlightRecorder::in_progress() const {
  std::vector<std::pair<TopicPartition, Offset>> records;
  for (std::size_t i = 0; i < m_notes->slots; ++i) {
    const Slot& slot = *m_notes->slot(i);
    if (slot.active.load(std::memory_order_acquire) == 0) continue;
    records.push_back({{TopicName{slot.topic.data()}, Partition{slot.partition}}, Offset{slot.offset}});
  }
  return records;
}

namespace {

using Words = std::vector<std::uint64_t>;

/// The whole of a file that nobody holds any more; empty while its process lives.
Words read_abandoned(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return {};
  Words words;
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
    struct stat info {};
    if (::fstat(descriptor, &info) == 0)
      words.resize(static_cast<std::size_t>(info.st_size) / sizeof(std::uint64_t));
    const auto wanted = static_cast<ssize_t>(words.size() * sizeof(std::uint64_t));
    if (::pread(descriptor, words.data(), static_cast<std::size_t>(wanted), 0) != wanted) words.clear();
    ::unlink(path.c_str());
  }
  ::close(descriptor);
  return words;
}

void collect(Words words, std::vector<Interrupted>& found) {
  const std::size_t size = words.size() * sizeof(std::uint64_t);
  if (size < sizeof(FlightNotes)) return;
  auto* notes = reinterpret_cast<FlightNotes*>(words.data());
  if (notes->magic != k_magic || size < FlightNotes::size_for(notes->slots)) return;
  for (std::size_t i = 0; i < notes->slots; ++i) {
    const Slot& slot = *notes->slot(i);
    if (slot.active.load() == 0) continue;
    found.push_back({.cluster = notes->cluster.data(),
                     .group = GroupId{notes->group.data()},
                     .partition = {TopicName{slot.topic.data()}, Partition{slot.partition}},
                     .offset = Offset{slot.offset},
                     .alone = slot.alone != 0,
                     .crashed = notes->crashed.load() != 0});
  }
}

}  // namespace

std::vector<Interrupted> take_interrupted(const std::filesystem::path& data_dir) {
  std::vector<Interrupted> found;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(notes_dir(data_dir), none)) {
    collect(read_abandoned(entry.path()), found);
  }
  return found;
}

}  // namespace kbeat::pipeline
