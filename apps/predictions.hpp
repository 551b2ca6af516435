// One tool's answers about the rows of a table of truths.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "truth_rows.hpp"

namespace kbeat::app {

/// Ours answers all questions, if only by nothing; another tool those that its answers speak of.
enum class Answering { all_questions, some_questions };

class Predictions {
 public:
  /// `rows` outlives them.
  Predictions(std::string name, const TruthRows& rows, Answering answering)
      : m_name(std::move(name)),
        m_rows(&rows),
        m_tempi(answering == Answering::all_questions),
        m_keys(m_tempi),
        m_beats(m_tempi) {}

  /// What was measured of a piece of audio.
  void add(const AudioSource& source, std::string_view metrics);
  /// JSON lines with `path` and any of bpm, key and beats. Throws Error{bad_input, not_found}.
  void read(const std::filesystem::path& file);

  struct Answer {
    std::optional<double> bpm;
    std::string key;
    std::vector<double> beats;
    std::size_t agreement = 0;  ///< of its path with the row's
  };
  [[nodiscard]] const Answer* find(const Truth& truth) const;
  [[nodiscard]] const std::string& name() const { return m_name; }
  /// Whether any answer has the field, if null: a tool that never speaks of keys is not scored for them.
  [[nodiscard]] bool has_tempi() const { return m_tempi; }
  [[nodiscard]] bool has_keys() const { return m_keys; }
  [[nodiscard]] bool has_beats() const { return m_beats; }

 private:
  void add(const RowMatch& match, std::string_view metrics);

  std::string m_name;
  const TruthRows* m_rows;
  std::map<std::string, Answer> m_answers;  ///< by the row's file
  bool m_tempi, m_keys, m_beats;
};

}  // namespace kbeat::app
