// The descriptor's own position says how much was read.
#include "feed_progress.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "command.hpp"

namespace kbeat::app {
namespace {

std::uint64_t size_of_file(int descriptor) {
  struct stat facts {};
  const bool file = fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode);
  return file && facts.st_size > 0 ? static_cast<std::uint64_t>(facts.st_size) : 0;
}

}  // namespace

FeedProgress::FeedProgress(Context& context)
    : m_bar(context.io, context.clock, std::nullopt, "records"),
      m_shown(context.settings().log.verbosity >= 0) {}

void FeedProgress::follow(int descriptor) {
  m_descriptor = descriptor;
  m_size = size_of_file(descriptor);
  m_shown = m_shown && isatty(descriptor) == 0;
}

void FeedProgress::show(std::uint64_t records) {
  if (m_shown && m_bar.is_due()) m_bar.show(records, share());
}

std::optional<double> FeedProgress::share() const {
  const off_t read = m_size > 0 ? lseek(m_descriptor, 0, SEEK_CUR) : -1;
  return read < 0 ? std::nullopt : std::optional(static_cast<double>(read) / static_cast<double>(m_size));
}

}  // namespace kbeat::app
