// Decides which letters a query wants.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kbeat/dlq/dlq_view.hpp"
#include "kbeat/filter/pattern.hpp"

namespace kbeat::dlq {

/// For one thread; the query outlives it.
class LetterFilter {
 public:
  /// Throws Error{usage} for a pattern that is none.
  explicit LetterFilter(const LetterQuery& query);
  LetterFilter(const LetterFilter&) = delete;
  LetterFilter& operator=(const LetterFilter&) = delete;

  [[nodiscard]] bool wants(const SeenLetter& letter);

 private:
  [[nodiscard]] bool wants_state(LetterState state) const;
  [[nodiscard]] bool names(const std::string& identity) const;

  const LetterQuery& m_query;
  std::optional<filter::Pattern> m_error;
  std::vector<HeaderView> m_headers;  ///< scratch
};

}  // namespace kbeat::dlq
