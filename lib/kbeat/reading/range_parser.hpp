// Reads ranges as the flags -o, --since and --until have them.
#pragma once

#include <string>
#include <vector>

#include "kbeat/reading/read_range.hpp"

namespace kbeat::reading {

/// What the flags say; a flag that was not given is empty.
struct RangeTexts {
  std::vector<std::string> offsets;  ///< each -o
  std::string since;
  std::string until;
};

/// -o takes beginning, earliest, oldest, start; end, latest, newest; stored; N; -N (the last N); s@MS and
/// e@MS (kcat's: begin and end at the first record that is not older); A:B or A..B (B is not read; either may
/// be missing); @T1:T2 (as --since T1 --until T2); and P=WHERE,P=WHERE for single partitions. Times are RFC
/// 3339, a date, milliseconds since 1970, or a span back from `now` such as 2h or -2h. Throws Error{usage}
/// naming the flag.
[[nodiscard]] ReadRange parse_range(const RangeTexts& texts, WallTime now);

/// A time as above. Throws Error{usage} that begins with `flag`.
[[nodiscard]] WallTime parse_time(const std::string& flag, std::string_view text, WallTime now);

}  // namespace kbeat::reading
