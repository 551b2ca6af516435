// Draws and erases one line.
#include "feed_progress.hpp"

#include <fmt/format.h>

namespace kbeat::app {
namespace {

constexpr Milliseconds k_every{200};

}  // namespace

std::string feed_text(std::uint64_t records, Milliseconds passed) {
  const double seconds = std::chrono::duration<double>(passed).count();
  if (seconds <= 0) return fmt::format("{} records", records);
  return fmt::format("{} records  {:.0f}/s", records, static_cast<double>(records) / seconds);
}

FeedProgress::FeedProgress(Context& context)
    : m_context(context),
      m_wanted(context.io.err_is_terminal() && !context.io.in_is_terminal() &&
               context.settings().log.verbosity >= 0),
      m_begun(context.clock.steady()),
      m_next(m_begun + k_every) {}

FeedProgress::~FeedProgress() {
  if (m_drawn) m_context.io.show_status("");
}

void FeedProgress::show(std::uint64_t records) {
  if (!m_wanted) return;
  const SteadyTime now = m_context.clock.steady();
  if (now < m_next) return;
  m_next = now + k_every;
  m_context.io.show_status(feed_text(records, std::chrono::duration_cast<Milliseconds>(now - m_begun)));
  m_drawn = true;
}

}  // namespace kbeat::app
