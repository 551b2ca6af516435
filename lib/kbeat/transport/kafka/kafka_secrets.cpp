// Recognises secrets by the names of their properties and replaces their values.
#include "kbeat/transport/kafka/kafka_secrets.hpp"

#include <algorithm>

#include "kbeat/config/kafka_properties.hpp"

namespace kbeat::transport {
namespace {

constexpr std::string_view k_mask = "***";
/// A shorter one is part of ordinary words: hiding it there would spell it out.
constexpr std::size_t k_shortest = 4;

}  // namespace

Secrets::Secrets(const Properties& properties) {
  for (const auto& [name, value] : properties) {
    if (config::is_secret_property(name) && value.size() >= k_shortest) m_values.push_back(value);
  }
  // A secret that contains another one is hidden whole.
  std::sort(m_values.begin(), m_values.end(),
            [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

std::string Secrets::hide(std::string_view text) const {
  std::string shown(text);
  for (const std::string& value : m_values) {
    for (auto at = shown.find(value); at != std::string::npos; at = shown.find(value, at + k_mask.size())) {
      shown.replace(at, value.size(), k_mask);
    }
  }
  return shown;
}

}  // namespace kbeat::transport
