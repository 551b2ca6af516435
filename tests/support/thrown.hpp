// The error that a call throws, as a value to look at.
#pragma once

#include <optional>

#include "kbeat/base/error.hpp"

namespace kbeat::test {

/// Nothing when it does not throw.
template <typename Call>
std::optional<Error> thrown_by(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  return std::nullopt;
}

}  // namespace kbeat::test
