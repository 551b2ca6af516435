// Lists of numbers in the JSON that analyses are printed in.
#include "json_numbers.hpp"

#include <charconv>
#include <utility>

namespace kbeat::app {

std::vector<std::string> number_texts(std::string_view array) {
  std::vector<std::string> numbers;
  std::string number;
  for (const char c : array) {
    if (c == ',' || c == ']') {
      if (!number.empty()) numbers.push_back(std::exchange(number, {}));
    } else if (c != '[' && c != ' ' && c != '\n') {
      number += c;
    }
  }
  return numbers;
}

std::vector<double> number_values(std::string_view array) {
  std::vector<double> values;
  for (const std::string& text : number_texts(array)) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size()) values.push_back(value);
  }
  return values;
}

}  // namespace kbeat::app
