// Writes to descriptors, with errors of the reader told from errors of the disk.
#include "io.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "cell_width.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::app {
namespace {

constexpr std::size_t k_output_block = 256u << 10;
constexpr const char* k_erase_line = "\r\x1b[K";

[[noreturn]] void fail_writing(int error) {
  if (error == EPIPE) throw Error(ErrorCode::pipe_closed, "the reader of stdout went away");
  if (error == ENOSPC || error == EDQUOT) {
    throw Error(ErrorCode::no_space,
                "cannot write to stdout: the disk is full; free some space and run again");
  }
  throw Error(ErrorCode::io, fmt::format("cannot write to stdout: {}", std::strerror(error)));
}

std::optional<std::size_t> width_of(int descriptor) {
  winsize size{};
  if (ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
  return size.ws_col;
}

}  // namespace

Output::Output(int descriptor)
    : m_descriptor(descriptor),
      m_kind(isatty(descriptor) == 1 ? StreamKind::terminal : StreamKind::file_or_pipe) {}

std::optional<std::size_t> Output::terminal_width() const {
  return m_kind == StreamKind::terminal ? width_of(m_descriptor) : std::nullopt;
}

void Output::written_to() {
  if (m_buffer.size() >= k_output_block) flush();
}

void Output::write(std::string_view text) {
  if (m_kind == StreamKind::terminal) {
    m_buffer += escape_steering(text);
  } else {
    m_buffer += text;
  }
  written_to();
}

void Output::flush() {
  std::string_view rest = m_buffer;
  while (!rest.empty()) {
    const ssize_t count = ::write(m_descriptor, rest.data(), rest.size());
    if (count >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      const int error = errno;
      m_buffer.clear();
      fail_writing(error);
    }
  }
  m_buffer.clear();
}

Io::Io(int in, int out, int err) : m_in(in), m_out(out), m_err(err) {}

bool Io::in_is_terminal() const {
  return isatty(m_in) == 1;
}

bool Io::err_is_terminal() const {
  return isatty(m_err) == 1;
}

void Io::say(std::string_view line) {
  if (m_out.kind() == StreamKind::terminal) m_out.flush();
  const std::string text =
      (std::exchange(m_status_shown, false) ? k_erase_line : "") + escape_for_terminal(line) + "\n";
  // A stderr that cannot be written to leaves nobody to tell.
  [[maybe_unused]] const ssize_t ignored = ::write(m_err, text.data(), text.size());
}

void Io::show_status(std::string_view text) {
  if (!err_is_terminal()) return;
  const std::string shown = escape_for_terminal(text);
  // A line that is as wide as the terminal would make some of them begin a new one.
  const std::size_t width = width_of(m_err).value_or(80);
  const std::string line = k_erase_line + fit_cells(shown, width - 1);
  m_status_shown = !text.empty();
  [[maybe_unused]] const ssize_t ignored = ::write(m_err, line.data(), line.size());
}

}  // namespace kbeat::app
