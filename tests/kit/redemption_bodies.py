"""Bodies of redemptions as a checkout posts them, and what is made of them."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from starlette.requests import Request

from redemption.api import reading
from redemption.reading.parsing import Content
from servicekit.http.errors import ApiError

CODE = {"redeemables": [{"object": "voucher", "id": "SUMMER"}]}


def stack(*codes: str) -> list[dict[str, str]]:
    return [{"object": "voucher", "id": code} for code in codes]


def posted(*chunks: bytes) -> Request:
    async def receive() -> dict[str, Any]:
        more = await anext(rest, None)
        return {"type": "http.request", "body": more or b"", "more_body": more is not None}

    async def parts() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    rest = parts()
    return Request({"type": "http", "method": "POST", "headers": []}, receive)


async def asked(**body: Any) -> Content:
    return await reading.parse_body(posted(orjson.dumps(CODE | body)))


async def refused(body: bytes) -> ApiError:
    with pytest.raises(ApiError) as error:
        await reading.parse_body(posted(body))
    return error.value


def with_order(**order: Any) -> bytes:
    return orjson.dumps(CODE | {"order": order})
