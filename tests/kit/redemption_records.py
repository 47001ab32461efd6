"""Redemption requests as a checkout sends them by Kafka: golden ones, with something changed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from contracts import topics
from kit.redemption_samples import CUSTOMER_KEY, NOON
from redemption.model import Request
from redemption.reading import parsing

GOLDEN = Path(__file__).parents[1] / "contracts" / "golden"
FULL = (GOLDEN / "coupons.redemption.requested.v1.json").read_bytes()
BARE = (GOLDEN / "coupons.redemption.requested.v1.bare.json").read_bytes()
STACK = (GOLDEN / "coupons.redemption.requested.v1.stack.json").read_bytes()
LIVE = topics.REDEMPTION_REQUESTS.name

Document = dict[str, Any]


def read(value: bytes | None, topic: str = LIVE) -> Request:
    return parsing.read(value, topic, NOON, CUSTOMER_KEY)


def changed(change: Callable[[Document], Any], base: bytes = FULL) -> bytes:
    document: Document = json.loads(base)
    change(document)
    return json.dumps(document).encode()


def with_data(**fields: Any) -> bytes:
    return changed(lambda d: d["data"].update(fields))


def with_order(**fields: Any) -> bytes:
    return changed(lambda d: d["data"]["order"].update(fields))


def with_item(**fields: Any) -> bytes:
    return changed(lambda d: d["data"]["order"]["items"][0].update(fields))


def line(**fields: Any) -> Document:
    changed: Document = json.loads(FULL)["data"]["order"]["items"][0] | fields
    return changed


def with_envelope(**fields: Any) -> bytes:
    return changed(lambda d: d.update(fields))


def with_codes(*codes: str, **fields: Any) -> bytes:
    return with_data(**{"code": None, "redeemables": [{"code": c} for c in codes]} | fields)


def without(*path: str) -> bytes:
    def remove(document: Document) -> None:
        for step in path[:-1]:
            document = document[step]
        del document[path[-1]]

    return changed(remove)


def nested(levels: int) -> Document:
    document: Document = {}
    for _ in range(levels):
        document = {"deeper": document}
    return document


def metadata_of(size: int) -> Document:
    return {"a": "ü" * ((size - len('{"a":""}')) // 2)}
