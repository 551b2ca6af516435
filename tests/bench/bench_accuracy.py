#!/usr/bin/env python3
"""How right kbeat, essentia, aubio, librosa and Mixxx are on the same files: tempo, beats and key, by source.

  bench_accuracy.py                    items of the styles of the synthesised corpus that no training saw
  bench_accuracy.py TRUTH [PRED…]      files of one's own: a table of truths with the audio beside it, and stored answers
                                       of other tools as JSON lines

Prints the table of `kbeat analyze --compare` with the twenty worst answers named. The corpus is written by
kbeat_audio_corpus_files of the build in KBEAT_BUILD (build/dev); the peers go into the environment of bench_audio.py.
"""
import os
import pathlib
import subprocess
import sys

import bench_audio

FIRST, COUNT = 100_000, int(os.environ.get("KBEAT_BENCH_ITEMS", "150"))  # k_reserved_from of corpus.hpp

ESSENTIA = """
import sys, json, essentia, essentia.standard as es
essentia.log.infoActive = essentia.log.warningActive = False
method = sys.argv[1]
for path in sys.argv[2:]:
    answer = {"path": path.rsplit("/", 1)[1]}
    try:
        mono = es.MonoLoader(filename=path)()
        bpm, beats = es.RhythmExtractor2013(method=method)(mono)[:2]
        key, scale = es.KeyExtractor(profileType="bgate" if method == "multifeature" else "braw")(mono)[:2]
        answer |= {"bpm": float(bpm), "beats": [float(b) for b in beats], "key": key + " " + scale}
    except RuntimeError:
        pass
    print(json.dumps(answer))
"""
AUBIO = """
import sys, json, aubio
for path in sys.argv[1:]:
    source = aubio.source(path, 0, 512)
    tempo, beats, read = aubio.tempo("default", 1024, 512, source.samplerate), [], 512
    while read == 512:
        samples, read = source()
        if tempo(samples):
            beats.append(float(tempo.get_last_s()))
    print(json.dumps({"path": path.rsplit("/", 1)[1], "bpm": float(tempo.get_bpm()), "beats": beats}))
"""
LIBROSA = """
import sys, json, librosa, numpy
for path in sys.argv[1:]:
    y, sr = librosa.load(path, sr=22050)
    bpm, beats = librosa.beat.beat_track(y=y, sr=sr, units="time")
    print(json.dumps({"path": path.rsplit("/", 1)[1], "bpm": float(numpy.atleast_1d(bpm)[0]), "beats": [float(b) for b in beats]}))
"""
MIXXX = """
import sys, json, mixxx_analyzer
for path in sys.argv[1:]:
    answer = {"path": path.rsplit("/", 1)[1]}
    try:
        found = mixxx_analyzer.analyze(path)
        answer |= {"bpm": found.bpm, "beats": list(found.beatgrid or []), "key": found.key}
    except Exception:
        pass
    print(json.dumps(answer))
"""
PEERS = [("essentia", "essentia_multi", ESSENTIA, ["multifeature"]), ("essentia", "essentia_degara", ESSENTIA, ["degara"]),
         ("aubio", "aubio", AUBIO, []), ("librosa", "librosa", LIBROSA, []), ("mixxx_analyzer==0.1.2", "mixxx", MIXXX, [])]


def make_corpus():
    folder = bench_audio.WORK / f"corpus-{FIRST}-{COUNT}"
    if not (folder / "truth.tsv").exists():
        build = pathlib.Path(os.environ.get("KBEAT_BUILD", bench_audio.ROOT / "build" / "dev"))
        subprocess.run([build / "tests" / "kbeat_audio_corpus_files", folder, str(FIRST), str(COUNT)], check=True)
    return folder


def answers_of_peers(folder):
    tracks = sorted(folder.glob("*.wav"))
    for package, name, script, words in PEERS:
        answers = folder / f"{name}.jsonl"
        python = bench_audio.install(package.split("=")[0], package)
        if python is None:
            print(f"{name}: cannot be installed here, left out")
            continue
        if not answers.exists():
            done = subprocess.run([python, "-c", script, *words, *tracks], check=True, capture_output=True, text=True)
            answers.write_text(done.stdout)
        yield answers


def main():
    program = os.environ.get("KBEAT_PROGRAM", bench_audio.ROOT / "build" / "release" / "kbeat")
    if len(sys.argv) > 1:
        truth, answers = pathlib.Path(sys.argv[1]), sys.argv[2:]
    else:
        bench_audio.WORK.mkdir(parents=True, exist_ok=True)
        folder = make_corpus()
        truth, answers = folder / "truth.tsv", list(answers_of_peers(folder))
    audio = [truth.parent / line.split("\t")[0] for line in truth.read_text().splitlines()[1:]]
    subprocess.run([program, "-q", "analyze", "--compare", truth, "--output", "table", "--worst", "20", *audio, *answers], check=True)


if __name__ == "__main__":
    main()
