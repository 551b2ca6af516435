// How the program ends when memory or threads run out where no call can report it.
#pragma once

#include <exception>
#include <optional>
#include <string_view>

namespace kbeat {

/// What to say of an error that memory, threads or files ran out; nothing of any other.
[[nodiscard]] std::optional<std::string_view> exhaustion(const std::exception& error);

/// From now on an uncaught std::bad_alloc, or a thread that cannot be started, ends the process with one line
/// on stderr and exit code 1, on whatever thread it happens: what was committed stands, as after a kill -9.
/// Anything else that nobody caught is a bug and aborts as before, so that a crash is told from a machine too
/// small.
void end_plainly_when_exhausted();

}  // namespace kbeat
