"""Records as careless writers, newer writers and strangers send them: golden ones, damaged."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import strategies as st

GOLDEN = Path(__file__).parents[1] / "contracts" / "golden"
# Stands where a record names what it is about; whoever sends it writes an id of its own there.
FRESH = "0193571e-feed-7000-8000-00000000c0de"

Header = tuple[bytes, bytes | None]


class Mutated(NamedTuple):
    """A record before it is sent: its names and bytes are whatever Kafka's format can carry."""

    value: bytes | None
    key: bytes | None = b"key"
    headers: tuple[Header, ...] = ()

    def named(self, fresh: str) -> "Mutated":
        """Give it an id of its own, where it has not lost the place of it."""
        written = None if self.value is None else self.value.replace(FRESH.encode(), fresh.encode())
        return self._replace(
            value=written, key=self.key and self.key.replace(b"key", fresh.encode())
        )


# What other writers have been seen to send, and what databases, parsers and clocks trip over.
SPELLINGS = [
    *("", " ", "\0", "a\0b", "\ud800", "\u200b", "\ufeff", "A\u0301", "x" * 201, "1", "null"),
    *("EUR\n", "eur", "XXX", "2026-02-30T12:00:00Z", "2026-11-23 12:00:00+01:00", "1e3"),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z", "2026-11-23T24:00:00Z", "{}", "[]"),
    *("coupons.redemption.requested.v2", "application/xml", "APPLICATION/JSON; charset=utf-8"),
]
NUMBERS = [0, -1, 1, 2**31, 2**53, 2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**30, 0.1, 1e308, -0.0]
values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.sampled_from(SPELLINGS)
    | st.sampled_from(NUMBERS)
    | st.integers()
    | st.floats()  # json writes NaN and Infinity, which JSON does not have
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "code", "source_id", "amount_minor", "version", ""]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=5,
)


@st.composite
def documents(draw: st.DrawFn, golden: tuple[str, ...]) -> bytes:
    """Change a golden document in up to three places: another value, a field more or less."""
    document = json.loads(draw(st.sampled_from(golden)))
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.sampled_from(_objects(document)))
        name = draw(st.sampled_from([*place, "a_field_of_tomorrow"]))
        if draw(st.booleans()):
            place[name] = draw(values)
        else:
            place.pop(name, None)
    text = json.dumps(document, ensure_ascii=draw(st.booleans()))
    return text.encode(errors="surrogatepass")


def _objects(document: Any) -> list[dict[str, Any]]:
    if isinstance(document, list):
        return [each for item in document for each in _objects(item)]
    if not isinstance(document, dict):
        return []
    return [document, *(each for item in document.values() for each in _objects(item))]


@st.composite
def damaged(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> bytes:
    """Break a document where bytes break: cut off, overwritten, inserted, a piece twice."""
    value = draw(whole)
    at = draw(st.integers(0, len(value)))
    length = draw(st.integers(0, 8) | st.just(len(value)))
    inserted = draw(
        st.binary(max_size=4)
        | st.sampled_from([b"\\u0000", b"\\ud800", b"\xed\xa0\x80", b"e0", b".0", b",", b'"', b"}"])
        | st.just(b"[" * 50_000)
        | st.just(value[at : at + 40])
    )
    return value[:at] + inserted + value[at + length :]


def mutations(golden: tuple[str, ...]) -> st.SearchStrategy[Mutated]:
    """Return records that differ from golden ones in their document, its bytes, or around it."""
    document = documents(golden)
    names = st.sampled_from([b"vendor", b"content-type", b"reply_to", b"correlation_id", b""])
    headers = st.lists(
        st.tuples(
            names | st.binary(max_size=4),
            st.none()
            | st.sampled_from([b"application/json", b"application/cloudevents+json", b"gzip"])
            | st.binary(max_size=16),
        ),
        max_size=4,
    )
    return st.builds(
        Mutated,
        value=document | damaged(document) | st.none() | st.binary(max_size=50),
        key=st.just(b"key") | st.none() | st.binary(max_size=8),
        headers=st.just(()) | headers.map(tuple),
    )


def golden_of(*types: str) -> tuple[str, ...]:
    """Return the golden documents of these types; their ids are FRESH."""
    return tuple(
        _with_fresh_ids(json.loads(path.read_bytes()))
        for type_ in types
        for path in sorted(GOLDEN.glob(f"{type_}*.json"))
    )


def _with_fresh_ids(event: dict[str, Any]) -> str:
    event["id"] = FRESH
    data = event["data"]
    for name in ("id", "request_id", "voucher_id", "campaign_id", "visit_id"):
        if isinstance(data.get(name), str):
            data[name] = FRESH
    if event["type"] == "coupons.voucher.changed.v1":
        data["code"] = FRESH
    for code in data.get("vouchers", ()):
        code |= {"id": f"{code['id']}-{FRESH}", "code": f"{code['code']}-{FRESH}"}
    if event["type"] == "coupons.project.changed.v1":
        event["projectid"] = FRESH
        data["keys"] = [key | {"id": FRESH} for key in data["keys"]]
    return json.dumps(event)
