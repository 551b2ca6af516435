// A regular expression of a user's: RE2, so that no text takes it more than linear time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace kbeat::filter {

class Pattern {
 public:
  /// Throws Error{usage} that begins with `flag` when the expression is wrong.
  Pattern(std::string_view flag, std::string_view expression);
  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;
  ~Pattern();

  /// True when some part of `text` matches.
  [[nodiscard]] bool found_in(std::string_view text) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> m_compiled;
};

}  // namespace kbeat::filter
