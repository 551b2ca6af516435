"""The mutants of the fault suite still find the places in the sources that they change."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "faults"))

from mutants import MUTANTS, REPOSITORY  # noqa: E402


def test_there_is_one_for_each_known_way_to_lose_or_repeat():
    assert len(MUTANTS) == 12
    assert len({mutant.name for mutant in MUTANTS}) == 12


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_finds_its_place(mutant):
    for file, old, new in mutant.changes:
        assert (REPOSITORY / file).read_text().count(old) == 1, f"{file} has changed: bring the mutant along"
        assert old != new
