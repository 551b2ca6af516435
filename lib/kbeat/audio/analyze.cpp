// Measures a piece of audio in one pass: samples in, numbers out.
#include "kbeat/audio/analyze.hpp"

#include <algorithm>
#include <cmath>

#include "kbeat/audio/beat_grid.hpp"
#include "kbeat/audio/beat_phase.hpp"
#include "kbeat/audio/beat_track.hpp"
#include "kbeat/audio/chords.hpp"
#include "kbeat/audio/downbeat.hpp"
#include "kbeat/audio/energy.hpp"
#include "kbeat/audio/key.hpp"
#include "kbeat/audio/levels.hpp"
#include "kbeat/audio/loudness.hpp"
#include "kbeat/audio/mfcc.hpp"
#include "kbeat/audio/onset.hpp"
#include "kbeat/audio/plot_collector.hpp"
#include "kbeat/audio/spectral.hpp"
#include "kbeat/audio/spectral_contrast.hpp"
#include "kbeat/audio/stft.hpp"
#include "kbeat/audio/tempo.hpp"
#include "kbeat/audio/tempo_stretches.hpp"
#include "kbeat/audio/true_peak.hpp"
#include "kbeat/base/error.hpp"

namespace kbeat::audio {
namespace {

constexpr std::size_t k_block_frames = 4'096;
constexpr double k_presence_least = 0.7;    // of a beat, under which no tempo is claimed,
constexpr double k_confidence_least = 0.3;  // and that it is this one or an octave of it
constexpr double k_anti_phase = -0.9;       // correlation of the channels
constexpr double k_dc_flagged = 0.01;
constexpr double k_least_onsets = 3.5;    // fewer are no rhythm
constexpr double k_shortest_tempo = 1.2;  // s of sound

std::optional<double> to_dbfs(double magnitude) {
  if (magnitude <= 0) return std::nullopt;
  return 20 * std::log10(magnitude);
}

/// Spectral measures that only `all` asks for.
struct ExtraMeters {
  SpectralShape shape;
  SpectralContrast contrast;
  MfccMeter mfcc;
  FrameLevels levels;
  std::vector<Lanes> magnitudes;
  Stft stft{k_spectral_size, k_spectral_hop, [this](std::span<const Lanes> power, std::size_t frames) {
              magnitudes.resize(power.size());
              std::transform(power.begin(), power.end(), magnitudes.begin(), [](Lanes p) { return sqrt(p); });
              shape.write(power, magnitudes, frames);
              contrast.write(magnitudes, frames);
              mfcc.write(power, frames);
            }};
};

}  // namespace

struct Analyzer::State {
  AnalyzeOptions options;
  int sample_rate;
  std::size_t channels;
  Deinterleaver deinterleaver;
  LevelMeter level_meter;
  LoudnessMeter loudness;
  TruePeakMeter true_peak;
  Mono22k mono;
  OnsetExtractor onsets;
  ChromaExtractor chroma;
  Stft onset_stft, chroma_stft;
  std::unique_ptr<ExtraMeters> extra;
  std::unique_ptr<PlotCollector> plot;

  State(int rate, std::size_t channel_count, const AnalyzeOptions& o)
      : options(o),
        sample_rate(rate),
        channels(channel_count),
        deinterleaver(channel_count, k_block_frames),
        level_meter(channel_count, o.full_scale),
        loudness(channel_count, rate),
        true_peak(channel_count, rate),
        mono(channel_count, rate),
        onset_stft(k_onset_size, k_onset_hop,
                   [this](auto power, auto frames) {
                     onsets.write(power, frames);
                     if (plot) plot->write_spectrum(power, frames);
                   }),
        chroma_stft(k_chroma_size, k_chroma_hop,
                    [this](auto power, auto frames) { chroma.write(power, frames); }) {
    if (o.metrics == MetricSet::all) extra = std::make_unique<ExtraMeters>();
    if (o.plot == Plot::yes) plot = std::make_unique<PlotCollector>();
  }

  void process(const Planar& block) {
    level_meter.write(block);
    loudness.write(block);
    true_peak.write(block);
    process_mono(mono.write(block));
  }

  void process_mono(std::span<const float> samples) {
    onset_stft.write(samples);
    chroma_stft.write(samples);
    if (plot) plot->write_samples(samples);
    if (!extra) return;
    extra->stft.write(samples);
    extra->levels.write(samples);
  }

  void flush() {
    if (deinterleaver.cut()) process(deinterleaver.block());
    if (deinterleaver.total_frames() == 0)
      throw Error(ErrorCode::bad_input, options.start > 0
                                            ? "there is no audio to analyze: it ends before --start"
                                            : "there is no audio to analyze: not one frame was decoded");
    process_mono(mono.finish());
    true_peak.finish();
    onset_stft.finish();
    chroma_stft.finish();
    if (extra) extra->stft.finish();
  }

