from typing import Any

import pytest

from contracts.metadata import check_metadata


def nested(levels: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(levels):
        found = {"a": found}
    return found


@pytest.mark.parametrize(
    ("metadata", "why"),
    [
        pytest.param({"a": "x\0y"}, "NUL", id="nul-in-a-text"),
        pytest.param({"a\0": 1}, "NUL", id="nul-in-a-name"),
        pytest.param({"a": [{"b": "\0"}]}, "NUL", id="nul-further-down"),
        pytest.param({"a": 2**64}, "64 bits", id="too-large"),
        pytest.param({"a": [-(2**63) - 1]}, "64 bits", id="too-small"),
        pytest.param({"a": 10**30}, "64 bits", id="far-too-large"),
        pytest.param(nested(100), "100 levels deep", id="too-deep"),
        pytest.param({"a": "x" * 9_993}, "takes 10,001 bytes", id="too-much"),
    ],
)
def test_what_no_database_keeps_is_refused(metadata: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        check_metadata(metadata)


@pytest.mark.parametrize(
    ("metadata", "length"),
    [
        pytest.param({}, 2, id="nothing"),
        pytest.param({"tier": "gold"}, 15, id="short"),
        pytest.param({"a": 2**64 - 1, "b": -(2**63)}, 51, id="largest-and-smallest"),
        pytest.param({"a": "9" * 30}, 38, id="digits-of-a-text"),
        pytest.param({"a": "\\u0000"}, 15, id="the-letters-of-an-escape"),
        pytest.param({"a": "{[" * 60}, 128, id="brackets-of-a-text"),
        pytest.param(nested(99), 596, id="deep"),
        pytest.param({"a": "x" * 9_992}, 10_000, id="much"),
    ],
)
def test_all_else_is_taken_and_measured(metadata: dict[str, Any], length: int) -> None:
    assert check_metadata(metadata) == length
