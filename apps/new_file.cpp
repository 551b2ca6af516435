// A file that appears under its name only when it is whole.
#include "new_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "kbeat/base/error.hpp"

namespace kbeat::app {

NewFile::NewFile(std::string path)
    : m_path(std::move(path)),
      m_part(fmt::format("{}.{}.part", m_path, getpid())),
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
  if (std::rename(m_part.c_str(), m_path.c_str()) != 0) fail(errno);
  m_part.clear();
}

void NewFile::fail(int error) const {
  throw Error(error == ENOSPC || error == EDQUOT ? ErrorCode::no_space : ErrorCode::io,
              fmt::format("cannot write {}: {}", m_path, std::strerror(error)));
}

}  // namespace kbeat::app
