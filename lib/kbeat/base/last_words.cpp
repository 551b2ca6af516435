// A terminate handler that tells exhaustion from bugs; it allocates nothing.
#include "kbeat/base/last_words.hpp"

#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <new>
#include <string_view>
#include <system_error>
#include <tuple>

namespace kbeat {
namespace {

[[noreturn]] void end(std::string_view words) {
  std::ignore = ::write(STDERR_FILENO, words.data(), words.size());
  ::_exit(EXIT_FAILURE);
}

bool is_exhaustion(const std::error_code& code) {
  return code == std::errc::resource_unavailable_try_again || code == std::errc::not_enough_memory ||
         code == std::errc::too_many_files_open;
}

[[noreturn]] void on_terminate() {
  if (const std::exception_ptr cause = std::current_exception()) {
    try {
      std::rethrow_exception(cause);
    } catch (const std::bad_alloc&) {
      end("kbeat: there is no memory left; what was committed stands, start it again with more\n");
    } catch (const std::system_error& error) {
      if (is_exhaustion(error.code()))
        end("kbeat: no thread or file can be opened any more (see ulimit -a); what was committed stands\n");
    } catch (const std::exception& error) {
      const std::string_view words = error.what();
      std::ignore = ::write(STDERR_FILENO, words.data(), words.size());
    }
  }
  std::abort();
}

}  // namespace

void end_plainly_when_exhausted() {
  std::set_terminate(on_terminate);
}

}  // namespace kbeat
