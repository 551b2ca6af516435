// What the analysis says about a piece of audio: numbers with units, null where a thing cannot be known.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kbeat/audio/plot_data.hpp"
#include "kbeat/audio/tags.hpp"

namespace kbeat::audio {

/// Raised whenever a formula changes.
inline constexpr int k_analysis_version = 5;

/// The core metrics, named as they are printed.
struct CoreMetrics {
  double duration = 0;  ///< s
  int sample_rate = 0;  ///< Hz
  int channels = 0;
  std::string codec;
  std::optional<double> bpm;            ///< beats per minute
  std::optional<double> bpm_raw;        ///< before the octave decision
  std::optional<double> bpm_alt;        ///< the other octave
  double bpm_confidence = 0;            ///< 0 to 1
  double octave_confidence = 0;         ///< 0 to 1
  std::optional<double> bpm_stability;  ///< 0 to 1, 1 is a machine
  std::vector<double> beats;            ///< s
  std::vector<double> downbeats;        ///< s
  std::optional<int> beats_per_bar;
  std::optional<std::string> key;   ///< "C major", "F# minor" …
  std::optional<std::string> mode;  ///< major, minor
  std::optional<std::string> camelot;
  std::optional<std::string> open_key;
  double key_confidence = 0;              ///< 0 to 1
  std::optional<std::string> key_alt;     ///< the next best, as `key`
  std::optional<double> tuning_hz;        ///< of A4
  std::optional<double> lufs_integrated;  ///< LUFS, BS.1770-4
  std::optional<double> lra;              ///< LU, EBU Tech 3342
  std::optional<double> true_peak_dbtp;
  std::optional<double> sample_peak_dbfs;
  std::optional<double> rms_dbfs;
  std::optional<double> crest_db;
  std::int64_t clipped_runs = 0;
  double dc_offset = 0;
  double silence_head = 0;           ///< s
  double silence_tail = 0;           ///< s
  std::optional<double> first_beat;  ///< s
  std::optional<double> energy;      ///< 0 to 100
  std::vector<std::string> flags;
};

/// Mean, standard deviation and median over frames.
struct Statistic {
  double mean = 0;
  double sd = 0;
  double median = 0;
};

/// The extra metrics (`--metrics all`).
struct ExtraMetrics {
  std::optional<double> momentary_max_lufs;   ///< of 400 ms
  std::optional<double> short_term_max_lufs;  ///< of 3 s
  Statistic spectral_centroid;                ///< Hz
  Statistic spectral_bandwidth;               ///< Hz
  Statistic spectral_rolloff;                 ///< Hz, 0.85
  Statistic spectral_flatness;
  std::vector<Statistic> spectral_contrast;  ///< dB, 7 bands
  std::vector<Statistic> mfcc;               ///< 13
  Statistic zero_crossing_rate;
  Statistic rms;
  Statistic flux;         ///< mean rise of magnitude from frame to frame
  double onset_rate = 0;  ///< per second
  std::optional<double> danceability;
  std::optional<double> dynamic_complexity;
  std::optional<double> stereo_width;
  std::optional<double> stereo_correlation;
  std::vector<double> energy_curve;  ///< dBFS, one a second
  std::vector<double> waveform;      ///< at most 200 levels of 0 to 1
  std::vector<std::string> chords;   ///< one a bar, "Am", empty where none is clear
};

struct Analysis {
  int version = k_analysis_version;
  Tags tags;  ///< what the file says of itself
  CoreMetrics core;
  ExtraMetrics extra;
  std::optional<PlotData> plot;  ///< only when asked for
};

}  // namespace kbeat::audio
