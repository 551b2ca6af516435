// Puts the conditions together, the cheap ones first.
#include "kbeat/filter/filter.hpp"

#include <algorithm>

#include "kbeat/filter/header_condition.hpp"
#include "kbeat/filter/pattern.hpp"
#include "kbeat/filter/type_condition.hpp"
#include "kbeat/filter/where.hpp"

namespace kbeat::filter {

struct Filter::Conditions {
  std::vector<std::string> keys;
  std::vector<HeaderCondition> headers;
  std::vector<Pattern> greps;
  std::vector<TypeCondition> types;
  std::vector<Where> wheres;

  [[nodiscard]] bool has_key(const RecordView& record) const {
    return keys.empty() || (record.key && std::find(keys.begin(), keys.end(), *record.key) != keys.end());
  }
  [[nodiscard]] bool has_headers(const RecordView& record) const {
    return std::all_of(headers.begin(), headers.end(),
                       [&](const HeaderCondition& condition) { return condition.holds(record.headers); });
  }
  [[nodiscard]] bool has_type(const RecordView& record) const {
    return types.empty() || std::any_of(types.begin(), types.end(), [&](const TypeCondition& condition) {
             return condition.holds(record);
           });
  }
  [[nodiscard]] bool has_value(const RecordView& record) {
    if (greps.empty() && wheres.empty()) return true;
    if (!record.value) return false;
    return std::all_of(greps.begin(), greps.end(),
                       [&](const Pattern& pattern) { return pattern.found_in(*record.value); }) &&
           std::all_of(wheres.begin(), wheres.end(),
                       [&](Where& where) { return where.holds(*record.value); });
  }
};

Filter::Filter() = default;
Filter::Filter(Filter&&) noexcept = default;
Filter& Filter::operator=(Filter&&) noexcept = default;
Filter::~Filter() = default;

Filter::Filter(const Wanted& wanted) {
  if (wanted.everything()) return;
  m_conditions = std::make_unique<Conditions>();
  m_conditions->keys = wanted.keys;
  for (const std::string& header : wanted.headers) m_conditions->headers.emplace_back(header);
  for (const std::string& grep : wanted.grep) m_conditions->greps.emplace_back("--grep", grep);
  for (const std::string& type : wanted.types) m_conditions->types.emplace_back(type);
  for (const std::string& where : wanted.where) m_conditions->wheres.emplace_back(where);
}

bool Filter::matches(const RecordView& record) {
  if (m_conditions == nullptr) return true;
  return m_conditions->has_key(record) && m_conditions->has_headers(record) &&
         m_conditions->has_type(record) && m_conditions->has_value(record);
}

bool Filter::matches(const Record& record) {
  return matches(RecordLoan(record).view());
}

Filter parse(const std::string& where) {
  return Filter({.where = {where}, .grep = {}, .keys = {}, .headers = {}, .types = {}});
}

}  // namespace kbeat::filter
