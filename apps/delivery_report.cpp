// Lines for people, for scripts and for a file.
#include "delivery_report.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "kbeat/base/escape.hpp"

namespace kbeat::app {
namespace {

constexpr std::uint64_t k_most_told = 20;
constexpr std::size_t k_report_block = 64u << 10;

void write_all(int descriptor, std::string_view rest, const std::string& path) {
  while (!rest.empty()) {
    const ssize_t count = ::write(descriptor, rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      throw Error(ErrorCode::io, fmt::format("cannot write the report {}: {}", path, std::strerror(errno)));
    }
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace

DeliveryReport::DeliveryReport(const std::string& asked, NameOf name_of, Context& context)
    : m_name_of(std::move(name_of)), m_context(context), m_path(asked) {
  if (asked.empty()) return;
  m_form = asked == "json" ? Form::json : Form::file;
  if (m_form == Form::json) return;
  constexpr mode_t k_mode = 0666;
  m_file = ::open(asked.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, k_mode);
  if (m_file < 0) {
    throw Error(ErrorCode::io, fmt::format("cannot write the report {}: {}", escape_for_terminal(asked),
                                           std::strerror(errno)));
  }
}

DeliveryReport::~DeliveryReport() {
  if (m_file >= 0) ::close(m_file);
}

void DeliveryReport::settled(const sending::Settled& settled) {
  if (const auto letter = m_letters.find(settled.tag); letter != m_letters.end()) {
    const Error error = letter->second;
    m_letters.erase(letter);
    return settle_letter(settled, error);
  }
  if (settled.error) return count_failure(settled);
  ++m_delivered;
  if (m_form == Form::file) note(settled.tag, settled.kept ? "kept" : "delivered", &settled, nullptr);
}

/// The line's end is its letter's: where that lies is no place of the line's.
void DeliveryReport::settle_letter(const sending::Settled& settled, const Error& error) {
  if (settled.error) return count_failure(settled);
  ++m_dead_letters;
  if (m_form != Form::text) note(settled.tag, "dead_letter", nullptr, &error);
  if (m_form != Form::json) m_context.notice(fmt::format("dead-lettered {}", error.what()));
}

void DeliveryReport::count_failure(const sending::Settled& settled) {
  ++m_failed;
  if (m_form != Form::text) note(settled.tag, "failed", &settled, &*settled.error);
  if (m_form == Form::json || settled.undone) return;
  tell(fmt::format("{}: not delivered: {}{}", m_name_of(settled.tag), settled.error->what(),
                   settled.possibly_stored ? " (it may have been stored all the same)" : ""));
}

void DeliveryReport::stopped_at(std::uint64_t number, const Error& error) {
  m_stopping = 1;
  if (m_form != Form::text) note(number, "failed", nullptr, &error);
}

void DeliveryReport::skipped(std::uint64_t number, const Error& error) {
  ++m_skipped;
  if (m_form != Form::text) note(number, "skipped", nullptr, &error);
  if (m_form != Form::json) m_context.notice(fmt::format("skipped {}", error.what()));
}

void DeliveryReport::dead_letter(std::uint64_t number, const Error& error) {
  m_letters.insert_or_assign(number, error);
}

/// Tells the first failures one by one and counts the rest.
void DeliveryReport::tell(const std::string& line) {
  if (++m_told > k_most_told) return;
  m_context.io.say(line);
  if (m_told == k_most_told) m_context.io.say("further failures are only counted");
}

void DeliveryReport::note(std::uint64_t number, const char* outcome, const sending::Settled* settled,
                          const Error* error) {
  std::string line = fmt::format("{{\"line\":{},\"input\":", number);
  append_json_string(line, clean_utf8(m_name_of(number), 4096));
  line += fmt::format(",\"outcome\":\"{}\"", outcome);
  const bool placed = settled != nullptr && settled->offset.get() >= 0;
  line +=
      placed ? fmt::format(",\"partition\":{},\"offset\":{}", settled->partition.get(), settled->offset.get())
             : ",\"partition\":null,\"offset\":null";
  line += ",\"error\":";
  if (error != nullptr) {
    append_json_string(line, clean_utf8(error->what(), 4096));
  } else {
    line += "null";
  }
  const bool possibly = settled != nullptr && settled->possibly_stored;
  line += fmt::format(",\"possibly_stored\":{}}}", possibly);
  if (m_form == Form::json) return m_context.io.say(line);
  m_lines += line + "\n";
  if (m_lines.size() < k_report_block) return;
  write_all(m_file, m_lines, m_path);
  m_lines.clear();
}

void DeliveryReport::finish(std::int64_t kept) {
  const std::uint64_t failed = m_failed + m_stopping;
  m_context.detail(fmt::format("delivered {}, failed {}, skipped {}, dead-lettered {}", m_delivered, failed,
                               m_skipped, m_dead_letters));
  if (m_form == Form::text) return;
  const std::string summary = fmt::format(
      "{{\"summary\":{{\"delivered\":{},\"failed\":{},\"skipped\":{},\"dead_letters\":{},"
      "\"waiting_in_outbox\":{}}}}}",
      m_delivered, failed, m_skipped, m_dead_letters, kept);
  if (m_form == Form::json) return m_context.io.say(summary);
  write_all(m_file, m_lines + summary + "\n", m_path);
  m_lines.clear();
}

}  // namespace kbeat::app
