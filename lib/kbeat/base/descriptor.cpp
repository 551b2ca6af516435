// File descriptors and pipes.
#include "kbeat/base/descriptor.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "kbeat/base/error.hpp"

namespace kbeat {
namespace {

Error no_pipe() {
  return {ErrorCode::io, fmt::format("cannot make a pipe: {}", std::generic_category().message(errno)),
          Retryable::yes};
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(m_number, other.m_number);
  return *this;
}

Descriptor::~Descriptor() {
  reset();
}

void Descriptor::reset() {
  if (m_number >= 0) close(m_number);
  m_number = -1;
}

Pipe::Pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw no_pipe();
  const Descriptor first(ends[0]);
  const Descriptor second(ends[1]);
  read = Descriptor(fcntl(first.number(), F_DUPFD_CLOEXEC, 3));
  write = Descriptor(fcntl(second.number(), F_DUPFD_CLOEXEC, 3));
  if (read.number() < 0 || write.number() < 0) throw no_pipe();
}

}  // namespace kbeat
