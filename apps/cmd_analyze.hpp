// `kbeat analyze`: measures audio files.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "command.hpp"

namespace kbeat::app {

struct AnalyzeFlags {
  std::vector<std::string> audio;
  std::string metrics = "core";
  bool show_beats = false;
  bool hide_beats = false;
  std::string tempo_range;
  std::string style = "auto";
  std::string start;
  std::string length;
  std::string max_duration = "4h";
  std::size_t workers = 0;  ///< 0: as many as there are cores
  std::string output;
  bool save = false;
  std::string beat_id;
  bool in_process = false;
  std::string plot;
  std::string click;
  std::string compare;
  std::size_t worst = 20;
};

void add_analyze(CommandLine& line);
[[nodiscard]] int run_analyze(const AnalyzeFlags& flags, Context& context);

}  // namespace kbeat::app
