// Chooses records by what they carry: the filters that every command with records has.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kbeat/model/record.hpp"

namespace kbeat::filter {

/// What the flags ask for; a list that is empty asks for nothing.
struct Wanted {
  std::vector<std::string> where;    ///< expressions over the JSON value (where.hpp): all must hold
  std::vector<std::string> grep;     ///< regular expressions found in the value: all of them
  std::vector<std::string> keys;     ///< the key is one of these
  std::vector<std::string> headers;  ///< NAME=VALUE, or NAME for any value: all of them
  std::vector<std::string> types;    ///< the event's type is one of these

  [[nodiscard]] bool everything() const {
    return where.empty() && grep.empty() && keys.empty() && headers.empty() && types.empty();
  }
};

/// Works on the record's bytes and keeps its scratch memory, so that a record costs no allocation. For one
/// thread; movable. The cheap conditions are looked at first.
class Filter {
 public:
  /// Lets everything pass.
  Filter();
  /// Throws Error{usage} naming the flag, what is wrong and where.
  explicit Filter(const Wanted& wanted);
  Filter(Filter&&) noexcept;
  Filter& operator=(Filter&&) noexcept;
  ~Filter();

  [[nodiscard]] bool matches(const RecordView& record);
  [[nodiscard]] bool matches(const Record& record);
  /// True when nothing was asked for.
  [[nodiscard]] bool passes_all() const { return m_conditions == nullptr; }

 private:
  struct Conditions;
  std::unique_ptr<Conditions> m_conditions;
};

/// A filter of one --where expression. Throws Error{usage}.
[[nodiscard]] Filter parse(const std::string& where);

}  // namespace kbeat::filter
