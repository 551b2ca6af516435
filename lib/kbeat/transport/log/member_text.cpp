// Writing and reading of lists.
#include "kbeat/transport/log/member_text.hpp"

#include <fmt/format.h>

#include <charconv>

#include "kbeat/base/error.hpp"

namespace kbeat::transport::log {

std::string text_of(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

std::string text_of(const std::vector<TopicPartition>& partitions) {
  std::string text;
  for (const auto& [topic, partition] : partitions)
    text += fmt::format("{}/{}\n", topic.get(), partition.get());
  return text;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::vector<TopicPartition> partitions_of(std::string_view text) {
  std::vector<TopicPartition> partitions;
  for (const std::string& line : lines_of(text)) {
    const std::size_t slash = line.find('/');
    std::int32_t number = -1;
    if (slash != std::string::npos)
      std::from_chars(line.data() + slash + 1, line.data() + line.size(), number);
    if (number < 0)
      throw Error(ErrorCode::database, fmt::format("\"{}\" names no partition of a member", line));
    partitions.push_back({TopicName{line.substr(0, slash)}, Partition{number}});
  }
  return partitions;
}

}  // namespace kbeat::transport::log
