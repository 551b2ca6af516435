"""Tests for the tests: faults planted in the sources, one at a time, each of which the suite has to notice.

    ./dev mutants [NAME …]

A mutant is built from a copy of the sources in build/mutants, as the daily build is, and runs only the tests that are to
catch it; without any change those tests have to pass. Nothing of this is in any program that users get. Ends with 1 when
a mutant survives.
"""

import contextlib
import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
SCRATCH = REPOSITORY / "build" / "mutants"
COPIED = ("CMakeLists.txt", "CMakePresets.json", "cmake", "lib", "apps", "docs", "man", "completions", "packaging",
          "samples", "tests", "LICENSE", "README.md", "CHANGELOG.md")
CATCH_LIMIT_S = 180


@dataclasses.dataclass(frozen=True)
class Mutant:
    """`changes`: (file, text that stands there once, what takes its place); `caught_by`: a pytest or Catch2 selection."""

    name: str
    changes: tuple
    caught_by: tuple


def pytests(*selection):
    return ("pytest", *selection)


def catch(selection):
    return ("catch", selection)


OUTCOMES = "lib/kbeat/store/sqlite_outcomes.cpp"
RELAY = "lib/kbeat/pipeline/relay.cpp"
SENDER = "lib/kbeat/transport/confirmed_sender.cpp"
CONSUMER = "lib/kbeat/transport/kafka/client_properties.cpp"

MUTANTS = (
    Mutant("the position is committed before the effects", (
        (OUTCOMES, "  commit.report.records.resize(batch.records.size());\n",
         "  for (std::size_t i = 0; i < batch.progress.size(); ++i) {\n"
         "    if (commit.owned[i]) m_progress.advance(*commit.owned[i], batch.progress[i], commit.now);\n  }\n"
         "  transaction.commit();\n  sqlite::Transaction effects(m_database);\n"
         "  commit.report.records.resize(batch.records.size());\n"),
        (OUTCOMES, "index->write(commit.now);\n  transaction.commit();", "index->write(commit.now);\n  effects.commit();"),
    ), catch("[power]")),
    Mutant("librdkafka commits by itself", (
        (CONSUMER, '{"enable.auto.commit", "false"},\n                   {"enable.auto.offset.store", "false"},',
         '{"enable.auto.commit", "true"},\n                   {"enable.auto.offset.store", "true"},'),
    ), pytests("tests/faults/test_kills.py", "-k", "read_far_ahead")),
    Mutant("nothing is unique", (
        (OUTCOMES, "if (!done.force && is_duplicate(commit, done)) return Applied::duplicate;",
         "if (done.force && is_duplicate(commit, done)) return Applied::duplicate;"),
        ("lib/kbeat/store/quiz_rows.cpp", "const auto row = m_index.find(foreseen.key, foreseen.may_be_written);",
         "const decltype(m_index.find(foreseen.key)) row;"),
    ), pytests("tests/faults/test_topics.py", "-k", "several_workers")),
    Mutant("nobody is fenced", (
        ("lib/kbeat/store/progress_rows.cpp", "AND partition = ? AND epoch = ?", "AND partition = ? AND ? IS NOT NULL"),
    ), catch("C4*,F5*")),
    Mutant("a letter counts as sent when it is handed over", (
        (RELAY, "std::vector<transport::Delivery> reports = std::exchange(m_refused, {});",
         "std::vector<transport::Delivery> reports = std::exchange(m_refused, {});\n  for (const auto& [seq, row] : m_out)\n"
         "    reports.push_back({.tag = static_cast<std::uint64_t>(seq), .partition = {}, .offset = {}, .error = {}});"),
    ), pytests("tests/faults/test_letters_out.py", "-k", "missing")),
    Mutant("errors of delivery reports are passed over", (
        (RELAY, "    if (report.error) {\n", "    if (report.error && report.tag == 0) {\n"),
    ), pytests("tests/broker/dlq/test_letters_on_kafka.py", "-k", "too_large")),
    Mutant("what a flush leaves behind is passed over", (
        (SENDER, "  while (m_unsettled > 0 && std::chrono::steady_clock::now() < deadline) flush(k_slice);\n",
         "  if (std::chrono::steady_clock::now() < deadline) flush(k_slice);\n"),
        (SENDER, "for (std::uint64_t sequence = m_first; m_unsettled > 0;",
         "for (std::uint64_t sequence = m_first; m_unsettled > 0 && timeout.count() < 0;"),
    ), pytests("tests/faults/test_brokers.py", "-k", "falls_silent")),
    Mutant("synchronous=OFF", (
        ("lib/kbeat/sqlite/database.cpp", "PRAGMA synchronous=FULL", "PRAGMA synchronous=OFF"),
    ), catch("[power]")),
    Mutant("a group begins at the end", (
        ("apps/consume_flags.cpp", "    return pipeline::FromEarliest{};\n", "    return pipeline::FromLatest{};\n"),
    ), pytests("tests/faults/test_topics.py", "-k", "several_workers")),
    Mutant("letters are parsed and printed again", (
        ("lib/kbeat/model/dead_letter.cpp", "    body += *letter.original.value;\n",
         "    body += nlohmann::json::parse(*letter.original.value).dump();\n"),
        ("lib/kbeat/model/dead_letter.cpp", "#include <fmt/format.h>\n", "#include <fmt/format.h>\n#include <nlohmann/json.hpp>\n"),
    ), pytests("tests/faults/test_topics.py", "-k", "several_workers")),
    Mutant("a retry begins to count anew", (
        ("lib/kbeat/pipeline/event_runner.cpp", "  ++work.attempts;\n", "  work.attempts = 1;\n"),
    ), pytests("tests/faults/test_clock.py", "-k", "1h")),
    Mutant("a replay joins a group", (
        ("lib/kbeat/replay/topic_source.cpp", ".group = std::nullopt", '.group = GroupId{"kbeat"}'),
    ), pytests("tests/cli/replay/test_replay.py", "-x")),
)


