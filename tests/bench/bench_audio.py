#!/usr/bin/env python3
"""CPU time of whole processes that measure the same tracks: kbeat and the usual tools in turns, one thread each.

  bench_audio.py [TRACKS]      (30 unless told otherwise)

Tracks of three to five minutes are made by a script, as WAV and as MP3. The peers are installed into a virtual environment
in build/bench; one that cannot be installed is named and left out. kbeat is held against librosa with all metrics, against
the others with the core. At the end: what a second core gives, what an hour takes, and where the time goes.
"""

import os
import pathlib
import random
import resource
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "bench" / "audio"
PROGRAM = os.environ.get("KBEAT_PROGRAM", ROOT / "build" / "release" / "kbeat")
STAGES = ROOT / "build" / "bench" / "stages"

# A beat with bass, chords and noise, stereo, 44.1 kHz: arguments are a file, seconds, bpm and a seed.
MAKE_TRACK = """
import sys, numpy as np, soundfile
path, seconds, bpm, seed = sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
rate, dice = 44100, np.random.default_rng(seed)
out = np.zeros((int(seconds * rate), 2))
def put(at, sound, left, right):
    first = int(at * rate)
    sound = sound[:max(0, len(out) - first)]
    out[first:first + len(sound)] += np.outer(sound, [left, right])
t = np.arange(int(0.4 * rate)) / rate
kick = np.sin(2 * np.pi * (50 * t + 3 * (1 - np.exp(-40 * t)))) * np.exp(-9 * t)
snare = (dice.normal(0, 0.3, len(t)) + np.sin(2 * np.pi * 190 * t)) * np.exp(-18 * t)
hat = np.diff(dice.normal(0, 0.2, len(t) + 1)) * np.exp(-60 * t)
beat = 60 / bpm
for i in range(int(seconds / beat)):
    put(i * beat, kick if i % 2 == 0 else snare, 0.5, 0.5)
    put(i * beat, hat, 0.3, 0.2), put((i + 0.5) * beat, hat, 0.2, 0.3)
    root = 45 + [0, 5, 7, 3][i // 8 % 4]
    long = np.arange(int(beat * rate)) / rate
    for note, loud in [(root - 12, 0.2), (root, 0.06), (root + 7, 0.06), (root + 15, 0.06)]:
        hertz = 440 * 2 ** ((note - 69) / 12)
        sound = sum(np.sin(2 * np.pi * hertz * k * long) / k for k in range(1, 6)) * np.exp(-2 * long)
        put(i * beat, sound * loud, *dice.uniform(0.5, 1, 2))
out += dice.normal(0, 0.003, out.shape)
soundfile.write(path, out / np.abs(out).max() * 0.9, rate, subtype="PCM_16")
"""
LIBROSA = """
import sys, librosa, numpy
for path in sys.argv[1:]:
    y, sr = librosa.load(path, sr=22050)
    tempo, beats = librosa.beat.beat_track(y=y, sr=sr)
    chroma = librosa.feature.chroma_stft(y=y, sr=sr)
    for feature in (librosa.feature.spectral_centroid, librosa.feature.spectral_bandwidth, librosa.feature.spectral_rolloff,
                    librosa.feature.spectral_contrast, librosa.feature.mfcc):
        feature(y=y, sr=sr)
    for feature in (librosa.feature.spectral_flatness, librosa.feature.zero_crossing_rate, librosa.feature.rms):
        feature(y=y)
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


MIXXX = """
import sys, mixxx_analyzer
for path in sys.argv[1:]:
    print(path, mixxx_analyzer.analyze(path))
"""
SONARA = """
import sys, sonara
for path in sys.argv[1:]:
    print(path, sonara.analyze_file(path, mode="full"))
"""
PEERS = [("librosa", "librosa", LIBROSA), ("essentia", "essentia", ESSENTIA), ("aubio", "aubio", AUBIO),
         ("mixxx_analyzer", "mixxx-analyzer==0.1.2", MIXXX), ("sonara", "sonara==0.3.6", SONARA)]


def install(module, package):
    """Returns the environment's Python once it can import `module`, else nothing."""
    python = pathlib.Path(os.environ.get("KBEAT_BENCH_VENV", WORK / "venv")) / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", python.parents[1]], check=True)
    if subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode != 0:
        subprocess.run([python, "-m", "pip", "-q", "install", package], capture_output=True)
    return python if subprocess.run([python, "-c", f"import {module}"], capture_output=True).returncode == 0 else None


