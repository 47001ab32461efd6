import json
import logging
import subprocess
import sys

import pytest

from servicekit.logs import RepeatFilter

FAILING = """
import logging
import structlog
from servicekit import logs
logs.write_json_lines("redemption", "api")
password = "swordfish"
try:
    {}[password[:0]]
except KeyError:
    structlog.get_logger().exception("failed", request_id="v-1")
logging.getLogger("aiokafka").warning("away")
"""


def a_line(message: object) -> logging.LogRecord:
    return logging.LogRecord("aiokafka", logging.ERROR, "", 0, message, (), None)


def test_a_library_that_repeats_itself_is_heard_once() -> None:
    repeats = RepeatFilter()

    assert [repeats.filter(a_line(m)) for m in ("away", "away", "back")] == [True, False, True]


def test_our_own_lines_are_all_written() -> None:
    repeats = RepeatFilter()

    assert all(repeats.filter(a_line({"event": "request"})) for _ in range(3))


@pytest.mark.process
def test_every_line_says_whose_it_is_and_a_traceback_shows_no_local_variable() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAILING], capture_output=True, text=True, check=True, timeout=60
    )

    ours, theirs = (json.loads(line) for line in done.stdout.splitlines())
    for line in (ours, theirs):
        assert (line["service"], line["role"]) == ("redemption", "api")
    assert (ours["event"], ours["request_id"], theirs["event"]) == ("failed", "v-1", "away")
    assert ours["exception"][0]["exc_type"] == "KeyError"
    assert "swordfish" not in done.stdout + done.stderr
