"""Audio files for tests, made from nothing: a beat of known tempo and key, in any format that the tools write."""

import array
import math
import random
import subprocess
import wave

RATE = 22050


def beat(seconds=12.0, bpm=120.0, chord=(57, 60, 64), seed=1):
    """Returns mono samples of -1 to 1: a kick on each beat, a snare on each second one, a chord (MIDI notes)."""
    noise = random.Random(seed)
    samples = [0.0] * int(seconds * RATE)
    for i in range(len(samples)):
        samples[i] = sum(0.1 * math.sin(2 * math.pi * 440 * 2 ** ((note - 69) / 12) * i / RATE) for note in chord)
    number, period = 0, 60 * RATE / bpm
    while number * period < len(samples):
        first = round(number * period)
        for i in range(min(2500, len(samples) - first)):
            t = i / RATE
            samples[first + i] += 0.5 * math.sin(2 * math.pi * 55 * t) * math.exp(-t * 20)
            if number % 2:
                samples[first + i] += 0.3 * noise.uniform(-1, 1) * math.exp(-t * 30)
        number += 1
    return samples


def write_wav(path, samples, rate=RATE):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(array.array("h", (round(max(-1, min(1, x)) * 32767) for x in samples)).tobytes())
    return path


def convert(source, target, *options):
    """Writes `source` in the format of the suffix of `target`, with options of the tool that does it."""
    tools = {".flac": ["flac", "--silent", "--force", *options, "-o", target, source],
             ".mp3": ["lame", "--quiet", *options, source, target]}
    command = tools.get(target.suffix, ["sox", source, *options, target])
    subprocess.run([str(word) for word in command], check=True, capture_output=True)
    return target
