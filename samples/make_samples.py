#!/usr/bin/env python3
"""Synthesises the audio in samples/audio: short beats of known tempo and key, made from sine waves and noise.

  make_samples.py [FOLDER]        (default: the folder audio beside this script)

Only Python's standard library is needed; the Ogg file also needs `oggenc` (package vorbis-tools). The same
script gives the same samples: noise comes from a generator with a fixed seed. Dedicated to the public (CC0).
"""
import array
import math
import os
import random
import subprocess
import sys
import wave

RATE = 22050
SEED = 20240611


def frequency(midi):
    return 440.0 * 2.0 ** ((midi - 69) / 12.0)


class Track:
    """A mono mix into which sounds are added at times in seconds."""

    def __init__(self, seconds):
        self.samples = [0.0] * int(seconds * RATE)
        self.noise = random.Random(SEED)

    def add(self, start, sound, gain):
        first = round(start * RATE)
        for i, value in enumerate(sound[: len(self.samples) - first]):
            self.samples[first + i] += gain * value

    def kick(self, start):
        phase, sound = 0.0, []
        for i in range(int(0.25 * RATE)):
            t = i / RATE
            phase += 2 * math.pi * (48 + 110 * math.exp(-t * 40)) / RATE
            sound.append(math.sin(phase) * math.exp(-t * 14))
        self.add(start, sound, 0.55)

    def snare(self, start):
        sound = []
        for i in range(int(0.18 * RATE)):
            t = i / RATE
            tone = math.sin(2 * math.pi * 190 * t) * math.exp(-t * 30)
            sound.append(0.5 * tone + 0.6 * self.noise.uniform(-1, 1) * math.exp(-t * 22))
        self.add(start, sound, 0.35)

    def hat(self, start):
        sound, last = [], 0.0
        for i in range(int(0.06 * RATE)):
            value = self.noise.uniform(-1, 1)
            sound.append((value - last) * math.exp(-i / RATE * 90))
            last = value
        self.add(start, sound, 0.10)

    def tone(self, start, seconds, midi, gain, overtones):
        sound, base = [], 2 * math.pi * frequency(midi)
        for i in range(int(seconds * RATE)):
            t = i / RATE
            envelope = min(1.0, t / 0.008, (seconds - t) / 0.02) * math.exp(-t * 1.2)
            wave_sum = sum(math.sin(base * (k + 1) * t) / (k + 1) for k in range(overtones))
            sound.append(envelope * wave_sum)
        self.add(start, sound, gain)

    def pcm(self):
        peak = max(abs(s) for s in self.samples)
        values = array.array("h", (round(s / peak * 0.89 * 32767) for s in self.samples))
        if sys.byteorder == "big":
            values.byteswap()
        return values.tobytes()


def beat(bpm, seconds, chords, scale_bass):
    """Four on the bar: kick on 1 and 3, snare on 2 and 4, hats on eighths, a chord and a bass a bar."""
    track, spb = Track(seconds), 60.0 / bpm
    for n in range(int(seconds / spb)):
        start = n * spb
        (track.kick if n % 2 == 0 else track.snare)(start)
        track.hat(start)
        track.hat(start + spb / 2)
        chord = chords[n // 4 % len(chords)]
        root = scale_bass[n // 4 % len(scale_bass)]
        track.tone(start, spb * 0.45, root, 0.22, 4)
        track.tone(start + spb / 2, spb * 0.4, root, 0.16, 4)
        if n % 2 == 0:
            for midi in chord:
                track.tone(start, spb * 1.9, midi, 0.07, 5)
    return track


def write_wav(path, pcm):
    with wave.open(path, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(pcm)


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "audio")
    os.makedirs(folder, exist_ok=True)
    # A minor: Am F Dm E, the leading note G# in the last chord.
    minor = beat(120, 12, [(57, 60, 64), (57, 60, 65), (57, 62, 65), (56, 59, 64)], [33, 41, 38, 40])
    write_wav(os.path.join(folder, "beat-120-a-minor.wav"), minor.pcm())
    # C major: C F G C.
    major = beat(90, 16, [(60, 64, 67), (60, 65, 69), (59, 62, 67), (60, 64, 67)], [36, 41, 43, 36])
    wav = os.path.join(folder, "beat-90-c-major.wav")
    write_wav(wav, major.pcm())
    subprocess.run(
        ["oggenc", "-Q", "-q", "4", "-s", "1", "-t", "Ninety in C", "-a", "kbeat samples",
         "-o", os.path.join(folder, "beat-90-c-major.ogg"), wav], check=True)
    os.remove(wav)
    with open(os.path.join(folder, "not-audio.mp3"), "w", encoding="utf-8") as out:
        out.write("This is a text file with the name of a song. Nothing can be measured in it.\n")


if __name__ == "__main__":
    main()
