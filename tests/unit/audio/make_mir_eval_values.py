#!/usr/bin/env python3
"""Writes mir_eval_values.hpp: what mir_eval says about random beats and about all pairs of keys.

  python3 -m venv v && v/bin/pip install mir_eval && v/bin/python make_mir_eval_values.py > mir_eval_values.hpp
"""

import random

import mir_eval
import numpy

NAMES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]


def beats(generator, spread, miss):
    """Returns beats of 0.5 s for 30 s, each off by up to `spread`, some missed."""
    times = [0.5 * i + generator.uniform(-spread, spread) for i in range(60) if generator.random() > miss]
    return [round(time, 3) for time in sorted(times)]


def braces(values):
    return "{" + ", ".join(f"{value:.3f}" for value in values) + "}"


def main():
    generator = random.Random(7)
    print(f"// Written by make_mir_eval_values.py with mir_eval {mir_eval.__version__}.")
    print("#pragma once\n\n#include <array>\n#include <string>\n#include <vector>\n")
    print("namespace kbeat::audio {\n\nstruct BeatCase {\n  std::vector<double> truth, found;\n  double f_measure;\n};\n")
    print("inline const std::vector<BeatCase> k_beat_cases{")
    for spread, miss in [(0.0, 0.0), (0.05, 0.1), (0.1, 0.2), (0.2, 0.0), (0.25, 0.5)]:
        truth, found = beats(generator, 0, 0), beats(generator, spread, miss)
        score = mir_eval.beat.f_measure(mir_eval.beat.trim_beats(numpy.array(truth)), mir_eval.beat.trim_beats(numpy.array(found)))
        print(f"    {{{braces(truth)}, {braces(found)}, {score:.9f}}},")
    print("};\n\nstruct KeyCase {\n  std::string truth, found;\n  double weight;\n};\n")
    print("inline const std::vector<KeyCase> k_key_cases{")
    keys = [f"{name} {mode}" for name in NAMES for mode in ("major", "minor")]
    for truth in ("C major", "C minor", "F# major", "B minor"):
        for found in keys:
            print(f'    {{"{truth}", "{found}", {mir_eval.key.weighted_score(truth, found):.1f}}},')
    print("};\n\n}  // namespace kbeat::audio")


if __name__ == "__main__":
    main()
