// Ids are compared with the ends of identities.
#include "kbeat/dlq/named_letters.hpp"

#include <algorithm>

namespace kbeat::dlq {

bool names_letter(std::string_view id, std::string_view identity) {
  if (!identity.ends_with(id)) return false;
  const std::size_t before = identity.size() - id.size();
  return before == 0 || identity[before - 1] == '/';
}

NamedLetters::NamedLetters(const std::vector<std::string>& ids) {
  for (const std::string& id : ids) {
    if (std::find(m_missing.begin(), m_missing.end(), id) == m_missing.end()) m_missing.push_back(id);
  }
}

void NamedLetters::found(std::string_view identity) {
  std::erase_if(m_missing, [identity](const std::string& id) { return names_letter(id, identity); });
}

}  // namespace kbeat::dlq
