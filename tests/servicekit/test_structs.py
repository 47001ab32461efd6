"""A model and its twin agree: what the twin takes, the model takes, and means the same."""

import json
import random
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, JsonValue, ValidationError

from contracts.baskets import check_all_metadata, check_amount, identity_of, to_email
from contracts.currencies import check_currency
from contracts.event import Event
from contracts.redemptions import (
    RedemptionFailed,
    RedemptionRequested,
    RedemptionSucceeded,
    check_media_type,
    codes_of,
)
from contracts.text import BLANKS, trim
from contracts.visits import Visited
from servicekit.structs import decoder, twin

GOLDEN = Path(__file__).parents[1] / "contracts" / "golden"
MODELS: tuple[type[Event], ...] = (
    RedemptionRequested,
    RedemptionSucceeded,
    RedemptionFailed,
    Visited,
)
LEFT_TO_US = (trim, to_email, check_media_type, check_currency)
DECODERS = {
    model: decoder(model, required=("type",), left_to_caller=LEFT_TO_US) for model in MODELS
}


class Example(NamedTuple):
    """A golden file and the model that it is of."""

    model: type[Event]
    path: Path

    @property
    def event(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.path.read_bytes())
        return read


EXAMPLES = [
    Example(model, path)
    for model in MODELS
    for path in sorted(GOLDEN.glob(f"{model.model_fields['type'].default}*.json"))
]

values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.sampled_from(
        [
            "EUR\n", "eur", "EUR", "1", "voucher_expired", "1.0", 0, -1, 1.0, 10_000, 10_001,
            "2026-11-23T12:00:00Z", "2026-11-23 12:00:00+01:00", "2026-02-30T12:00:00.000Z",
            "2026-11-23T12:00:00.123999Z", "2026-11-23", 1795435200, "2026-11-23T12:00:00.000z",
            "2026-11-23T24:00:00.000Z", "2026-11-23T12:00:60.000Z", "2026-11-23T12:00:00.000",
            9_007_199_254_740_991, 9_007_199_254_740_992, [], {}, {"share_basis_points": "5"},
            "\0", "a\0b", "x" * 200, "x" * 201, "\ud800", [{"code": "A"}], [{"code": ""}],
        ]
    ),
)  # fmt: skip


def by_twin(model: type[Event], body: bytes) -> Any:
    """What the twin makes of it; None where it refuses."""
    try:
        body.decode()  # the caller's part: msgspec does not look into fields that it skips
        event: Any = DECODERS[model](body)
        if model is RedemptionRequested:  # the caller's part too: twins have no validators
            check_media_type(event.datacontenttype)
            if event.data.order:
                check_amount(event.data.order)
            if event.data.order and event.data.order.currency is not None:
                check_currency(event.data.order.currency)
            for text in pasted(event.data):
                trim(text)
            codes = [trim(each.code) for each in event.data.redeemables]
            codes_of(event.data.code and trim(event.data.code), codes)
            check_all_metadata(event.data.metadata, event.data.customer, event.data.order)
            if event.data.customer is not None:
                to_email(event.data.customer.email or "a@b")
                identity_of(event.data.customer)
    except (ValueError, RecursionError):
        return None
    return event


def pasted(asked: Any) -> list[str]:
    """What is trimmed of a request."""
    order = asked.order
    texts = [asked.request_id, asked.code, asked.tracking_id, asked.visit_id]
    texts += [asked.customer and asked.customer.source_id, order and order.id]
    texts += [asked.customer and asked.customer.name]
    texts += (
        [text for item in order.items for text in (item.product_id, item.sku_id)] if order else []
    )
    return [text for text in texts if text is not None]


def by_model(model: type[Event], body: bytes) -> BaseModel | None:
    try:
        return model.model_validate_json(body)
    except ValidationError:
        return None


def assert_both_agree(model: type[Event], body: bytes) -> None:
    fast = by_twin(model, body)
    if fast is None:
        return
    exact = by_model(model, body)
    assert exact is not None, body
    assert plain(fast) == plain(exact), body


def plain(value: Any) -> Any:
    """Fields by name; instants as the model leaves them: UTC, whole milliseconds."""
    match value:
        case datetime():
            utc = value.astimezone(UTC)
            return utc.replace(microsecond=utc.microsecond // 1000 * 1000)
        case BaseModel():
            return {name: plain(getattr(value, name)) for name in type(value).model_fields}
        case tuple() | list():
            return [plain(item) for item in value]
        case dict():
            return {name: plain(item) for name, item in value.items()}
        case str():
            return value.strip(BLANKS), type(value)
        case _ if hasattr(value, "__struct_fields__"):
            fields = {name: getattr(value, name) for name in value.__struct_fields__}
            if fields.get("email"):  # the caller's part
                fields["email"] = to_email(fields["email"])
            return {name: plain(field) for name, field in fields.items()}
        case _:
            return value, type(value)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.path.stem)
def test_a_golden_file_is_read_fast(example: Example) -> None:
    body = example.path.read_bytes()

    assert by_twin(example.model, body) is not None
    assert_both_agree(example.model, body)


@settings(max_examples=4 * settings().max_examples)  # one document in many ways
@given(st.data())
def test_both_agree_on_mutated_events(data: st.DataObject) -> None:
    example = data.draw(st.sampled_from(EXAMPLES))
    event = example.event
    for _ in range(data.draw(st.integers(1, 2))):
        mutate(event, data)

    body = json.dumps(event, ensure_ascii=data.draw(st.booleans()))
    assert_both_agree(example.model, body.encode(errors="surrogatepass"))


def mutate(event: dict[str, Any], data: st.DataObject) -> None:
    """Replace, drop or add a field somewhere in the document."""
    places = [event]
    for place in places:
        places += [inner for inner in nested(place) if inner]
    place = data.draw(st.sampled_from(places))
    name = data.draw(st.sampled_from([*place, "a_field_of_tomorrow"]))
    if data.draw(st.booleans()):
        place[name] = deepcopy(data.draw(values))  # the next one may change it
    else:
        place.pop(name, None)


def nested(place: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for value in place.values():
        items = value if isinstance(value, list) else [value]
        found += [item for item in items if isinstance(item, dict)]
    return found


@settings(max_examples=4 * settings().max_examples)  # one document in many ways
@given(st.sampled_from(EXAMPLES), st.integers(0, 2**32), st.integers(1, 4))
def test_both_agree_on_damaged_bytes(example: Example, seed: int, damages: int) -> None:
    body = bytearray(json.dumps(example.event).encode())
    chance = random.Random(seed)  # noqa: S311  # damage, not secrets
    for _ in range(damages):
        body[chance.randrange(len(body))] = chance.randrange(256)

    assert_both_agree(example.model, bytes(body))


class Small(BaseModel):
    name: str
    size: int = 1


class Grown(Small):
    colour: str | None = None
    tags: dict[str, JsonValue] = Field(default_factory=dict)


def test_what_was_read_is_written_alike_when_the_model_has_grown() -> None:
    sent = b'{"name": "a", "size": 1}'

    assert msgspec.json.encode(decoder(Small)(sent)) == msgspec.json.encode(decoder(Grown)(sent))


def test_what_is_built_is_written_whole() -> None:
    built = twin(Grown)(name="a")

    assert msgspec.json.decode(msgspec.json.encode(built)) == {
        "name": "a",
        "size": 1,
        "colour": None,
        "tags": {},
    }