  void measure_levels(Analysis& out) const {
    CoreMetrics& core = out.core;
    const Levels levels = level_meter.levels();
    core.duration = static_cast<double>(deinterleaver.total_frames()) / sample_rate;
    core.sample_rate = sample_rate;
    core.channels = static_cast<int>(channels);
    core.lufs_integrated = loudness.integrated();
    core.lra = loudness.range();
    core.sample_peak_dbfs = to_dbfs(levels.peak);
    core.true_peak_dbtp = to_dbfs(std::max(levels.peak, true_peak.peak()));
    core.rms_dbfs = to_dbfs(std::sqrt(levels.mean_square));
    if (core.rms_dbfs && core.sample_peak_dbfs) core.crest_db = *core.sample_peak_dbfs - *core.rms_dbfs;
    core.clipped_runs = levels.clipped_runs;
    core.dc_offset = levels.dc_offset;
    core.silence_head = static_cast<double>(levels.head_frames) / sample_rate;
    core.silence_tail = static_cast<double>(levels.tail_frames) / sample_rate;
    out.extra.stereo_correlation = levels.correlation;
    out.extra.stereo_width = levels.width;
    add_level_flags(core, levels);
  }

  void add_level_flags(CoreMetrics& core, const Levels& levels) const {
    const auto flag = [&core](bool condition, const char* name) {
      if (condition) core.flags.emplace_back(name);
    };
    flag(levels.head_frames == deinterleaver.total_frames(), "silent");
    flag(levels.clipped_runs > 0, "clipped");
    flag(levels.peak > 1.0, "over_full_scale");
    flag(std::abs(levels.dc_offset) > k_dc_flagged, "dc_offset");
    flag(levels.correlation && *levels.correlation < k_anti_phase, "anti_phase");
    flag(deinterleaver.bad_samples() > 0, "bad_samples");
  }

  static double seconds_of_sound(const CoreMetrics& core) {
    return core.duration - core.silence_head - core.silence_tail;
  }

  void measure_tempo(CoreMetrics& core, const OnsetTrack& track, const ChromaTrack& harmony) const {
    if (seconds_of_sound(core) < k_shortest_tempo) return;
    if (onset_rate(track) * core.duration < k_least_onsets) return;
    const OnsetCurves curves = normalise(track);
    // A loop's file holds whole beats from its first sample on; where an excerpt begins is chance.
    const bool whole_file = options.start == 0 && !options.length;
    const double loop_seconds =
        whole_file ? loop_length(core.duration, core.silence_head, core.silence_tail) : 0;
    auto tempo = estimate_tempo(curves, loop_seconds, options.tempo);
    if (!tempo) return;
    core.bpm_confidence = tempo->confidence;
    if (tempo->presence < k_presence_least || tempo->confidence < k_confidence_least) return;
    const bool loop = tempo->loop_beats > 0;
    const auto stretches = loop ? std::vector<TempoStretch>{} : find_tempo_stretches(curves, options.tempo);
    if (!stretches.empty()) {
      tempo = longest(stretches).tempo;
      core.bpm_confidence = tempo->confidence * share_of_longest(stretches);
    }
    BeatGrid grid = loop ? make_loop_grid(core.duration, tempo->loop_beats)
                         : tracked_grid(core, curves, harmony, tempo->bpm, stretches);
    if (grid.beats.empty()) core.bpm_confidence = 0;
    if (grid.beats.empty() || !is_asked_for(grid.bpm)) return;
    core.bpm = grid.bpm;
    core.bpm_raw = tempo->raw;
    core.bpm_alt = tempo->alternative;
    core.octave_confidence = tempo->octave_confidence;
    core.bpm_stability = grid.stability;
    if (grid.changes) core.flags.emplace_back("tempo_changes");
    place_bars(core, grid, find_meter(grid.beats, curves, harmony.frames));
  }

  /// Beats may drift out of the range that their tempo was chosen from, by a hair only.
  [[nodiscard]] bool is_asked_for(double bpm) const {
    constexpr double k_hair = 0.01;
    const TempoOptions whole;
    const auto& [slowest, fastest, style] = options.tempo;
    if (slowest == whole.slowest && fastest == whole.fastest) return true;
    return bpm >= slowest * (1 - k_hair) && bpm <= fastest * (1 + k_hair);
  }

  /// Its beats moved to where they are heard. Without beats when fewer than three can be tracked.
  [[nodiscard]] static BeatGrid tracked_grid(const CoreMetrics& core, const OnsetCurves& curves,
                                             const ChromaTrack& harmony, double bpm,
                                             const std::vector<TempoStretch>& stretches) {
    const Sounding sounding{core.silence_head, core.duration - core.silence_tail};
    if (!stretches.empty()) return make_stretched_grid(curves, harmony.frames, stretches, sounding);
    const auto frames = track_beats(curves.all, {0, curves.frames()}, 60 * k_onset_rate / bpm);
    if (frames.size() < 3) return {};
    BeatGrid grid = make_grid(frames, sounding);
    if (!grid.beats.empty())
      shift_beats(grid.beats, best_shift(phase_evidence(grid.beats, curves, harmony.frames)));
    return grid;
  }

