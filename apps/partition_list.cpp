// Numbers and ranges.
#include "partition_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"

namespace kbeat::app {
namespace {

constexpr int k_most_partitions = 1'000'000;

[[noreturn]] void bad_partitions(const std::string& text) {
  throw Error(ErrorCode::usage, fmt::format("-p \"{}\": give numbers and ranges, such as 0,2-4",
                                            escape_for_terminal(text, 80)));
}

int take_number(std::string_view& rest, const std::string& whole) {
  int number = 0;
  const auto result = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (result.ec != std::errc{} || number < 0 || number >= k_most_partitions) bad_partitions(whole);
  rest.remove_prefix(static_cast<std::size_t>(result.ptr - rest.data()));
  return number;
}

}  // namespace

std::vector<int> parse_partitions(const std::string& text) {
  std::vector<int> numbers;
  std::string_view rest = text;
  while (!rest.empty()) {
    const int first = take_number(rest, text);
    int last = first;
    if (rest.starts_with('-')) {
      rest.remove_prefix(1);
      last = take_number(rest, text);
    }
    for (int number = first; number <= last; ++number) numbers.push_back(number);
    if (last < first || (!rest.empty() && (rest.front() != ',' || rest.size() == 1))) bad_partitions(text);
    if (!rest.empty()) rest.remove_prefix(1);
  }
  return numbers;
}

void check_placed(const std::vector<int>& placed, const std::vector<int>& read) {
  if (read.empty()) return;
  for (const int partition : placed) {
    if (std::find(read.begin(), read.end(), partition) != read.end()) continue;
    throw Error(ErrorCode::usage,
                fmt::format("-o {0}=…: -p leaves partition {0} out: name it there as well", partition));
  }
}

}  // namespace kbeat::app
