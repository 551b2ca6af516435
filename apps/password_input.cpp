// Reads a password without showing it.
#include "password_input.hpp"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <fstream>

#include "kbeat/base/error.hpp"

namespace kbeat::app {
namespace {

/// The terminal repeats nothing while it lives.
class EchoOff {
 public:
  explicit EchoOff(int terminal) : m_terminal(terminal) {
    m_known = tcgetattr(terminal, &m_before) == 0;
    termios silent = m_before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (m_known) tcsetattr(terminal, TCSAFLUSH, &silent);
  }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;
  ~EchoOff() {
    if (m_known) tcsetattr(m_terminal, TCSAFLUSH, &m_before);
  }

 private:
  int m_terminal;
  termios m_before{};
  bool m_known = false;
};

std::string read_line(int descriptor) {
  constexpr std::size_t k_longest = 64u << 10;
  std::string line;
  char byte = 0;
  while (line.size() < k_longest && read(descriptor, &byte, 1) == 1 && byte != '\n') line += byte;
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

}  // namespace

std::string read_password(const std::string& file, Io& io) {
  if (!file.empty()) {
    std::ifstream stream(file);
    std::string line;
    if (!stream || !std::getline(stream, line))
      throw Error(ErrorCode::io, fmt::format("cannot read a password from {}", file));
    if (line.ends_with('\r')) line.pop_back();
    return line;
  }
  if (!io.in_is_terminal()) return read_line(io.in());
  io.say("Password:");
  const EchoOff silent(io.in());
  return read_line(io.in());
}

}  // namespace kbeat::app
