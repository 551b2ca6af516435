// The transform of four frames at once against kissfft.
#include <kiss_fftr.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "kbeat/audio/lanes_fft.hpp"
#include "kbeat/base/handle.hpp"
#include "synth.hpp"

using namespace kbeat::audio;

TEST_CASE("four frames are transformed at once as kissfft does one", "[audio][fft]") {
  for (const std::size_t size : {8u, 16u, 256u, 1024u, 2048u, 4096u}) {
    const auto noise = synth::noise(1, 1, static_cast<double>(4 * size), 11);
    std::vector<Lanes> frames(size);
    for (std::size_t lane = 0; lane < k_lanes; ++lane)
      for (std::size_t i = 0; i < size; ++i) frames[i].set(lane, noise[lane * size + i]);
    LanesFft fft(size);
    std::vector<Lanes> real(fft.bins()), imaginary(fft.bins()), power(fft.bins());
    std::copy(frames.begin(), frames.end(), fft.input().begin());
    fft.transform(real, imaginary);
    std::copy(frames.begin(), frames.end(), fft.input().begin());
    fft.power(power);
    const kbeat::Handle<kiss_fftr_state, kiss_fft_free> plan(
        kiss_fftr_alloc(static_cast<int>(size), 0, nullptr, nullptr));
    std::vector<kiss_fft_cpx> expected(fft.bins());
    const double tolerance = 1e-5 * static_cast<double>(size);
    for (std::size_t lane = 0; lane < k_lanes; ++lane) {
      kiss_fftr(plan.get(), &noise[lane * size], expected.data());
      double worst = 0;
      for (std::size_t k = 0; k < fft.bins(); ++k) {
        const auto re = static_cast<double>(real[k][lane]), im = static_cast<double>(imaginary[k][lane]);
        worst = std::max(worst, std::hypot(re - static_cast<double>(expected[k].r),
                                           im - static_cast<double>(expected[k].i)));
        worst = std::max(worst, std::abs(static_cast<double>(power[k][lane]) - re * re - im * im) /
                                    (1 + re * re + im * im));
      }
      CAPTURE(size, lane);
      CHECK(worst < tolerance);
    }
  }
}

TEST_CASE("the binary logarithm of four floats is good to 2e-5", "[audio][fft]") {
  for (float x = 1e-12F; x < 1e12F; x *= 1.37F) {
    const Lanes found = log2(Lanes{{x, x * 1.1F, x * 1.2F, x * 1.3F}});
    CHECK(std::abs(found[0] - std::log2(x)) < 2e-5F * std::max(1.0F, std::abs(found[0])));
    CHECK(std::abs(found[3] - std::log2(x * 1.3F)) < 2e-5F * std::max(1.0F, std::abs(found[3])));
  }
}
