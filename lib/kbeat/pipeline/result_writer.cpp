// The thread behind the result lines.
#include "kbeat/pipeline/result_writer.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "kbeat/base/escape.hpp"

namespace kbeat::pipeline {
namespace {

constexpr std::size_t k_most_waiting = 64u << 20;

Error write_failure(int code) {
  if (code == EPIPE) return Error(ErrorCode::pipe_closed, "the reader of stdout went away");
  return Error(code == ENOSPC || code == EDQUOT ? ErrorCode::no_space : ErrorCode::io,
               fmt::format("cannot write to stdout: {}", std::strerror(code)));
}

}  // namespace

ResultWriter::ResultWriter(int descriptor)
    : m_descriptor(descriptor),
      m_terminal(::isatty(descriptor) == 1),
      m_thread([this](std::stop_token stop) { run(stop); }) {}

ResultWriter::~ResultWriter() {
  m_thread.request_stop();
  m_thread.join();
}

void ResultWriter::write(std::string_view lines) {
  const std::lock_guard lock(m_mutex);
  if (m_failure) return;
  if (m_terminal) {
    m_waiting += escape_steering(lines);
  } else {
    m_waiting += lines;
  }
  m_changed.notify_all();
}

bool ResultWriter::has_room() {
  const std::lock_guard lock(m_mutex);
  throw_failure();
  return m_waiting.size() < k_most_waiting;
}

void ResultWriter::finish() {
  std::unique_lock lock(m_mutex);
  m_changed.wait(lock, [this] { return m_failure || (m_waiting.empty() && !m_writing); });
  throw_failure();
}

void ResultWriter::throw_failure() {
  if (m_failure) throw Error(*m_failure);
}

void ResultWriter::run(std::stop_token stop) {
  std::unique_lock lock(m_mutex);
  while (true) {
    m_changed.wait(lock, stop, [this] { return !m_waiting.empty(); });
    if (m_waiting.empty() || m_failure) return;  // only when asked to stop, or with nobody to write to
    const std::string bytes = std::exchange(m_waiting, {});
    m_writing = true;
    lock.unlock();
    write_out(bytes);
    lock.lock();
    m_writing = false;
    m_changed.notify_all();
  }
}

void ResultWriter::write_out(const std::string& bytes) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t count = ::write(m_descriptor, bytes.data() + written, bytes.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const Error failure = write_failure(errno);
      const std::lock_guard lock(m_mutex);
      m_failure = failure;
      m_waiting.clear();
      return;
    }
    written += static_cast<std::size_t>(count);
  }
}

}  // namespace kbeat::pipeline
