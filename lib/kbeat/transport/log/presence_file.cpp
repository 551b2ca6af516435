// Locks on open file descriptions: they hold over threads, and across containers that share the file.
#include "kbeat/transport/log/presence_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <functional>
#include <limits>
#include <system_error>

#include "kbeat/base/error.hpp"

namespace kbeat::transport::log {
namespace {

/// The member's byte. The file stays empty: locks may lie beyond its end. Two members on one byte, which no
/// group will see, would only mean that the first is thought alive until its lease is over.
struct flock byte_of(const std::string& member, short type) {
  constexpr std::uint64_t k_most = std::numeric_limits<off_t>::max() - 1;
  struct flock range {};
  range.l_type = type;
  range.l_whence = SEEK_SET;
  range.l_start = static_cast<off_t>(std::hash<std::string>{}(member) % k_most);
  range.l_len = 1;
  return range;
}

}  // namespace

PresenceFile::PresenceFile(const std::filesystem::path& path)
    : m_file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) {
  if (m_file.number() >= 0) return;
  const std::string cause = std::system_category().message(errno);
  throw Error(ErrorCode::io, fmt::format("cannot share {} with other processes: {}", path.string(), cause));
}

void PresenceFile::enter(const std::string& member) {
  struct flock range = byte_of(member, F_WRLCK);
  // Without its lock (the system has no more of them) a member would be taken for dead at once.
  if (fcntl(m_file.number(), F_OFD_SETLK, &range) != 0) {
    const std::string cause = std::system_category().message(errno);
    throw Error(ErrorCode::io, fmt::format("cannot take a place in the group: {}", cause), Retryable::yes);
  }
  m_own.insert(member);
}

void PresenceFile::leave(const std::string& member) {
  struct flock range = byte_of(member, F_UNLCK);
  fcntl(m_file.number(), F_OFD_SETLK, &range);
  m_own.erase(member);
}

bool PresenceFile::is_there(const std::string& member) const {
  if (m_own.contains(member)) return true;
  struct flock range = byte_of(member, F_WRLCK);
  const bool unknown = fcntl(m_file.number(), F_OFD_GETLK, &range) != 0;
  return unknown || range.l_type != F_UNLCK;
}

}  // namespace kbeat::transport::log
