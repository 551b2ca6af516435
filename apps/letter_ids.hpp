// Accounts for the letters that were named by id: why some of them are not there.
#pragma once

#include "cmd_dlq.hpp"
#include "dlq_source.hpp"
#include "kbeat/dlq/named_letters.hpp"

namespace kbeat::app {

enum class IdsFound { all, some };

/// What was looked for.
struct LetterSearch {
  const LetterFlags& flags;
  const dlq::LetterQuery& query;
  bool none = false;     ///< no letter was found at all
  bool all_read = true;  ///< false: a limit was reached, so that letters may have been passed over
};

/// Says on stderr of each missing id that no letter has it, or how its letter does not match. Throws
/// Error{not_found} that says the last of it when nothing was found.
IdsFound tell_missing(const dlq::NamedLetters& named, const LetterSearch& search, const DlqPlace& place,
                      Context& context);

}  // namespace kbeat::app
