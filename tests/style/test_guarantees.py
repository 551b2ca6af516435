"""Each rule and promise that the consume pipeline stands by is named by a test: in its name, its tag or its docstring."""

import pathlib
import re

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
RULES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 15, 16, 17, 18)
PROMISES = ("C1", "C2", "C3", "C4", "C5", "C6", "C7", "D1", "D2", "D4", "D6", "R1", "R2", "R3", "R4", "R6", "S1", "S2", "S3",
            "S5", "2.9", "F1", "F2", "F5", "F7", "F9", "F10", "F11", "F12", "F13", "F16", "F19", "F20", "F22")


def texts():
    for path in (*TESTS.rglob("*_test.cpp"), *TESTS.rglob("test_*.py")):
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
            found |= set(re.findall(r"\b[CDFRS]\d+\b|\b2\.9\b", title))
            found |= {int(number) for number in re.findall(r"DELIVERY rule (\d+)|^(\d+)$", title) for number in number if number}
        found |= {int(number) for number in re.findall(r"\[delivery-(\d+)\]", text)}
    return found


@pytest.mark.parametrize("name", [*RULES, *PROMISES], ids=str)
def test_a_test_names_it(named, name):
    assert name in named
