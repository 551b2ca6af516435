// Reads a password without showing it.
#pragma once

#include <string>

#include "io.hpp"

namespace kbeat::app {

/// The first line of `file`; without one, asked for on the terminal with the echo off, or a line of stdin.
/// Throws Error{io, bad_input}. Never repeats what it read.
[[nodiscard]] std::string read_password(const std::string& file, Io& io);

}  // namespace kbeat::app
