// Cuts a stream of mono samples into windowed frames and hands on their power spectra, a batch of lanes at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "kbeat/audio/lanes_fft.hpp"

namespace kbeat::audio {

/// Frame t is centred on sample t·hop, with zeros before the first and after the last sample; there are
/// 1 + samples/hop frames. The batches do not depend on how the samples were cut into blocks.
class Stft {
 public:
  /// Gets bins × k_lanes frames of squared magnitude, not scaled, and how many of them are in use
  /// (fewer than all only in the last batch).
  using Consumer = std::function<void(std::span<const Lanes> power, std::size_t frames)>;

  /// A periodic Hann window of `size` samples (a power of two).
  Stft(std::size_t size, std::size_t hop, Consumer consumer);

  void write(std::span<const float> samples);
  /// Call once, after the last sample.
  void finish();

  [[nodiscard]] std::size_t bins() const { return m_fft.bins(); }
  /// The sum of the window: the magnitude of a full-scale cosine is half of it.
  [[nodiscard]] double window_sum() const { return static_cast<double>(m_window.size()) / 2; }

 private:
  void run_batch(const float* start, std::size_t frames);
  void drop(std::size_t samples);

  std::size_t m_hop;
  Consumer m_consumer;
  LanesFft m_fft;
  std::vector<float> m_window;
  std::vector<float> m_pending;  ///< from the start of the next frame on
  std::vector<Lanes> m_power;
  std::uint64_t m_samples = 0, m_done = 0;
};

}  // namespace kbeat::audio
