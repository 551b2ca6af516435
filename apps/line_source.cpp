// Block reads, delimiter search and the pause that makes a typed line a sent line.
#include "line_source.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::app {
namespace {

constexpr std::size_t k_input_block = 256u << 10;

[[noreturn]] void bad_delimiter(const std::string& text) {
  throw Error(ErrorCode::usage, fmt::format("\"{}\": write bytes or \\n \\t \\r \\0 \\\\ \\xNN",
                                            escape_for_terminal(text, 80)));
}

char hex_byte(const std::string& text, std::size_t at) {
  unsigned value = 0;
  const char* first = text.data() + at;
  if (at + 2 > text.size() || std::from_chars(first, first + 2, value, 16).ptr != first + 2)
    bad_delimiter(text);
  return static_cast<char>(value);
}

}  // namespace

LineSource::LineSource(int descriptor, std::string delimiter)
    : m_descriptor(descriptor), m_delimiter(std::move(delimiter)), m_block(k_input_block, '\0') {}

Pulled LineSource::next(std::string_view& line) {
  while (true) {
    const std::string_view read(m_block.data(), m_end);
    const std::size_t found = read.find(m_delimiter, m_scanned);
    if (found != std::string_view::npos) {
      const Pulled pulled = hand_out(line, found);
      m_start = m_scanned = found + m_delimiter.size();
      return pulled;
    }
    // The delimiter may be cut in two by the block's end.
    m_scanned = std::max(m_start, m_end - std::min(m_end, m_delimiter.size() - 1));
    if (m_ended) {
      if (m_start == m_end && !m_too_long) return Pulled::end;
      const Pulled pulled = hand_out(line, m_end);
      m_start = m_scanned = m_end;
      return pulled;
    }
    m_too_long = m_too_long || m_scanned - m_start > k_longest;
    if (m_too_long) m_start = m_scanned;
    if (!wait(Milliseconds{0})) return Pulled::pause;
    m_ended = !fill();
  }
}

Pulled LineSource::hand_out(std::string_view& line, std::size_t end) {
  line = std::string_view(m_block.data() + m_start, end - m_start);
  const bool passed_over = std::exchange(m_too_long, false);
  return passed_over || line.size() > k_longest ? Pulled::too_long : Pulled::line;
}

bool LineSource::wait(Milliseconds timeout) const {
  pollfd watched{m_descriptor, POLLIN, 0};
  return ::poll(&watched, 1, static_cast<int>(timeout.count())) > 0;
}

/// Reads more behind what is there; false at the end of the input.
bool LineSource::fill() {
  if (m_start > 0) {
    m_end -= m_start;
    m_scanned -= m_start;
    std::memmove(m_block.data(), m_block.data() + m_start, m_end);
    m_start = 0;
  }
  if (m_block.size() - m_end < k_input_block) m_block.resize(std::max(m_end + k_input_block, 2 * m_end));
  ssize_t count = 0;
  do {
    count = ::read(m_descriptor, m_block.data() + m_end, m_block.size() - m_end);
  } while (count < 0 && errno == EINTR);
  if (count < 0) throw Error(ErrorCode::io, fmt::format("cannot read the input: {}", std::strerror(errno)));
  m_end += static_cast<std::size_t>(count);
  return count > 0;
}

std::string unescape_delimiter(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    if (++i == text.size()) bad_delimiter(text);
    switch (text[i]) {
      case 'n': out += '\n'; break;
      case 't': out += '\t'; break;
      case 'r': out += '\r'; break;
      case '0': out += '\0'; break;
      case '\\': out += '\\'; break;
      case 'x':
        out += hex_byte(text, i + 1);
        i += 2;
        break;
      default: bad_delimiter(text);
    }
  }
  if (out.empty()) bad_delimiter(text);
  return out;
}

}  // namespace kbeat::app
