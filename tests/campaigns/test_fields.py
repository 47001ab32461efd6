from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from campaigns.api import body, fields, paths
from contracts.metadata import MOST_METADATA_BYTES


def read(kind: Any, value: Any) -> Any:
    return TypeAdapter(kind).validate_python(value)


def nested(depth: int) -> dict[str, Any]:
    return {"a": nested(depth - 1)} if depth else {}


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("2026-01-02", datetime(2026, 1, 2, tzinfo=UTC), id="date-only"),
        pytest.param("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), id="z"),
        pytest.param(
            "2026-01-02T03:04:05.123456+00:00",
            datetime(2026, 1, 2, 3, 4, 5, 123000, tzinfo=UTC),
            id="microseconds",
        ),
        pytest.param(
            "2026-01-02T03:04:05+02:00", datetime(2026, 1, 2, 1, 4, 5, tzinfo=UTC), id="offset"
        ),
        pytest.param(
            "2026-01-02T03:04:05", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), id="no-zone-is-utc"
        ),
    ],
)
def test_moments_are_read_as_the_clients_write_them(text: str, moment: datetime) -> None:
    assert read(fields.Moment, text) == moment


@pytest.mark.parametrize("value", [0, 1.5, "soon", "", "0001-01-01T00:00:00+14:00", "1969-12-31"])
def test_what_is_no_moment_of_ours_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        read(fields.Moment, value)


@pytest.mark.parametrize(
    ("percent", "basis_points"), [(15, 1500), (15.5, 1550), (0.01, 1), (100, 10_000)]
)
def test_percents_become_basis_points(percent: float, basis_points: int) -> None:
    assert read(fields.Percent, percent) == basis_points


@pytest.mark.parametrize("value", [-1, 100.5, 1.001, "10", True, float("nan"), float("inf"), None])
def test_what_is_no_percent_is_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        read(fields.Percent, value)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"a": "\0"}, id="nul"),
        pytest.param({"\0": 1}, id="nul-in-a-name"),
        pytest.param({"a": [{"b": "\ud800"}]}, id="lone-surrogate"),
        pytest.param({"a": 2**63}, id="beyond-64-bits"),
        pytest.param({"a": float("nan")}, id="no-number"),
        pytest.param(nested(60), id="too-deep"),
        pytest.param({"a": "x" * MOST_METADATA_BYTES}, id="too-long"),
    ],
)
def test_metadata_that_cannot_be_stored_are_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        read(fields.Metadata, value)


def test_metadata_may_hold_anything_else() -> None:
    value = {"a": [1, 1.5, None, True, {"b": "ü"}]}

    assert read(fields.Metadata, value) == value


@pytest.mark.parametrize(
    "value", ["", "ftp://x.example", "javascript:alert(1)", "https://", "https://a b", "http://["]
)
def test_links_lead_to_the_web(value: str) -> None:
    with pytest.raises(ValidationError):
        read(fields.Url, value)


@pytest.mark.parametrize("value", ["", " \u200b", "A\nB", "A\u200cB", "A\0", "x" * 201])
def test_codes_can_be_printed_and_typed(value: str) -> None:
    with pytest.raises(ValidationError):
        read(fields.Code, value)
    assert read(fields.Code, "A\u200bB\u200d") == "AB"


@pytest.mark.parametrize("blank", [" ", "\t", "\r\n", "\u00a0", "\u200b", "\ufeff", "\u3000"])
@pytest.mark.parametrize("kind", [fields.Code, paths.ChosenCode, paths.Sought, paths.PathParam])
def test_a_blank_pasted_around_a_code_is_nobodys_meaning(kind: Any, blank: str) -> None:
    assert read(kind, f"{blank}WINTER 24{blank}") == "WINTER 24"


@pytest.mark.parametrize("kind", [fields.Name, paths.SoughtName, paths.IdOrName])
@pytest.mark.parametrize(
    "name", ["Winter\u00a0deal", " Winter  deal\n", "Winter\u200b deal", "\ufeffWinter\tdeal"]
)
def test_names_that_look_alike_are_the_same(kind: Any, name: str) -> None:
    assert read(kind, name) == "Winter deal"


@pytest.mark.parametrize("value", ["", " ", "\u00a0\u200b"])
def test_a_name_is_more_than_blanks(value: str) -> None:
    with pytest.raises(ValidationError):
        read(fields.Name, value)


class Wish(body.Body):
    thing: body.Unsupported = None


def test_a_restriction_that_we_cannot_enforce_is_refused_and_not_ignored() -> None:
    asks_for_nothing: list[Any] = [None, False, [], {}]
    for nothing in asks_for_nothing:
        read(Wish, {"thing": nothing})
    with pytest.raises(ValidationError, match="not supported yet"):
        read(Wish, {"thing": [1, 2]})
