// Draws and erases one line.
#include "progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "io.hpp"

namespace kbeat::app {
namespace {

constexpr std::size_t k_bar = 20;

std::string clock_text(double seconds) {
  const auto whole = static_cast<long>(seconds + 0.5);
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

}  // namespace

std::string progress_text(std::size_t done, std::size_t total, double seconds, Milliseconds passed,
                          const char* unit) {
  const std::size_t filled = total == 0 ? k_bar : k_bar * std::min(done, total) / total;
  std::string text = fmt::format("[{:#<{}}{:-<{}}] {}/{}", "", filled, "", k_bar - filled, done, total);
  const double spent = std::chrono::duration<double>(passed).count();
  if (done == 0 || spent <= 0) return text;
  const double rate = static_cast<double>(done) / spent;
  text += fmt::format("  {:.3g} {}/s", rate, unit);
  if (seconds > 0) text += fmt::format("  {:.0f}x", seconds / spent);
  return text +
         fmt::format("  ETA {}", clock_text(static_cast<double>(total - std::min(done, total)) / rate));
}

Progress::Progress(Io& io, const Clock& clock, std::size_t total, const char* unit)
    : m_io(io), m_clock(clock), m_total(total), m_unit(unit), m_begun(clock.steady()) {}

Progress::~Progress() {
  hide();
}

void Progress::show(std::size_t done) {
  const auto passed = std::chrono::duration_cast<Milliseconds>(m_clock.steady() - m_begun);
  m_io.show_status(progress_text(done, m_total, m_seconds, passed, m_unit));
  m_drawn = true;
}

void Progress::hide() {
  if (m_drawn) m_io.show_status("");
  m_drawn = false;
}

}  // namespace kbeat::app
