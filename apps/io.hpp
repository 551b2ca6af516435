// The program's standard streams: stdout in large blocks, stderr line by line.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace kbeat::app {

enum class StreamKind { file_or_pipe, terminal };

/// Buffers what is written to a descriptor. Throws Error{pipe_closed} when the reader went away,
/// Error{no_space} on a full disk, Error{io} otherwise; what could not be written is dropped then.
class Output {
 public:
  explicit Output(int descriptor);

  /// Bytes that are written as they are, whatever reads them: append to it, then call `written_to` so that it
  /// does not grow without bound. Who appends untrusted text escapes it for a terminal.
  [[nodiscard]] std::string& buffer() { return m_buffer; }
  void written_to();

  /// Text; on a terminal, what would steer it is escaped.
  void write(std::string_view text);
  void flush();
  [[nodiscard]] bool empty() const { return m_buffer.empty(); }
  [[nodiscard]] StreamKind kind() const { return m_kind; }
  /// Cells in a line of the terminal; nothing for a file or pipe, or a terminal that does not say.
  [[nodiscard]] std::optional<std::size_t> terminal_width() const;

 private:
  int m_descriptor;
  StreamKind m_kind;
  std::string m_buffer;
};

/// Used by one thread.
class Io {
 public:
  Io(int in, int out, int err);

  [[nodiscard]] int in() const { return m_in; }
  [[nodiscard]] bool in_is_terminal() const;
  [[nodiscard]] Output& out() { return m_out; }
  [[nodiscard]] bool out_is_terminal() const { return m_out.kind() == StreamKind::terminal; }
  /// Writes one line to stderr in place of an unfinished one, control characters escaped, after what waits
  /// for stdout. Never throws for a stderr that is gone.
  void say(std::string_view line);
  [[nodiscard]] bool err_is_terminal() const;
  /// Replaces the unfinished line on stderr's terminal, such as a bar, cut to the terminal's width; nothing
  /// erases it. Does nothing when stderr is no terminal.
  void show_status(std::string_view text);

 private:
  int m_in;
  Output m_out;
  int m_err;
  bool m_status_shown = false;
};

}  // namespace kbeat::app
