// Cuts NAME=VALUE and looks for it.
#include "kbeat/filter/header_condition.hpp"

#include <algorithm>

#include "kbeat/base/error.hpp"

namespace kbeat::filter {

HeaderCondition::HeaderCondition(const std::string& text) {
  const std::size_t equals = text.find('=');
  m_name = text.substr(0, equals);
  if (m_name.empty()) throw Error(ErrorCode::usage, "--header: give NAME=VALUE, or NAME for any value");
  if (equals != std::string::npos) m_value = text.substr(equals + 1);
}

bool HeaderCondition::holds(std::span<const HeaderView> headers) const {
  return std::any_of(headers.begin(), headers.end(), [&](const HeaderView& header) {
    return header.name == m_name && (!m_value || header.value == *m_value);
  });
}

}  // namespace kbeat::filter
