// A record's headers as one column: order, duplicates and nulls kept.
#include "kbeat/store/header_bytes.hpp"

#include <cstdint>
#include <limits>

#include "kbeat/base/error.hpp"

namespace kbeat::store {
namespace {

constexpr std::uint32_t k_null = std::numeric_limits<std::uint32_t>::max();

void append_length(std::string& out, std::uint32_t length) {
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(length >> shift & 0xFF);
}

/// Takes pieces off the front.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : m_rest(bytes) {}

  [[nodiscard]] bool done() const { return m_rest.empty(); }

  std::uint32_t length() {
    const std::string_view four = bytes(4);
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < four.size(); ++i) {
      value |= static_cast<std::uint32_t>(static_cast<unsigned char>(four[i])) << (8 * i);
    }
    return value;
  }

  std::string_view bytes(std::size_t count) {
    if (count > m_rest.size())
      throw Error(ErrorCode::database, "a row's headers are damaged: restore a backup");
    const std::string_view piece = m_rest.substr(0, count);
    m_rest.remove_prefix(count);
    return piece;
  }

 private:
  std::string_view m_rest;
};

}  // namespace

std::string encode_headers(std::span<const Header> headers) {
  std::string out;
  for (const Header& header : headers) {
    append_length(out, static_cast<std::uint32_t>(header.name.size()));
    out += header.name;
    append_length(out, header.value ? static_cast<std::uint32_t>(header.value->size()) : k_null);
    if (header.value) out += *header.value;
  }
  return out;
}

std::vector<Header> decode_headers(std::string_view bytes) {
  std::vector<Header> headers;
  for (Reader reader(bytes); !reader.done();) {
    Header header;
    header.name = reader.bytes(reader.length());
    const std::uint32_t length = reader.length();
    if (length != k_null) header.value = reader.bytes(length);
    headers.push_back(std::move(header));
  }
  return headers;
}

}  // namespace kbeat::store
