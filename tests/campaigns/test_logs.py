import logging
import subprocess
import sys

import pytest

from campaigns.logs import Calm

pytestmark = pytest.mark.process

FAILING = """
from campaigns import logs
import structlog
logs.write_json_lines("api")
password = "swordfish"
try:
    {}[password[:0]]
except KeyError:
    structlog.get_logger().exception("failed", request_id="v-1")
"""


def a_line(message: object) -> logging.LogRecord:
    return logging.LogRecord("aiokafka", logging.ERROR, "", 0, message, (), None)


def test_a_library_that_repeats_itself_is_heard_once() -> None:
    calm = Calm()

    assert [calm.filter(a_line(m)) for m in ("away", "away", "back")] == [True, False, True]


def test_our_own_lines_are_all_written() -> None:
    calm = Calm()

    assert all(calm.filter(a_line({"event": "answered"})) for _ in range(3))


def test_a_traceback_shows_no_local_variable() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FAILING], capture_output=True, text=True, check=True, timeout=60
    )

    assert '"request_id": "v-1"' in done.stdout
    assert "KeyError" in done.stdout
    assert "swordfish" not in done.stdout + done.stderr
