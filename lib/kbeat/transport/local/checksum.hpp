// CRC-32C, the checksum of stored batches.
#pragma once

#include <cstdint>
#include <string_view>

namespace kbeat::transport::local {

/// The Castagnoli CRC (iSCSI, RFC 3720) with the processor's instruction where there is one.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes);

}  // namespace kbeat::transport::local
