// What SIGHUP means to a command that runs for long: read again what can be read again.
#include "hangup.hpp"

#include <unistd.h>

#include <utility>

#include "kbeat/base/log.hpp"

namespace kbeat::app {
namespace {

void reread_log_level(const Context& context) {
  try {
    const config::Loaded loaded = config::load(context.flags, config::read_environment());
    configure_log(loaded.settings.log.level, context.settings().log.format);
  } catch (const Error& error) {
    log_warning("SIGHUP: the former settings stay: {}", error.what());
  }
}

}  // namespace

RereadOnHangup::RereadOnHangup(const Context& context, std::function<void()> also) : m_context(context) {
  if (isatty(STDIN_FILENO) == 1) return;
  context.shutdown.on_hangup([&context, also = std::move(also)] {
    reread_log_level(context);
    if (also) also();
  });
}

RereadOnHangup::~RereadOnHangup() {
  m_context.shutdown.on_hangup({});
}

}  // namespace kbeat::app
