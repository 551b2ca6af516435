// What people wrote down about audio: a table separated by tabs.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace kbeat::app {

/// What is known of one piece of audio; what is not known is not scored.
struct Truth {
  std::string path;    ///< as the table has it, relative to its folder
  std::string file;    ///< the path from here
  std::string source;  ///< `all` where the table has no such column
  std::optional<double> bpm;
  std::string key;
  std::vector<double> beats;  ///< seconds, in rising order
};

/// Reads tab-separated columns under their names: path, and any of bpm, key, beats_file (a time in seconds a
/// line) and source. Throws Error{bad_input, not_found} naming the file and what is wrong in it.
[[nodiscard]] std::vector<Truth> read_truth(const std::filesystem::path& table);

}  // namespace kbeat::app