def make_tracks(count):
    """Returns the tracks' lengths, WAV files and MP3 files."""
    python = install("soundfile", "soundfile") and install("numpy", "numpy")
    WORK.mkdir(parents=True, exist_ok=True)
    dice, lengths, wavs, mp3s = random.Random(1), [], [], []
    for i in range(count):
        seconds, bpm = dice.randrange(180, 301), dice.uniform(80, 170)
        wav, mp3 = WORK / f"track{i}.wav", WORK / f"track{i}.mp3"
        if not mp3.exists():
            subprocess.run([python, "-c", MAKE_TRACK, wav, str(seconds), str(bpm), str(i)], check=True)
            subprocess.run(["lame", "--quiet", "-b", "192", wav, mp3], check=True)
        lengths.append(seconds), wavs.append(wav), mp3s.append(mp3)
    return lengths, wavs, mp3s


def cpu_seconds(command):
    """User and system time of a process and all that it waited for."""
    names = ("OMP", "OPENBLAS", "MKL", "NUMBA", "RAYON")
    one_thread = {f"{name}_NUM_THREADS": "1" for name in names}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([str(word) for word in command], check=True, capture_output=True, env={**os.environ, **one_thread})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def contestants():
    commands = {f"kbeat {metrics}": [PROGRAM, "-q", "analyze", "-j", "1", "--metrics", metrics] for metrics in ("core", "all")}
    for module, package, script in PEERS:
        python = install(module, package)
        if python is None:
            print(f"{package}: cannot be installed here, left out")
        else:
            commands[module] = [python, "-c", script]
    return commands


def compare(kind, lengths, tracks, commands):
    spent = {name: [] for name in commands}
    for command in commands.values():
        cpu_seconds([*command, tracks[0]])  # what is compiled or cached once
    for track in tracks:
        for name, command in commands.items():
            spent[name].append(cpu_seconds([*command, track]))
    for name, times in spent.items():
        ours = spent["kbeat all" if name == "librosa" else "kbeat core"]
        ratio = statistics.median(time / own for time, own in zip(times, ours))
        print(f"{kind} {name:15} {statistics.mean(times):8.3f} s CPU a track  {sum(lengths) / sum(times):7.0f} x real time  "
              f"{ratio:6.1f} x kbeat's")


def second_core(tracks):
    """Wall time with one worker over that with two, the median of three."""
    def wall(workers):
        begun = time.monotonic()
        subprocess.run([PROGRAM, "-q", "analyze", "-j", workers, *tracks], check=True, capture_output=True)
        return time.monotonic() - begun

    ratio = statistics.median(wall("1") / wall("2") for _ in range(3))
    print(f"-j 2 on {len(tracks)} tracks: {ratio:.2f} x -j 1")


def hour(track):
    """Peak memory of all metrics of an hour."""
    long = WORK / "hour.wav"
    if not long.exists():
        subprocess.run(["sox", track, long, "repeat", "19", "trim", "0", "3600"], check=True)
    script = ("import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL);"
              "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)")
    done = subprocess.run([sys.executable, "-c", script, PROGRAM, "analyze", "--metrics", "all", long],
                          capture_output=True, text=True, check=True)
    print(f"an hour with all metrics: {done.stdout.strip()} MB at most")


def where_the_time_goes(track):
    """The stages of one analysis, each run by itself on the same blocks, by a program built here for it."""
    options = ["-DCMAKE_BUILD_TYPE=Release", "-G", "Ninja"]
    subprocess.run(["cmake", "-S", ROOT / "tests" / "bench" / "stages", "-B", STAGES, *options], check=True, capture_output=True)
    subprocess.run(["cmake", "--build", STAGES], check=True, capture_output=True)
    print(subprocess.run([STAGES / "kbeat_audio_stages", track], check=True, capture_output=True, text=True).stdout, end="")


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    lengths, wavs, mp3s = make_tracks(count)
    commands = contestants()
    compare("WAV", lengths, wavs, commands)
    compare("MP3", lengths, mp3s, commands)
    second_core(wavs[:8])
    hour(wavs[0])
    where_the_time_goes(wavs[0])


if __name__ == "__main__":
    main()
