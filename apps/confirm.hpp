// Asks before something is changed or deleted.
#pragma once

#include <string>

#include "io.hpp"

namespace kbeat::app {

/// `given`: the flag --yes.
enum class Consent { ask, given };

/// Returns when the action may go on. On a terminal the question is asked (y or yes, anything else throws
/// Error{usage}); elsewhere it throws Error{usage} that names --yes.
void require_consent(Io& io, const std::string& question, Consent consent);

}  // namespace kbeat::app
