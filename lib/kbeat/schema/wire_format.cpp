// Five bytes before the payload.
#include "kbeat/schema/wire_format.hpp"

namespace kbeat::schema {
namespace {

constexpr std::size_t k_length = 5;

}  // namespace

std::optional<Framed> read_frame(std::string_view value) {
  if (value.size() < k_length || value.front() != '\0') return std::nullopt;
  std::uint32_t id = 0;
  for (std::size_t i = 1; i < k_length; ++i) id = id << 8 | static_cast<unsigned char>(value[i]);
  return Framed{.id = static_cast<std::int32_t>(id), .payload = value.substr(k_length)};
}

std::string frame(std::int32_t id, std::string_view payload) {
  std::string framed(1, '\0');
  for (int shift = 24; shift >= 0; shift -= 8)
    framed += static_cast<char>(static_cast<std::uint32_t>(id) >> shift & 0xFF);
  framed += payload;
  return framed;
}

}  // namespace kbeat::schema