def copy_sources():
    tree = SCRATCH / "tree"
    tree.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        mirror(REPOSITORY / name, tree / name)
    return tree


def mirror(source, target):
    """What is equal stays untouched, so that nothing of it is compiled again."""
    if source.is_dir():
        target.mkdir(exist_ok=True)
        for entry in source.iterdir():
            mirror(entry, target / entry.name)
    elif not target.exists() or source.read_bytes() != target.read_bytes():
        shutil.copy(source, target)


def build(tree):
    """The program and the library's own tests; only what a mutant changed is compiled."""
    folder = tree / "build" / "dev"
    if not (folder / "build.ninja").exists():
        run(["cmake", "--preset", "dev"], tree)
    run(["cmake", "--build", folder, "--target", "kbeat", "kbeat_integration_tests"], tree)
    return folder


def run(command, folder):
    """A step of a build. What the daily build compiled is not compiled again: paths count from the root of a tree."""
    environment = {"CCACHE_BASEDIR": str(REPOSITORY), "CCACHE_NOHASHDIR": "1", **os.environ}
    done = subprocess.run([str(word) for word in command], cwd=folder, env=environment, capture_output=True, text=True,
                          check=False)
    if done.returncode:
        raise RuntimeError(f"{command[:4]} failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")


@contextlib.contextmanager
def planted(tree, mutant):
    """The changes of a mutant in the tree, taken out again behind the block."""
    originals = {file: (tree / file).read_text() for file, _, _ in mutant.changes}
    for file, old, new in mutant.changes:
        path = tree / file
        text = path.read_text()
        if text.count(old) != 1:
            raise RuntimeError(f"{mutant.name}: its place in {file} is there {text.count(old)} times, not once")
        path.write_text(text.replace(old, new))
    try:
        yield
    finally:
        for file, text in originals.items():
            (tree / file).write_text(text)


def tests_notice(selection, folder):
    """What the tests of a selection find wrong with the program in `folder`; None when they pass."""
    kind, *words = selection
    environment = {**os.environ, "KBEAT_PROGRAM": str(folder / "kbeat"), "PYTHONDONTWRITEBYTECODE": "1"}
    if kind == "catch":
        command = [folder / "tests" / "kbeat_integration_tests", "--abort", *words]
    else:
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *words]
    try:
        done = subprocess.run([str(word) for word in command], cwd=REPOSITORY, env=environment, capture_output=True,
                              text=True, timeout=CATCH_LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        return None  # which says nothing: the machine may be slow
    failures = [line for line in done.stdout.splitlines() if line.startswith("E  ") or "FAILED" in line]
    return (failures or ["it failed"])[0].strip() if done.returncode else None


def try_out(mutant, tree):
    with planted(tree, mutant):
        folder = build(tree)
        begun = time.monotonic()
        noticed = tests_notice(mutant.caught_by, folder)
    print(f"{'caught' if noticed else 'SURVIVED'} in {time.monotonic() - begun:.0f} s: {mutant.name}"
          f"{': ' + noticed[:150] if noticed else ''}", flush=True)
    return noticed is not None


def check_the_original(mutants, tree):
    """A test that fails without a mutant catches nothing."""
    folder = build(tree)
    for selection in dict.fromkeys(mutant.caught_by for mutant in mutants):
        noticed = tests_notice(selection, folder)
        if noticed:
            raise RuntimeError(f"{' '.join(selection)} fails without any mutant: {noticed}")
    print("without a mutant every chosen test passes", flush=True)


def main(names):
    chosen = [mutant for mutant in MUTANTS if not names or any(name in mutant.name for name in names)]
    tree = copy_sources()
    check_the_original(chosen, tree)
    caught = [try_out(mutant, tree) for mutant in chosen]
    print(f"{sum(caught)} of {len(chosen)} mutants caught")
    return 0 if all(caught) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
