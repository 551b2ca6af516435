// Sample levels of the file as it is: peak, RMS, offset, clipping, silence at the ends, stereo.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "kbeat/audio/planar.hpp"

namespace kbeat::audio {

struct Levels {
  double peak = 0;                    ///< largest magnitude, 1 is full scale
  double mean_square = 0;             ///< over all channels
  double dc_offset = 0;               ///< mean of the channel where it is largest
  std::int64_t clipped_runs = 0;      ///< three and more samples at full scale in a row
  std::uint64_t head_frames = 0;      ///< before the first sample over -60 dBFS; all when there is none
  std::uint64_t tail_frames = 0;      ///< after the last one
  std::optional<double> correlation;  ///< of the first two channels, -1 to 1
  std::optional<double> width;        ///< side over mid energy as side/(mid+side), 0 mono, 1 anti-phase
};

class LevelMeter {
 public:
  /// `full_scale` is the largest positive sample that the source's numbers can hold.
  explicit LevelMeter(std::size_t channels, double full_scale = 1);

  void write(const Planar& block);
  [[nodiscard]] Levels levels() const;

 private:
  struct Channel {
    double sum = 0, sum_of_squares = 0;
    float peak = 0;
    int run = 0;  ///< samples at full scale so far
  };
  void measure(Channel& channel, const std::vector<float>& samples);
  void count_clipping(Channel& channel, const float* samples, std::size_t count);
  void mark_sound(const float* samples, std::size_t first, std::size_t count);
  void correlate(const std::vector<float>& left, const std::vector<float>& right);

  std::vector<Channel> m_channels;
  float m_full_scale;
  double m_cross = 0;
  std::int64_t m_clipped_runs = 0;
  std::uint64_t m_frames = 0, m_first_sound = UINT64_MAX, m_last_sound = 0;
};

}  // namespace kbeat::audio
