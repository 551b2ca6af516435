// A temporary file, an editor in the foreground, and what it left.
#include "letter_editor.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fcntl.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <vector>

#include "kbeat/base/descriptor.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/base/scratch_folder.hpp"
#include "kbeat/model/event.hpp"

namespace kbeat::app {
namespace {

/// The value as a file in a folder of its own; both are gone with it.
class ScratchFile {
 public:
  ScratchFile(const std::filesystem::path& data_dir, std::string_view content)
      : m_folder(data_dir), m_path((m_folder.path() / "letter.json").string()) {
    const Descriptor file(::open(m_path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (file.number() < 0 ||
        ::write(file.number(), content.data(), content.size()) != static_cast<ssize_t>(content.size())) {
      throw Error(ErrorCode::io, fmt::format("cannot write {}: {}", m_path, std::strerror(errno)));
    }
  }
  [[nodiscard]] const std::string& path() const { return m_path; }
  [[nodiscard]] std::string read() const {
    std::ifstream file(m_path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  ScratchFolder m_folder;
  std::string m_path;
};

/// The variable's words: an editor may have arguments.
std::vector<std::string> editor_words() {
  for (const char* name : {"VISUAL", "EDITOR"}) {
    const char* set = std::getenv(name);
    if (set == nullptr) continue;
    std::istringstream text(set);
    std::vector<std::string> words{std::istream_iterator<std::string>(text), {}};
    if (!words.empty()) return words;
  }
  return {"vi"};
}

/// In our own process group, so that it owns the terminal as we do. Returns its exit status.
int run_in_foreground(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigemptyset(&signals);
  posix_spawnattr_setsigmask(&attributes, &signals);
  sigfillset(&signals);
  posix_spawnattr_setsigdefault(&attributes, &signals);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  const int error =
      posix_spawnp(&pid, words.front().c_str(), nullptr, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    throw Error(ErrorCode::usage, fmt::format("cannot start the editor {}: {}; set EDITOR",
                                              escape_for_terminal(words.front(), 200), std::strerror(error)));
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

std::optional<Bytes> edit_in_editor(const std::filesystem::path& data_dir,
                                    const std::optional<Bytes>& value) {
  const ScratchFile file(data_dir, value.value_or(""));
  std::vector<std::string> words = editor_words();
  words.push_back(file.path());
  const int status = run_in_foreground(words);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw Error(ErrorCode::bad_input, "the editor failed, so the letter stays as it is");
  Bytes edited = file.read();
  // Editors end a file with a newline, whether the value had one or not.
  const bool had_newline = value && value->ends_with('\n');
  if (!had_newline && edited.ends_with('\n')) edited.pop_back();
  if (edited == value.value_or("")) return std::nullopt;
  std::string reason;
  if (value && is_json(*value) && !is_json(edited, &reason)) {
    throw Error(ErrorCode::bad_input, fmt::format("what was edited is no JSON any more: {}", reason));
  }
  return edited;
}

}  // namespace kbeat::app
