// Makes a URL fit for messages: no credentials, no query, no control characters, not too long.
#pragma once

#include <string>
#include <string_view>

namespace kbeat::net {

/// `https://user:secret@host/a?token=x#y` becomes `https://host/a?...`. Works on any text, URL or not.
[[nodiscard]] std::string redact_url(std::string_view url);

}  // namespace kbeat::net
