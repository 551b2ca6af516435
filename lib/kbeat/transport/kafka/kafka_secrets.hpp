// Keeps passwords and keys out of everything that can be read: logs, messages, dumps.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kbeat/transport/kafka/client_properties.hpp"

namespace kbeat::transport {

/// The values of one client that must never be seen, and a filter that hides them in any text.
class Secrets {
 public:
  explicit Secrets(const Properties& properties);
  [[nodiscard]] std::string hide(std::string_view text) const;

 private:
  std::vector<std::string> m_values;
};

}  // namespace kbeat::transport
