// Opens the source of tokens that the settings choose.
#pragma once

#include <memory>

#include "kbeat/config/oauth_settings.hpp"
#include "kbeat/transport/token_source.hpp"

namespace kbeat::access {

/// Null when the settings name none. Asks for no token yet. The clock outlives it. Throws
/// Error{configuration}.
[[nodiscard]] std::shared_ptr<transport::TokenSource> open_tokens(const config::OauthSettings& settings,
                                                                  Clock& clock);

}  // namespace kbeat::access
