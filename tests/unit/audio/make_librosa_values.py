#!/usr/bin/env python3
"""Writes librosa_values.hpp beside this script: librosa 0.11's measures of samples/audio/beat-120-a-minor.wav.

  pip install librosa==0.11.0 && make_librosa_values.py

The file is 22,050 Hz mono, so that nothing is resampled on the way.
"""
import os

import librosa
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLE = os.path.join(HERE, "..", "..", "..", "samples", "audio", "beat-120-a-minor.wav")


def main():
    y, _ = librosa.load(SAMPLE, sr=None, mono=True)
    magnitude = np.abs(librosa.stft(y, n_fft=2048, hop_length=512))
    measures = {
        "spectral_centroid": librosa.feature.spectral_centroid(S=magnitude),
        "spectral_bandwidth": librosa.feature.spectral_bandwidth(S=magnitude),
        "spectral_rolloff": librosa.feature.spectral_rolloff(S=magnitude, roll_percent=0.85),
        "spectral_flatness": librosa.feature.spectral_flatness(S=magnitude),
        "zero_crossing_rate": librosa.feature.zero_crossing_rate(y),
        "rms": librosa.feature.rms(y=y),
        # No feature of librosa's: the mean over bins of what rose since the frame before, none in the first.
        "flux": np.maximum(0, np.diff(magnitude, axis=1, prepend=magnitude[:, :1])).mean(axis=0),
    }
    for b, row in enumerate(librosa.feature.spectral_contrast(S=magnitude)):
        measures[f"spectral_contrast_{b}"] = row
    for c, row in enumerate(librosa.feature.mfcc(y=y, n_mfcc=13)):
        measures[f"mfcc_{c}"] = row
    with open(os.path.join(HERE, "librosa_values.hpp"), "w", encoding="utf-8") as out:
        out.write("// librosa 0.11's measures of the sample, written by make_librosa_values.py.\n#pragma once\n\n")
        out.write("#include <array>\n\nnamespace kbeat::audio::librosa {\n\n")
        out.write("struct Value {\n  const char* name;\n  double mean, sd, median;\n};\n\n")
        out.write(f"inline constexpr std::array<Value, {len(measures)}> k_values = {{{{\n")
        for name, values in measures.items():
            v = np.asarray(values, dtype=np.float64)
            out.write(f'    {{"{name}", {v.mean():.8g}, {v.std():.8g}, {np.median(v):.8g}}},\n')
        out.write("}};\n\n}  // namespace kbeat::audio::librosa\n")


if __name__ == "__main__":
    main()
