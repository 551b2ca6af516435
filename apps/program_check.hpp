// Whether there is a program to run, before there is anything for it to do.
#pragma once

#include <string>

namespace kbeat::app {

/// A program that is missing would fail every time: better to say so at once. A name without a slash is
/// looked for in PATH. Throws Error{configuration} naming `place`, the flag or setting that wants it.
void check_program(const std::string& place, const std::string& program);

}  // namespace kbeat::app
