"""Each rule and promise that the consume pipeline stands by is named by a test: in its name, its tag or its docstring."""

import pathlib
import re

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
RULES = range(1, 19)
PROMISES = [f"{family}{number}" for family, last in (("C", 8), ("D", 6), ("P", 5), ("R", 7), ("S", 5), ("Y", 6), ("I", 12))
            for number in range(1, last + 1)]
FAULTS = [f"F{number}" for number in (*range(1, 14), 16, 19, 20, 22)]


def texts():
    for path in (*TESTS.rglob("*_test.cpp"), *TESTS.rglob("test_*.py"), TESTS / "faults" / "checker.py"):
        if path != pathlib.Path(__file__):
            yield path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def named():
    """All rules and promises that tests name."""
    found = set()
    for text in texts():
        titles = re.findall(r'TEST_CASE(?:_METHOD)?\((?:\w+, *)?\s*"([\w. ,]+): ', text)
        titles += re.findall(r'"""([^"]*)', text)
        for title in titles:
            found |= set(re.findall(r"\b[CDFIPRSY]\d+\b|\b2\.9\b", title))
            found |= {int(number) for number in re.findall(r"DELIVERY rule (\d+)|^(\d+)$", title) for number in number if number}
        found |= {int(number) for number in re.findall(r"\[delivery-(\d+)\]", text)}
    return found


@pytest.mark.parametrize("name", [*RULES, *PROMISES, *FAULTS, "2.9"], ids=str)
def test_a_test_names_it(named, name):
    assert name in named
