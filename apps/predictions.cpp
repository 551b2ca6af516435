// Gives each answer to the row that it is about.
#include "predictions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "json_numbers.hpp"
#include "kbeat/base/error.hpp"
#include "kbeat/handlers/body_reader.hpp"

namespace kbeat::app {

void Predictions::add(const RowMatch& match, std::string_view metrics) {
  handlers::BodyReader reader(metrics);
  Answer answer{.bpm = reader.optional_number("bpm"),
                .key = reader.optional_text("key"),
                .beats = {},
                .agreement = match.agreement};
  for (const handlers::BodyField& field : reader.fields()) {
    m_tempi = m_tempi || field.name == "bpm";
    m_keys = m_keys || field.name == "key";
    m_beats = m_beats || field.name == "beats";
    if (field.name == "beats") answer.beats = number_values(field.json);
  }
  std::sort(answer.beats.begin(), answer.beats.end());
  for (const std::string& file : match.files) {
    const auto [place, is_new] = m_answers.try_emplace(file, answer);
    if (!is_new && place->second.agreement < answer.agreement) place->second = answer;
  }
}

void Predictions::add(const AudioSource& source, std::string_view metrics) {
  add(m_rows->about(source), metrics);
}

void Predictions::read(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw Error(ErrorCode::not_found, fmt::format("cannot read {}", file.string()));
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line.empty()) continue;
    handlers::BodyReader reader(line);
    const std::string path = reader.text("path", 8192);
    if (reader.rejection()) {
      throw Error(ErrorCode::bad_input,
                  fmt::format("{}:{}: {}", file.string(), number, reader.rejection()->reason));
    }
    add(m_rows->meant_by(path), line);
  }
}

const Predictions::Answer* Predictions::find(const Truth& truth) const {
  const auto found = m_answers.find(truth.file);
  return found == m_answers.end() ? nullptr : &found->second;
}

}  // namespace kbeat::app
