// Lists of numbers in the JSON that analyses are printed in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kbeat::app {

/// The numbers of a flat JSON array, as they are written.
[[nodiscard]] std::vector<std::string> number_texts(std::string_view array);
/// The same as values; what is no number is left out.
[[nodiscard]] std::vector<double> number_values(std::string_view array);

}  // namespace kbeat::app
