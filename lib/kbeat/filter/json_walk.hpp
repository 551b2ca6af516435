// Walks along paths in one JSON text and compares what it finds there.
#pragma once

#include <memory>
#include <string_view>

#include "kbeat/filter/where_expression.hpp"

namespace kbeat::filter {

/// Keeps a parser and a padded copy of the text. For one thread.
class JsonWalk {
 public:
  JsonWalk();
  JsonWalk(JsonWalk&&) noexcept;
  JsonWalk& operator=(JsonWalk&&) noexcept;
  ~JsonWalk();

  /// Begins with a text; false when it cannot be JSON.
  [[nodiscard]] bool open(std::string_view text);
  /// Whether something at the comparison's path satisfies it; of fields with one name the first counts.
  [[nodiscard]] bool holds(const Comparison& comparison);
  /// False when a look into the text showed that it is not JSON.
  [[nodiscard]] bool is_sound() const;

 private:
  struct State;
  std::unique_ptr<State> m_state;
};

}  // namespace kbeat::filter
