// A file that appears under its name only when it is whole.
#include "new_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::app {
namespace {

namespace fs = std::filesystem;

constexpr int k_most_links = 40;  // as the kernel follows

/// With its folder as it really is; the folder need not be there.
fs::path in_real_folder(const fs::path& path) {
  std::error_code failure;
  const fs::path whole = fs::absolute(path, failure);
  const fs::path folder = fs::weakly_canonical(whole.parent_path(), failure);
  return failure ? whole : folder / whole.filename();
}

/// Where devices and processes have names; shared memory is a folder like others.
bool is_below_devices(const fs::path& path) {
  const std::string text = path.string();
  return (text.starts_with("/dev/") && !text.starts_with("/dev/shm/")) || text.starts_with("/proc/");
}

}  // namespace

std::string written_file(const std::string& path, const std::string& shown) {
  fs::path target = path;
  std::error_code failure;
  for (int links = 0;; ++links) {
    const fs::path real = in_real_folder(target);
    if (is_below_devices(real)) {
      throw Error(ErrorCode::usage,
                  fmt::format("{}: what lies there is no plain file; give another name", shown));
    }
    if (!fs::is_symlink(real, failure)) break;
    if (links == k_most_links)
      throw Error(ErrorCode::usage, fmt::format("{}: this link leads round; give another name", shown));
    target = real.parent_path() / fs::read_symlink(real, failure);
  }
  if (fs::exists(target, failure) && !fs::is_regular_file(target, failure)) {
    throw Error(ErrorCode::usage, fmt::format("{}: that is there and no file; give another name", shown));
  }
  return target.string();
}

NewFile::NewFile(std::string path)
    : m_path(std::move(path)),
      m_target(written_file(m_path, escape_for_terminal(m_path, 200))),
      m_part(fmt::format("{}.{}.part", m_target, getpid())),
      m_file(open(m_part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {
  if (m_file.number() < 0) fail(errno);
}

NewFile::~NewFile() {
  if (!m_part.empty()) unlink(m_part.c_str());
}

void NewFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(m_file.number(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(errno);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

void NewFile::keep() {
  if (std::rename(m_part.c_str(), m_target.c_str()) != 0) fail(errno);
  m_part.clear();
}

void NewFile::fail(int error) const {
  throw Error(error == ENOSPC || error == EDQUOT ? ErrorCode::no_space : ErrorCode::io,
              fmt::format("cannot write {}: {}", escape_for_terminal(m_path, 200), std::strerror(error)));
}

}  // namespace kbeat::app
