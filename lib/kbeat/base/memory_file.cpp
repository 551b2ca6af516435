// A memfd, written and rewound.
#include "kbeat/base/memory_file.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "kbeat/base/error.hpp"

namespace kbeat {

Descriptor memory_file(std::string_view content) {
  const auto fail = [] {
    throw Error(ErrorCode::io, "cannot keep a program's input in memory", Retryable::yes);
  };
  Descriptor file(memfd_create("input", MFD_CLOEXEC));
  if (file.number() < 0) fail();
  for (std::size_t at = 0; at < content.size();) {
    const ssize_t written = write(file.number(), content.data() + at, content.size() - at);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail();
    at += static_cast<std::size_t>(written);
  }
  lseek(file.number(), 0, SEEK_SET);
  return file;
}

}  // namespace kbeat
