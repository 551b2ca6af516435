// Lines of a stream as records.
#include "kbeat/replay/envelope_source.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <utility>

#include "kbeat/base/escape.hpp"

namespace kbeat::replay {
namespace {

constexpr int k_lines_a_turn = 1000;

}  // namespace

EnvelopeSource::EnvelopeSource(std::string path, OnBadLine on_bad_line)
    : m_path(std::move(path)),
      m_on_bad_line(std::move(on_bad_line)),
      m_cursor{{TopicPartition{TopicName{"file"}, Partition{0}}, Offset{0}, std::nullopt}} {
  if (m_path == "-") return;
  const bool is_folder = std::filesystem::is_directory(m_path);
  m_file.open(m_path, std::ios::binary);
  if (m_file && !is_folder) return;
  const int reason = is_folder ? EISDIR : errno;
  throw Error(reason == ENOENT ? ErrorCode::not_found : ErrorCode::bad_input,
              fmt::format("cannot read {}: {}", escape_for_terminal(m_path), std::strerror(reason)));
}

std::istream& EnvelopeSource::stream() {
  return m_path == "-" ? std::cin : m_file;
}

Cursor EnvelopeSource::cursor_before(const RecordView&) const {
  Cursor before = m_cursor;
  before.front().next = Offset{before.front().next.get() - 1};
  return before;
}

std::string EnvelopeSource::name_of(const RecordView&) const {
  return fmt::format("line {}", m_cursor.front().next.get());
}

void EnvelopeSource::seek(const Cursor& cursor) {
  if (m_path == "-")
    throw Error(ErrorCode::usage, "standard input cannot be resumed: give the file by its name");
  m_fault.reset();
  m_file.clear();
  m_file.seekg(0);
  m_cursor = cursor;
  for (std::int64_t line = 0; line < cursor.front().next.get(); ++line) {
    if (std::getline(m_file, m_line)) continue;
    throw Error(ErrorCode::data_gap,
                fmt::format("{} has fewer lines than were replayed already", escape_for_terminal(m_path)));
  }
}

Turn EnvelopeSource::stop_at(const Error& fault) {
  m_fault = fault;
  return Turn::end;
}

Turn EnvelopeSource::turn(Milliseconds, const Take& take) {
  if (m_fault) return Turn::end;
  for (int i = 0; i < k_lines_a_turn; ++i) {
    if (!std::getline(stream(), m_line)) {
      if (!stream().bad()) return Turn::end;
      return stop_at({ErrorCode::io, fmt::format("cannot read {}", escape_for_terminal(m_path))});
    }
    Offset& next = m_cursor.front().next;
    const Offset before = std::exchange(next, Offset{next.get() + 1});
    if (m_line.empty()) continue;
    const RecordView* record = nullptr;
    try {
      record = &m_reader.read(m_line);
      check_topic_name(record->topic.empty() ? "none" : record->topic);
    } catch (const Error& error) {
      const Error named(ErrorCode::bad_input, fmt::format("line {}: {}", next.get(), error.what()));
      if (!m_on_bad_line) {
        next = before;
        return stop_at(named);
      }
      m_on_bad_line(m_line, static_cast<std::uint64_t>(next.get()), named);
      continue;
    }
    if (!take(*record)) return Turn::more;
  }
  return Turn::more;
}

}  // namespace kbeat::replay
