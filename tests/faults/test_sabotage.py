"""Every guarantee is broken on purpose, one at a time: its tests go red."""

import asyncio
import os
import shutil
import sys
from pathlib import Path

import pytest
from faults.sabotages import SABOTAGES, Sabotage

ROOT = Path(__file__).parents[2]
SOME_FAILED = 1  # what pytest's status says

pytestmark = [pytest.mark.long, pytest.mark.fault, pytest.mark.timeout(400)]


@pytest.mark.parametrize("sabotage", SABOTAGES.values(), ids=SABOTAGES)
async def test_what_is_broken_is_noticed(tmp_path: Path, sabotage: Sabotage) -> None:
    broken = ROOT / sabotage.file
    text = broken.read_text()
    assert text.count(sabotage.text) == 1, "the source has changed: mend the list of sabotages"
    sources = Path(*Path(sabotage.file).parts[: Path(sabotage.file).parts.index("src") + 1])
    copy = tmp_path / "src"
    shutil.copytree(ROOT / sources, copy, ignore=shutil.ignore_patterns("__pycache__"))
    place = copy / Path(sabotage.file).relative_to(sources)
    place.write_text(text.replace(sabotage.text, sabotage.becomes))

    told = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pytest", "-p", "no:xdist", "-p", "no:cacheprovider", "-q", "-x"),
        *sabotage.tests.split(),
        cwd=ROOT,
        # Before what is installed: every process that a test starts has it too.
        env={k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
        | {"PYTHONPATH": str(copy), "HYPOTHESIS_PROFILE": "sabotage"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await told.communicate()
    assert told.returncode == SOME_FAILED, output.decode()[-4000:]
    # What could not even begin, for an engine that did not start, has noticed nothing.
    assert b"\nFAILED " in output, output.decode()[-4000:]
