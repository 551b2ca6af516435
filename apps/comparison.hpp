// Answers held against a truth that people wrote down: scores by source, and the worst answers.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audio_sources.hpp"
#include "output.hpp"

namespace kbeat::app {

/// What is known of one piece of audio; what is not known is not scored.
struct Truth {
  std::string path;    ///< relative to the table's folder
  std::string source;  ///< `all` where the table has no such column
  std::optional<double> bpm;
  std::string key;
  std::vector<double> beats;
};

/// Reads tab-separated columns under their names: path, and any of bpm, key, beats_file (a time in seconds a
/// line) and source. Throws Error{bad_input, not_found} naming file and line.
[[nodiscard]] std::vector<Truth> read_truth(const std::filesystem::path& table);

/// The truths about these pieces of audio. Throws Error{not_found} when there are none.
[[nodiscard]] std::vector<Truth> truths_about(const std::vector<AudioSource>& sources,
                                              std::vector<Truth> truths);

/// One tool's answers.
class Predictions {
 public:
  explicit Predictions(std::string name) : m_name(std::move(name)) {}

  /// `path` may be longer or shorter than the truth's: the last folder and the name decide.
  void add(const std::string& path, std::string_view metrics);
  /// JSON lines with `path` and any of bpm, key and beats. Throws Error{bad_input, not_found}.
  void read(const std::filesystem::path& file);

  struct Answer {
    std::optional<double> bpm;
    std::string key;
    std::vector<double> beats;
  };
  [[nodiscard]] const Answer* find(const std::string& path) const;
  [[nodiscard]] const std::string& name() const { return m_name; }
  /// Whether any answer has one: a tool that never names a key is not scored for keys.
  [[nodiscard]] bool has_tempi() const { return m_tempi; }
  [[nodiscard]] bool has_keys() const { return m_keys; }
  [[nodiscard]] bool has_beats() const { return m_beats; }

 private:
  std::string m_name;
  std::map<std::string, Answer> m_answers;
  bool m_tempi = false, m_keys = false, m_beats = false;
};

/// A row for each tool over everything, then for each source; percent, with 95 % confidence intervals.
[[nodiscard]] Listing score_listing(const std::vector<Truth>& truths, const std::vector<Predictions>& tools,
                                    OutputForm form);

/// The answers of one tool that are farthest from the truth, the worst first.
[[nodiscard]] Listing worst_listing(const std::vector<Truth>& truths, const Predictions& tool,
                                    std::size_t count);

}  // namespace kbeat::app
