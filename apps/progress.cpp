// Draws and erases one line.
#include "progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "io.hpp"

namespace kbeat::app {
namespace {

constexpr std::size_t k_bar = 20;
constexpr Milliseconds k_between{200};

std::string clock_text(double seconds) {
  const auto whole = static_cast<long>(seconds + 0.5);
  if (whole >= 3600) return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

/// Three digits: 4.25, 12.3, 987, 45.6k, 1.20M.
std::string rate_text(double rate) {
  const char* scale = "";
  if (rate >= 1e6) {
    rate /= 1e6;
    scale = "M";
  } else if (rate >= 1e4) {
    rate /= 1e3;
    scale = "k";
  }
  const int decimals = rate >= 100 ? 0 : rate >= 10 ? 1 : 2;
  return fmt::format("{:.{}f}{}", rate, decimals, scale);
}

/// Of all, from 0 to 1; nothing when nobody knows.
std::optional<double> share_of(const ProgressFigures& figures) {
  if (figures.share) return std::clamp(*figures.share, 0.0, 1.0);
  if (!figures.total) return std::nullopt;
  if (*figures.total == 0) return 1.0;
  return std::min(1.0, static_cast<double>(figures.done) / static_cast<double>(*figures.total));
}

std::string bar_text(const ProgressFigures& figures, const std::optional<double>& share) {
  if (!share) return fmt::format("{} {}", figures.done, figures.unit);
  const auto filled = static_cast<std::size_t>(static_cast<double>(k_bar) * *share);
  const std::string bar = fmt::format("[{:#<{}}{:-<{}}]", "", filled, "", k_bar - filled);
  if (figures.total) return fmt::format("{} {}/{}", bar, figures.done, *figures.total);
  return fmt::format("{} {:.0f} %  {} {}", bar, *share * 100, figures.done, figures.unit);
}

}  // namespace

std::string progress_text(const ProgressFigures& figures) {
  const auto share = share_of(figures);
  std::string text = bar_text(figures, share);
  const double spent = std::chrono::duration<double>(figures.passed).count();
  if (figures.done == 0 || spent <= 0) return text;
  text += fmt::format("  {} {}/s", rate_text(static_cast<double>(figures.done) / spent), figures.unit);
  if (figures.seconds > 0) text += fmt::format("  {:.0f}x", figures.seconds / spent);
  if (share && *share > 0) text += fmt::format("  ETA {}", clock_text(spent * (1 - *share) / *share));
  return text;
}

Progress::Progress(Io& io, const Clock& clock, std::optional<std::uint64_t> total, const char* unit)
    : m_io(io),
      m_clock(clock),
      m_total(total),
      m_unit(unit),
      m_seen(io.err_is_terminal()),
      m_begun(clock.steady()),
      m_shown(m_begun) {}

Progress::~Progress() {
  hide();
}

void Progress::show(std::uint64_t done, std::optional<double> share) {
  m_shown = m_clock.steady();
  m_io.show_status(progress_text({.done = done,
                                  .total = m_total,
                                  .share = share,
                                  .seconds = m_seconds,
                                  .passed = std::chrono::duration_cast<Milliseconds>(m_shown - m_begun),
                                  .unit = m_unit}));
  m_drawn = true;
}

bool Progress::is_due() const {
  return m_seen && m_clock.steady() - m_shown >= k_between;
}

void Progress::hide() {
  if (m_drawn) m_io.show_status("");
  m_drawn = false;
}

}  // namespace kbeat::app
