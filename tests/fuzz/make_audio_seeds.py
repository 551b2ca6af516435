#!/usr/bin/env python3
"""Writes the seeds of the audio fuzzer: half a second of sound in every format that is read.

  make_audio_seeds.py FOLDER       (needs sox, flac and lame)
"""

import pathlib
import subprocess
import sys

SOUND = ["synth", "0.5", "pluck", "A3", "pluck", "E4"]
PLAIN = {
    "mono16.wav": ["-r", "22050", "-c", "1", "-b", "16"],
    "stereo24.wav": ["-r", "44100", "-c", "2", "-b", "24"],
    "float.wav": ["-r", "8000", "-c", "1", "-e", "floating-point", "-b", "32"],
    "eight.wav": ["-r", "8000", "-c", "1", "-e", "unsigned-integer", "-b", "8"],
    "six.wav": ["-r", "8000", "-c", "6", "-b", "16"],
    "mono.aiff": ["-r", "11025", "-c", "1"],
    "mono.aifc": ["-r", "11025", "-c", "1"],
    "vorbis.ogg": ["-r", "22050", "-c", "1"],
}


def run(*words):
    subprocess.run([str(word) for word in words], check=True, capture_output=True)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, form in PLAIN.items():
        run("sox", "-n", "-R", *form, folder / name, *SOUND)
    source = folder / "mono16.wav"
    run("flac", "--silent", "--force", "-T", "TITLE=seed", "-T", "BPM=120", "-o", folder / "tagged.flac", source)
    run("lame", "--quiet", "-b", "64", "--tt", "seed", "--tv", "TBPM=120", source, folder / "tagged.mp3")
    run("lame", "--quiet", "-t", "-V", "4", source, folder / "untagged.mp3")
    (folder / "cut.flac").write_bytes((folder / "tagged.flac").read_bytes()[:3000])
    (folder / "text.wav").write_bytes(b"RIFF\x00\x00\x00\x00WAVEfmt this is no audio")


if __name__ == "__main__":
    main()
