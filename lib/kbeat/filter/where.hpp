// One --where expression, ready to be asked about values.
#pragma once

#include <memory>
#include <string_view>

namespace kbeat::filter {

/// Reads a value only as far as the expression needs, without allocating. A value that is not JSON satisfies
/// no expression. A comparison with a field that is not there, or has another type than the literal, does not
/// hold; != and `not` hold where their opposites do not. For one thread.
class Where {
 public:
  /// Throws Error{usage} saying what is wrong and where.
  explicit Where(std::string_view expression);
  Where(Where&&) noexcept;
  Where& operator=(Where&&) noexcept;
  ~Where();

  [[nodiscard]] bool holds(std::string_view value);

 private:
  struct Parts;
  std::unique_ptr<Parts> m_parts;
};

}  // namespace kbeat::filter
