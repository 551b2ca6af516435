// One --type condition.
#pragma once

#include <string>

#include "kbeat/model/record.hpp"

namespace kbeat::filter {

/// The record is an event (any shape that kbeat knows) of this type.
class TypeCondition {
 public:
  explicit TypeCondition(std::string type);

  [[nodiscard]] bool holds(const RecordView& record) const;

 private:
  [[nodiscard]] bool may_hold(const RecordView& record) const;

  std::string m_type;
  bool m_plain;  ///< nobody writes it with escapes in JSON
};

}  // namespace kbeat::filter
