// Which row of a table of truths a path or a URL means.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "audio_sources.hpp"
#include "truth_table.hpp"

namespace kbeat::app {

/// Files of rows, and how many names from the last one on agree with what was asked for.
struct RowMatch {
  std::vector<std::string> files;  ///< several only where links make them one
  std::size_t agreement = 0;
};

/// Does not change; for any thread.
class TruthRows {
 public:
  explicit TruthRows(const std::vector<Truth>& truths);

  /// Rows of the same file, whatever the links. A row whose file is not there is that of audio which has the
  /// same name and last folder.
  [[nodiscard]] RowMatch about(const AudioSource& source) const;

  /// Rows that another tool, which may have run elsewhere, means by this path: the same one, else the row
  /// that agrees in most of the last folders, at least in the last one and the name. None where several agree
  /// alike.
  [[nodiscard]] RowMatch meant_by(const std::string& path) const;

 private:
  using Names = std::vector<std::string>;  ///< from the last one on
  struct Row {
    std::string path, file, place;
    Names names;
    std::size_t wanted = 0;  ///< names that have to agree
    bool is_there = false;
  };
  enum class Asked { rows_without_file, all_rows };
  [[nodiscard]] RowMatch nearest(const std::string& path, Asked asked) const;

  std::vector<Row> m_rows;
  std::multimap<std::string, std::size_t> m_by_place, m_by_path, m_by_name;
};

/// The truths about these pieces of audio. Throws Error{not_found} when there are none.
[[nodiscard]] std::vector<Truth> truths_about(const std::vector<AudioSource>& sources,
                                              std::vector<Truth> truths);

}  // namespace kbeat::app
