// Walks folders, expands patterns and opens what they name.
#include "audio_sources.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <glob.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <span>
#include <system_error>

#include "kbeat/base/error.hpp"
#include "kbeat/base/escape.hpp"
#include "kbeat/net/redact_url.hpp"
#include "kbeat/net/temporary_file.hpp"

namespace kbeat::app {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 13> k_suffixes{".wav", ".wave", ".rf64", ".flac", ".mp3",
                                                      ".mp2", ".mpga", ".ogg",  ".oga",  ".opus",
                                                      ".aif", ".aiff", ".aifc"};
constexpr std::uint64_t k_longest_stream = 4ull << 30;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

bool looks_like_audio(const fs::path& path) {
  const std::string name = path.filename().string();
  const std::string suffix = lower(path.extension().string());
  return !name.starts_with('.') &&
         std::find(k_suffixes.begin(), k_suffixes.end(), suffix) != k_suffixes.end();
}

std::vector<std::string> files_below(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code failure;
  auto entry =
      fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied, failure);
  for (; !failure && entry != fs::recursive_directory_iterator(); entry.increment(failure)) {
    std::error_code unreadable;
    if (entry->is_directory(unreadable) && entry->path().filename().string().starts_with('.')) {
      entry.disable_recursion_pending();
    } else if (entry->is_regular_file(unreadable) && looks_like_audio(entry->path())) {
      files.push_back(entry->path().string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// A pipe or a device is read when it is named, not when a pattern happens to fit it.
bool holds_files(const char* path) {
  std::error_code missing;
  const fs::file_status status = fs::status(path, missing);
  return !fs::exists(status) || fs::is_regular_file(status) || fs::is_directory(status);
}

std::vector<std::string> matches_of(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> matches;
  if (glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    std::copy_if(found.gl_pathv, found.gl_pathv + found.gl_pathc, std::back_inserter(matches), holds_files);
  }
  globfree(&found);
  return matches;
}

bool is_url(const std::string& word) {
  const std::size_t colon = word.find("://");
  return (colon != std::string::npos && colon > 0) || word.starts_with("file:");
}

void add_path(const std::string& path, std::vector<AudioSource>& sources) {
  std::error_code missing;
  const std::vector<std::string> below =
      fs::is_directory(path, missing) ? files_below(path) : std::vector<std::string>{};
  for (const std::string& file : below) sources.push_back({AudioKind::file, file});
  if (below.empty()) sources.push_back({AudioKind::file, path});
}

Error cannot_read(int error) {
  return {error == ENOENT || error == ENOTDIR ? ErrorCode::not_found : ErrorCode::io,
          fmt::format("cannot be read: {}", std::strerror(error))};
}

/// Waits for something to read, the end included.
void await_input(int descriptor, const std::stop_token& stop) {
  constexpr int k_look_for_stop = 100;  // ms
  pollfd waited{descriptor, POLLIN, 0};
  while (!stop.stop_requested() && ::poll(&waited, 1, k_look_for_stop) == 0) {
  }
  if (stop.stop_requested()) throw Error(ErrorCode::interrupted, "stopped before its end was read");
}

/// As much as there is, 0 at the end.
std::size_t read_some(int descriptor, std::span<char> into, const std::stop_token& stop) {
  for (;;) {
    await_input(descriptor, stop);
    const ssize_t got = ::read(descriptor, into.data(), into.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EAGAIN && errno != EINTR) throw cannot_read(errno);
  }
}

void write_whole(int descriptor, std::string_view bytes) {
  if (::write(descriptor, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size())) return;
  throw Error(ErrorCode::no_space, "cannot be copied to a temporary file: the disk is full");
}

/// A regular file with all that comes.
net::FetchedFile copy_of(int from, const std::stop_token& stop) {
  std::error_code failure;
  const fs::path folder = fs::temp_directory_path(failure);
  net::FetchedFile copy = net::make_temporary_file(failure ? fs::path("/tmp") : folder);
  std::array<char, 65536> block;
  std::uint64_t total = 0;
  while (const std::size_t got = read_some(from, block, stop)) {
    total += got;
    if (total > k_longest_stream) {
      throw Error(ErrorCode::too_large, fmt::format("is longer than {} GiB", k_longest_stream >> 30));
    }
    write_whole(copy.descriptor(), {block.data(), got});
  }
  return copy;
}

/// A device has no end, and a terminal no audio.
net::FetchedFile whole_of(net::FetchedFile file, const std::stop_token& stop) {
  struct stat status {};
  if (::fstat(file.descriptor(), &status) != 0) throw cannot_read(errno);
  if (S_ISREG(status.st_mode) && ::lseek(file.descriptor(), 0, SEEK_CUR) == 0) return file;
  if (S_ISDIR(status.st_mode)) throw Error(ErrorCode::not_found, "there is no audio file in this folder");
  if (::isatty(file.descriptor()) == 1)
    throw Error(ErrorCode::usage, "this is a terminal: pipe audio in, or name a file");
  if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode))
    throw Error(ErrorCode::bad_input, "this is a device, not a file with audio");
  return copy_of(file.descriptor(), stop);
}

/// A pipe that nobody writes to yet is opened at once and waited for later, where a signal ends the waiting.
net::FetchedFile open_file(const std::string& path, const std::stop_token& stop) {
  net::FetchedFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.descriptor() < 0) throw cannot_read(errno);
  return whole_of(std::move(file), stop);
}

net::FetchedFile open_input(int input, const std::stop_token& stop) {
  net::FetchedFile file(::fcntl(input, F_DUPFD_CLOEXEC, 0));
  if (file.descriptor() < 0) throw cannot_read(errno);
  return whole_of(std::move(file), stop);
}

}  // namespace

std::vector<AudioSource> find_audio(const std::vector<std::string>& words) {
  std::vector<AudioSource> sources;
  for (const std::string& word : words) {
    std::error_code missing;
    if (word == "-") {
      sources.push_back({AudioKind::input, word});
    } else if (is_url(word)) {
      sources.push_back({AudioKind::url, word});
    } else if (fs::exists(word, missing) || word.find_first_of("*?[") == std::string::npos) {
      add_path(word, sources);
    } else {
      const std::vector<std::string> matches = matches_of(word);
      for (const std::string& match : matches) add_path(match, sources);
      if (matches.empty()) sources.push_back({AudioKind::file, word});
    }
  }
  return sources;
}

std::string shown_name(const AudioSource& source) {
  return source.kind == AudioKind::url ? net::redact_url(source.name) : source.name;
}

net::FetchedFile open_audio(const AudioSource& source, int input, net::Downloader& downloader,
                            std::stop_token stop) {
  if (source.kind == AudioKind::input) return open_input(input, stop);
  if (source.kind == AudioKind::file) return open_file(source.name, stop);
  net::Fetched fetched = downloader.fetch(source.name, SteadyTime::max(), std::move(stop));
  if (auto* failure = std::get_if<net::FetchFailure>(&fetched)) throw failure->error;
  return std::get<net::FetchedFile>(std::move(fetched));
}

}  // namespace kbeat::app
