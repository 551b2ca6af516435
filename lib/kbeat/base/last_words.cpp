// A terminate handler that tells exhaustion from bugs; it allocates nothing.
#include "kbeat/base/last_words.hpp"

#include <unistd.h>

#include <cstdlib>
#include <new>
#include <system_error>
#include <tuple>

namespace kbeat {
namespace {

void say(std::string_view words) {
  std::ignore = ::write(STDERR_FILENO, words.data(), words.size());
}

bool is_exhaustion(const std::error_code& code) {
  return code == std::errc::resource_unavailable_try_again || code == std::errc::not_enough_memory ||
         code == std::errc::too_many_files_open;
}

[[noreturn]] void on_terminate() {
  if (const std::exception_ptr cause = std::current_exception()) {
    try {
      std::rethrow_exception(cause);
    } catch (const std::exception& error) {
      if (const auto exhausted = exhaustion(error)) {
        say("kbeat: "), say(*exhausted), say("\n");
        ::_exit(EXIT_FAILURE);
      }
      say(error.what());
    }
  }
  std::abort();
}

}  // namespace

std::optional<std::string_view> exhaustion(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr)
    return "there is no memory left; what was committed stands, start it again with more";
  const auto* system = dynamic_cast<const std::system_error*>(&error);
  if (system != nullptr && is_exhaustion(system->code()))
    return "no thread or file can be opened any more (see ulimit -a); what was committed stands";
  return std::nullopt;
}

void end_plainly_when_exhausted() {
  std::set_terminate(on_terminate);
}

}  // namespace kbeat
