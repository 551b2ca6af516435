#!/usr/bin/env python3
"""CPU time of whole processes that measure the same tracks: kbeat, librosa, essentia and aubio in turns.

Tracks are made with sox, four of three minutes, as WAV and as MP3. The peers are installed into a virtual environment
in build/bench; one that cannot be installed is named and left out. Each figure is the median of three rounds, one thread.
"""

import os
import pathlib
import resource
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "bench" / "audio"
SECONDS, TRACKS, ROUNDS = 180, 4, 3

LIBROSA = """
import sys, librosa, numpy
for path in sys.argv[1:]:
    y, sr = librosa.load(path, sr=22050)
    tempo, beats = librosa.beat.beat_track(y=y, sr=sr)
    chroma = librosa.feature.chroma_stft(y=y, sr=sr)
    for feature in (librosa.feature.spectral_centroid, librosa.feature.spectral_bandwidth, librosa.feature.spectral_rolloff,
                    librosa.feature.spectral_contrast, librosa.feature.mfcc):
        feature(y=y, sr=sr)
    print(path, float(numpy.atleast_1d(tempo)[0]), int(chroma.mean(axis=1).argmax()))
"""
ESSENTIA = """
import sys, essentia, essentia.standard as es
essentia.log.infoActive = False
for path in sys.argv[1:]:
    mono = es.MonoLoader(filename=path)()
    stereo = es.AudioLoader(filename=path)()[0]
    bpm = es.RhythmExtractor2013(method="multifeature")(mono)[0]
    key = es.KeyExtractor()(mono)[:2]
    print(path, bpm, key, es.LoudnessEBUR128()(stereo)[2])
"""
AUBIO = """
import sys, aubio
for path in sys.argv[1:]:
    source = aubio.source(path, 44100, 512)
    tempo = aubio.tempo("default", 1024, 512, 44100)
    read = 512
    while read == 512:
        samples, read = source()
        tempo(samples)
    print(path, tempo.get_bpm())
"""


def make_tracks():
    """Returns WAV and MP3 files of a beat with harmony, a different tempo each."""
    WORK.mkdir(parents=True, exist_ok=True)
    wavs, mp3s = [], []
    for i in range(TRACKS):
        wav, mp3 = WORK / f"track{i}.wav", WORK / f"track{i}.mp3"
        beat = 60 / (95 + 14 * i)
        if not mp3.exists():
            subprocess.run(
                ["sox", "-n", "-R", "-r", "44100", "-c", "2", "-b", "16", wav, "synth", f"{beat / 2:.4f}", "sine", "60", "fade", "0",
                 f"{beat / 2:.4f}", f"{beat / 3:.4f}", "pad", "0", f"{beat / 2:.4f}", "repeat", str(int(SECONDS / beat)),
                 "synth", "pinknoise", "mix", "gain", "-6"], check=True)
            subprocess.run(["lame", "--quiet", wav, mp3], check=True)
        wavs.append(wav)
        mp3s.append(mp3)
    return wavs, mp3s


def install(package):
    """Returns the environment's Python once `package` can be imported by it, else nothing."""
    python = WORK / "venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", WORK / "venv"], check=True)
    if subprocess.run([python, "-c", f"import {package}"], capture_output=True).returncode != 0:
        subprocess.run([python, "-m", "pip", "-q", "install", package], capture_output=True)
    return python if subprocess.run([python, "-c", f"import {package}"], capture_output=True).returncode == 0 else None


def cpu_seconds(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    one_thread = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")}
    subprocess.run([str(word) for word in command], check=True, capture_output=True, env={**os.environ, **one_thread})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def contestants():
    program = os.environ.get("KBEAT_PROGRAM", ROOT / "build" / "release" / "kbeat")
    commands = {"kbeat": [program, "-q", "analyze", "-j", "1", "--metrics", "all"]}
    for package, script in [("librosa", LIBROSA), ("essentia", ESSENTIA), ("aubio", AUBIO)]:
        python = install(package)
        if python is None:
            print(f"{package}: cannot be installed here, left out")
        else:
            commands[package] = [python, "-c", script]
    return commands


def main():
    commands = contestants()
    for kind, tracks in zip(("WAV", "MP3"), make_tracks()):
        spent = {name: [] for name in commands}
        for command in commands.values():
            cpu_seconds([*command, tracks[0]])  # what is compiled or cached once
        for _ in range(ROUNDS):
            for name, command in commands.items():
                spent[name].append(cpu_seconds([*command, *tracks]))
        ours = statistics.median(spent["kbeat"])
        for name, times in spent.items():
            median = statistics.median(times)
            print(f"{kind} {name:9} {median / TRACKS:8.3f} s CPU a track of {SECONDS} s  "
                  f"{SECONDS * TRACKS / median:7.0f} x real time  {median / ours:6.1f} x kbeat's")


if __name__ == "__main__":
    main()
