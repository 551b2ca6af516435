// Compares paths by the file that they lead to, then by their last names.
#include "truth_rows.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <set>
#include <system_error>

#include "kbeat/base/error.hpp"
#include "kbeat/net/file_url.hpp"

namespace kbeat::app {
namespace {

namespace fs = std::filesystem;

std::string tidy(const std::string& path) {
  return fs::path(path).lexically_normal().string();
}

/// Where a path leads to; the path itself where that cannot be told.
std::string place_of(const std::string& path) {
  std::error_code failure;
  const fs::path place = fs::weakly_canonical(fs::absolute(path, failure), failure);
  return failure ? tidy(path) : place.string();
}

std::vector<std::string> names_of(const std::string& path) {
  std::vector<std::string> names;
  for (const fs::path& name : fs::path(tidy(path))) names.push_back(name.string());
  std::reverse(names.begin(), names.end());
  return names;
}

}  // namespace

TruthRows::TruthRows(const std::vector<Truth>& truths) {
  for (const Truth& truth : truths) {
    std::error_code failure;
    Row row{.path = tidy(truth.path),
            .file = truth.file,
            .place = place_of(truth.file),
            .names = names_of(fs::absolute(truth.file, failure).string()),
            .wanted = std::min<std::size_t>(2, names_of(truth.path).size()),
            .is_there = fs::exists(truth.file, failure)};
    if (row.names.empty()) continue;
    m_by_place.emplace(row.place, m_rows.size());
    m_by_path.emplace(row.path, m_rows.size());
    m_by_name.emplace(row.names.front(), m_rows.size());
    m_rows.push_back(std::move(row));
  }
}

RowMatch TruthRows::nearest(const std::string& path, Asked asked) const {
  const Names names = names_of(path);
  RowMatch best;
  if (names.empty()) return best;
  const auto [first, end] = m_by_name.equal_range(names.front());
  for (auto at = first; at != end; ++at) {
    const Row& row = m_rows[at->second];
    if (asked == Asked::rows_without_file && row.is_there) continue;
    const auto differ = std::mismatch(row.names.begin(), row.names.end(), names.begin(), names.end());
    const auto agreement = static_cast<std::size_t>(differ.first - row.names.begin());
    if (agreement < row.wanted || agreement < best.agreement) continue;
    if (agreement > best.agreement) best = {{}, agreement};
    if (std::find(best.files.begin(), best.files.end(), row.file) == best.files.end())
      best.files.push_back(row.file);
  }
  if (best.files.size() > 1) best.files.clear();
  return best;
}

RowMatch TruthRows::about(const AudioSource& source) const {
  const std::string path =
      source.kind == AudioKind::url ? net::path_of_file_url(source.name).value_or(source.name) : source.name;
  RowMatch same{{}, SIZE_MAX};
  const auto [first, end] = m_by_place.equal_range(place_of(path));
  for (auto at = first; at != end; ++at) same.files.push_back(m_rows[at->second].file);
  return same.files.empty() ? nearest(path, Asked::rows_without_file) : same;
}

RowMatch TruthRows::meant_by(const std::string& path) const {
  RowMatch same{{}, SIZE_MAX};
  for (const auto& [rows, wanted] :
       {std::pair(&m_by_path, tidy(path)), std::pair(&m_by_place, place_of(path))}) {
    const auto [first, end] = rows->equal_range(wanted);
    for (auto at = first; at != end; ++at) same.files.push_back(m_rows[at->second].file);
    if (!same.files.empty()) return same;
  }
  return nearest(path, Asked::all_rows);
}

std::vector<Truth> truths_about(const std::vector<AudioSource>& sources, std::vector<Truth> truths) {
  const TruthRows rows(truths);
  std::set<std::string> files;
  for (const AudioSource& source : sources) {
    const RowMatch match = rows.about(source);
    files.insert(match.files.begin(), match.files.end());
  }
  std::erase_if(truths, [&](const Truth& truth) { return !files.contains(truth.file); });
  if (truths.empty())
    throw Error(ErrorCode::not_found,
                "the table of truths names none of this audio: its rows have to lead to the same files or, "
                "where they lead to none, agree in the last folder and the name");
  return truths;
}

}  // namespace kbeat::app
