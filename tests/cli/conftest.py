"""What tests of the commands share."""

import pytest

from kbeat_runner import Kbeat


@pytest.fixture
def kbeat(program, tmp_path):
    return Kbeat(program, tmp_path)
