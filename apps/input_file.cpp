// Opens without waiting, reads with it.
#include "input_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::app {
namespace {

constexpr const char* k_standard_input = "-";
constexpr int k_look_for_stop = 100;  // ms

Error cannot_read(const std::string& path, int reason) {
  return {reason == ENOENT ? ErrorCode::not_found : ErrorCode::bad_input,
          fmt::format("cannot read {}: {}", escape_for_terminal(path), std::strerror(reason))};
}

void refuse_directory(const std::string& path, const struct stat& facts) {
  if (!S_ISDIR(facts.st_mode)) return;
  throw Error(ErrorCode::bad_input, fmt::format("cannot read {}: it is a directory; name the files in it",
                                                escape_for_terminal(path)));
}

}  // namespace

InputFile::InputFile(const std::string& path, int input)
    : m_path(path),
      m_descriptor(path == k_standard_input ? ::fcntl(input, F_DUPFD_CLOEXEC, 0)
                                            : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  if (descriptor() < 0) throw cannot_read(path, errno);
  struct stat facts {};
  if (::fstat(descriptor(), &facts) == 0) refuse_directory(path, facts);
}

std::string InputFile::read_whole(std::size_t longest, const std::stop_token& stop) const {
  std::string content;
  std::string block(256u << 10, '\0');
  pollfd watched{descriptor(), POLLIN, 0};
  while (!stop.stop_requested()) {
    if (::poll(&watched, 1, k_look_for_stop) == 0) continue;
    const ssize_t count = ::read(descriptor(), block.data(), block.size());
    if (count == 0) return content;
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (count < 0)
      throw Error(ErrorCode::io,
                  fmt::format("cannot read {}: {}", escape_for_terminal(m_path), std::strerror(errno)));
    content.append(block, 0, static_cast<std::size_t>(count));
    if (content.size() > longest) {
      throw Error(ErrorCode::bad_input,
                  fmt::format("{} is larger than {} MiB", escape_for_terminal(m_path), longest >> 20));
    }
  }
  throw Error(ErrorCode::interrupted,
              fmt::format("stopped by a signal before {} was read", escape_for_terminal(m_path)));
}

void check_readable(const std::string& path) {
  if (path == k_standard_input) return;
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) throw cannot_read(path, errno);
  refuse_directory(path, facts);
  if (::access(path.c_str(), R_OK) != 0) throw cannot_read(path, errno);
}

}  // namespace kbeat::app
