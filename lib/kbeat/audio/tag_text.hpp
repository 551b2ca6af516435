// Text of tags as UTF-8, whatever it was written in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kbeat::audio {

void append_utf8(std::string& out, std::uint32_t code);

[[nodiscard]] std::string from_latin1(std::string_view bytes);

/// What a tag says, without the blanks and zero bytes that pad it, at most 500 bytes. Bytes that are no UTF-8
/// are taken for Latin-1, as ID3v1 and the INFO of WAV have it without saying so.
[[nodiscard]] std::string tag_text(std::string_view bytes);

}  // namespace kbeat::audio