  void place_bars(CoreMetrics& core, BeatGrid& grid, const Meter& meter) const {
    for (double& beat : grid.beats) beat += options.start;
    core.beats = std::move(grid.beats);
    core.first_beat = core.beats.front();
    core.beats_per_bar = meter.beats_per_bar;
    if (!meter.beats_per_bar) return;
    for (std::size_t i = meter.first; i < core.beats.size();
         i += static_cast<std::size_t>(*meter.beats_per_bar))
      core.downbeats.push_back(core.beats[i]);
  }

  static void measure_key(CoreMetrics& core, const ChromaTrack& harmony) {
    if (seconds_of_sound(core) <= 0) return;
    const KeyEstimate estimate = estimate_key(harmony);
    core.key_confidence = estimate.confidence;
    if (!estimate.key) return;
    core.key = key_name(*estimate.key);
    core.mode = estimate.key->minor ? "minor" : "major";
    core.camelot = camelot(*estimate.key);
    core.open_key = open_key(*estimate.key);
    core.tuning_hz = estimate.tuning;
    if (estimate.alternative) core.key_alt = key_name(*estimate.alternative);
  }

  /// Nothing is played where there is no key, drums above all.
  [[nodiscard]] std::vector<std::string> chords(const CoreMetrics& core, const ChromaTrack& harmony) const {
    if (!core.key || !core.tuning_hz) return std::vector<std::string>(core.downbeats.size());
    std::vector<double> bars = core.downbeats;
    for (double& bar : bars) bar -= options.start;
    return chords_of_bars(harmony, bars, 1200 * std::log2(*core.tuning_hz / 440));
  }

  void gather_plot(Analysis& out, const OnsetTrack& track, const ChromaTrack& harmony) const {
    if (!plot) return;
    out.plot = plot->finish(normalise(track), harmony, loudness.steps());
    out.plot->start = options.start;
    out.plot->seconds = out.core.duration;
  }

  /// Gives back what it was measured from: that is as much again as tempo and beats need.
  void measure_spectrum(Analysis& out) {
    if (!extra) return;
    extra->shape.summarise_into(out.extra);
    extra->contrast.summarise_into(out.extra);
    extra->mfcc.summarise_into(out.extra);
    extra->levels.summarise_into(out.extra);
    extra.reset();
  }

  void measure_extra(Analysis& out, const OnsetTrack& track, const ChromaTrack& harmony) const {
    if (options.metrics != MetricSet::all) return;
    out.extra.danceability = danceability(track.level, k_onset_rate);
    out.extra.momentary_max_lufs = loudness.momentary_max();
    out.extra.short_term_max_lufs = loudness.short_term_max();
    out.extra.dynamic_complexity = dynamic_complexity(loudness.steps());
    out.extra.energy_curve = energy_curve(track.level, k_onset_rate);
    out.extra.waveform = waveform(track.level);
    out.extra.chords = chords(out.core, harmony);
  }
};

Analyzer::Analyzer(int sample_rate, int channels, const AnalyzeOptions& options)
    : m_state(std::make_unique<State>(sample_rate, static_cast<std::size_t>(channels), options)) {}

Analyzer::~Analyzer() = default;

void Analyzer::write(std::span<const float> interleaved) {
  while (m_state->deinterleaver.take(interleaved)) m_state->process(m_state->deinterleaver.block());
}

Analysis Analyzer::finish() {
  m_state->flush();
  Analysis out;
  const OnsetTrack track = m_state->onsets.take();
  const ChromaTrack harmony = m_state->chroma.take();
  m_state->measure_spectrum(out);
  m_state->measure_levels(out);
  m_state->measure_tempo(out.core, track, harmony);
  State::measure_key(out.core, harmony);
  out.extra.onset_rate = onset_rate(track);
  out.core.energy = energy({out.core.lufs_integrated, out.extra.onset_rate, out.core.crest_db});
  m_state->measure_extra(out, track, harmony);
  m_state->gather_plot(out, track, harmony);
  return out;
}

Analysis analyze(FileReader& reader, const AnalyzeOptions& options) {
  const AudioInfo& info = reader.info();
  AnalyzeOptions how = options;
  how.full_scale = info.full_scale;
  Analyzer analyzer(info.sample_rate, info.channels, how);
  if (options.start > 0) reader.skip(options.start);
  const auto channels = static_cast<std::size_t>(info.channels);
  std::size_t left = SIZE_MAX;
  if (options.length)
    left =
        static_cast<std::size_t>(std::llround(std::max(0.0, *options.length) * info.sample_rate)) * channels;
  while (left > 0) {
    const std::span<const float> samples = reader.read();
    if (samples.empty()) break;
    const std::size_t used = std::min(left, samples.size());
    analyzer.write(samples.first(used));
    left -= left == SIZE_MAX ? 0 : used;
  }
  Analysis out = analyzer.finish();
  out.core.codec = info.codec;
  out.tags = info.tags;
  if (reader.truncated()) out.core.flags.emplace_back("truncated");
  if (reader.has_more_streams()) out.core.flags.emplace_back("more_streams");
  return out;
}

}  // namespace kbeat::audio
