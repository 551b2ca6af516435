// Asks before something is changed or deleted.
#include "confirm.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "kbeat/base/error.hpp"

namespace kbeat::app {
namespace {

std::string read_answer(int descriptor) {
  std::string answer;
  for (char c = 0; read(descriptor, &c, 1) == 1 && c != '\n';) answer += c;
  return answer;
}

}  // namespace

void require_consent(Io& io, const std::string& question, Consent consent) {
  if (consent == Consent::given) return;
  if (!io.in_is_terminal()) {
    throw Error(ErrorCode::usage,
                fmt::format("{} Nobody can be asked here: give --yes, or --dry-run to see", question));
  }
  io.say(question + " [y/N]");
  const std::string answer = read_answer(io.in());
  if (answer == "y" || answer == "yes") return;
  throw Error(ErrorCode::usage, "nothing was changed");
}

}  // namespace kbeat::app
