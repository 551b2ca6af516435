// A search for the bytes spares most records the parsing.
#include "kbeat/filter/type_condition.hpp"

#include <algorithm>

#include "kbeat/base/error.hpp"
#include "kbeat/model/event.hpp"

namespace kbeat::filter {

TypeCondition::TypeCondition(std::string type) : m_type(std::move(type)) {
  if (m_type.empty()) throw Error(ErrorCode::usage, "--type: give the type of an event");
  m_plain = std::all_of(m_type.begin(), m_type.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

bool TypeCondition::may_hold(const RecordView& record) const {
  if (!record.value) return false;
  if (!m_plain || record.value->find(m_type) != std::string_view::npos) return true;
  if (record.value->find('\\') != std::string_view::npos) return true;
  const HeaderView* type = find_header(record.headers, "ce_type");
  return type != nullptr && type->value == m_type;
}

bool TypeCondition::holds(const RecordView& record) const {
  if (!may_hold(record) || !is_json(*record.value)) return false;
  return parse_event(record).type == m_type;
}

}  // namespace kbeat::filter
