// The shared counters and the waiting on them.
#include "kbeat/transport/log/notify_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <ctime>
#include <system_error>

#include "kbeat/base/descriptor.hpp"
#include "kbeat/base/error.hpp"

namespace kbeat::transport::log {
namespace {

constexpr std::size_t k_size = 4096;

[[noreturn]] void fail(const std::filesystem::path& path, int cause) {
  const bool is_full = cause == ENOSPC || cause == EDQUOT;
  throw Error(is_full ? ErrorCode::no_space : ErrorCode::io,
              fmt::format("cannot share {} with other processes: {}", path.string(),
                          std::system_category().message(cause)),
              is_full ? Retryable::yes : Retryable::no);
}

std::atomic_ref<std::uint32_t> shared(std::uint32_t& counter) {
  return std::atomic_ref<std::uint32_t>(counter);
}

}  // namespace

NotifyFile::NotifyFile() {
  void* const page = mmap(nullptr, k_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) fail("a page", errno);
  m_counters = static_cast<Counters*>(page);
}

NotifyFile::NotifyFile(const std::filesystem::path& path) {
  const Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (file.number() < 0) fail(path, errno);
  // Without its block the page could not be written on a full disk, which ends a process by SIGBUS.
  if (const int cause = posix_fallocate(file.number(), 0, k_size); cause != 0) fail(path, cause);
  void* const page = mmap(nullptr, k_size, PROT_READ | PROT_WRITE, MAP_SHARED, file.number(), 0);
  if (page == MAP_FAILED) fail(path, errno);
  m_counters = static_cast<Counters*>(page);
}

NotifyFile::~NotifyFile() {
  munmap(m_counters, k_size);
}

void NotifyFile::announce(What what) {
  if (what == What::control) shared(m_counters->control).fetch_add(1);
  shared(m_counters->any).fetch_add(1);
  syscall(SYS_futex, &m_counters->any, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

local::Changes NotifyFile::seen() {
  return {.any = shared(m_counters->any).load(), .control = shared(m_counters->control).load()};
}

void NotifyFile::wait(const local::Changes& before, Milliseconds timeout) {
  const timespec time{.tv_sec = timeout.count() / 1000, .tv_nsec = timeout.count() % 1000 * 1'000'000};
  syscall(SYS_futex, &m_counters->any, FUTEX_WAIT, before.any, &time, nullptr, 0);
}

}  // namespace kbeat::transport::log
