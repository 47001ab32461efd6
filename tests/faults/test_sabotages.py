"""The list of sabotages as it stands: each can be committed, and somebody is there to notice."""

import re
from pathlib import Path

import pytest
from faults.sabotages import SABOTAGES, Sabotage

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("sabotage", SABOTAGES.values(), ids=SABOTAGES)
def test_what_is_to_be_broken_is_there_and_so_are_its_tests(sabotage: Sabotage) -> None:
    path, _, keyword = sabotage.tests.partition(" -k ")
    names = re.findall(r"def (test_\w+)", (ROOT / path).read_text())

    assert (ROOT / sabotage.file).read_text().count(sabotage.text) == 1
    assert [name for name in names if keyword in name]
