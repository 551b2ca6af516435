// librosa 0.11's measures of the sample, written by make_librosa_values.py.
#pragma once

#include <array>

namespace kbeat::audio::librosa {

struct Value {
  const char* name;
  double mean, sd, median;
};

inline constexpr std::array<Value, 26> k_values = {{
    {"spectral_centroid", 1540.3154, 1426.0625, 743.51387},
    {"spectral_bandwidth", 1905.9644, 1426.2892, 1716.0421},
    {"spectral_rolloff", 3569.0139, 3549.8232, 882.86133},
    {"spectral_flatness", 0.014541304, 0.033133652, 0.00014189721},
    {"zero_crossing_rate", 0.037914047, 0.027173539, 0.025878906},
    {"rms", 0.15883194, 0.05608447, 0.13896006},
    {"spectral_contrast_0", 23.934177, 7.9468754, 24.663477},
    {"spectral_contrast_1", 22.134077, 6.0421905, 23.103794},
    {"spectral_contrast_2", 26.458062, 7.5137851, 28.427005},
    {"spectral_contrast_3", 31.379377, 10.518701, 31.140651},
    {"spectral_contrast_4", 31.570646, 13.553066, 28.744117},
    {"spectral_contrast_5", 13.401325, 1.2923933, 13.376049},
    {"spectral_contrast_6", 13.389327, 1.1486448, 13.350159},
    {"mfcc_0", -246.49261, 108.63108, -296.259},
    {"mfcc_1", 137.30207, 64.169395, 148.4315},
    {"mfcc_2", 78.570496, 19.602667, 83.023109},
    {"mfcc_3", 16.214925, 6.9748539, 15.00943},
    {"mfcc_4", 11.364217, 7.7196443, 10.996168},
    {"mfcc_5", 23.057922, 8.7840099, 21.563778},
    {"mfcc_6", 21.129848, 10.101618, 18.666779},
    {"mfcc_7", 7.5863575, 10.939273, 4.4892397},
    {"mfcc_8", 0.24433914, 7.708949, -0.52700824},
    {"mfcc_9", 0.25517738, 4.0793479, 0.54904842},
    {"mfcc_10", -1.6568023, 6.9814167, 0.75926346},
    {"mfcc_11", -5.1148428, 6.0697692, -4.8939118},
    {"mfcc_12", -5.0807281, 5.5039832, -3.9260609},
}};

}  // namespace kbeat::audio::librosa
