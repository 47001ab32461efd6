"""Golden files: whole JSON documents that only change on purpose."""

import os
from pathlib import Path
from typing import Any

import orjson


def assert_golden(path: Path, found: Any) -> None:
    """Compare a document with a file; with GOLDEN=write it is written instead, to be looked at."""
    pretty = orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    if os.environ.get("GOLDEN") == "write":
        path.write_bytes(pretty)
    assert pretty.decode() == path.read_text()
