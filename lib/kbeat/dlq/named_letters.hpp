// Which of the letters that somebody named by id were found.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kbeat::dlq {

/// True when `id` is the identity, or the topic/partition/offset at its end.
[[nodiscard]] bool names_letter(std::string_view id, std::string_view identity);

/// For one thread.
class NamedLetters {
 public:
  /// An id that is given twice counts once.
  explicit NamedLetters(const std::vector<std::string>& ids);

  /// A letter was found: the ids that name it are no longer missing.
  void found(std::string_view identity);
  /// In the order in which they were given.
  [[nodiscard]] const std::vector<std::string>& missing() const { return m_missing; }

 private:
  std::vector<std::string> m_missing;
};

}  // namespace kbeat::dlq
