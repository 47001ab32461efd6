"""Logs of bounded size, under the hands of programs that go on writing."""

import asyncio
import sys
from pathlib import Path

import pytest
from kit.patience import until

from counterfoil import log_files
from counterfoil.processes import Program, start

LARGEST = 1_000


def test_a_small_log_is_left_alone(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    log.write_text("a line\n" * 10)

    log_files.rotate(log, LARGEST)

    assert log.read_text() == "a line\n" * 10
    assert not log_files.older(log).exists()


def test_of_a_large_log_the_end_is_put_aside_and_an_appender_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    with log.open("a") as appender:
        appender.writelines(f"line {number:4}\n" for number in range(1_000))
        appender.flush()

        log_files.rotate(log, LARGEST)
        appender.write("line 1000\n")

    assert log.read_text() == "line 1000\n"
    assert log_files.older(log).stat().st_size == LARGEST
    assert log_files.older(log).read_text().endswith("line  998\nline  999\n")
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".new"] == []


def test_the_last_lines_are_told_across_the_cut(tmp_path: Path) -> None:
    log = tmp_path / "part.log"
    log.write_text("".join(f"line {number}\n" for number in range(1_000)))
    log_files.rotate(log, LARGEST)
    with log.open("a") as appender:
        appender.write("line 1000\n")

    assert log_files.tail(log, 3) == "line 998\nline 999\nline 1000"
    assert log_files.tail(tmp_path / "nobody.log", 3) == ""


@pytest.mark.process
async def test_a_program_that_never_stops_talking_fills_no_disk(tmp_path: Path) -> None:
    log, largest = tmp_path / "part.log", 100_000
    talks = "import sys\nwhile True: print('word ' * 20, file=sys.stderr)"
    child = start(Program("part", (sys.executable, "-c", talks), log))
    looking = asyncio.create_task(log_files.keep_bounded(tmp_path, largest, every=0.01))
    cuts = set()

    async def cut_often() -> bool:
        if log_files.older(log).exists():
            cuts.add(log_files.older(log).stat().st_mtime_ns)
        return len(cuts) > 5

    try:
        await until(cut_often, every=0.005, what="the log cut five times")
        assert log_files.older(log).stat().st_size <= 3 * largest
        assert child.exit_code is None
    finally:
        looking.cancel()
        child.kill()
