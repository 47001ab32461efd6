"""Answers that the caller has already: ETag and Last-Modified, and the 304 they spare it. Pure."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from starlette.responses import Response

NOT_MODIFIED = 304


def etag_of(body: bytes) -> str:
    """Return a strong validator: the same bytes have the same, for ever."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def conditional_response(
    asked: Mapping[str, str],
    body: bytes,
    *,
    media_type: str,
    etag: str,
    last_modified: datetime | None,
    headers: Mapping[str, str],
) -> Response:
    """Answer with the body, or with 304 where the headers asked say that the caller has it."""
    told = {**headers, "ETag": etag, "Cache-Control": "private, no-cache"}
    if last_modified is not None:
        told["Last-Modified"] = format_datetime(last_modified.astimezone(UTC), usegmt=True)
    if has_it(asked, etag, last_modified):
        return Response(None, NOT_MODIFIED, told)
    return Response(body, headers=told, media_type=media_type)


def has_it(asked: Mapping[str, str], etag: str, last_modified: datetime | None) -> bool:
    """Tell whether a caller has what is current. If-None-Match decides wherever it is sent."""
    named = asked.get("if-none-match")
    if named is not None:
        tags = [tag.strip().removeprefix("W/") for tag in named.split(",")]
        return etag in tags or named.strip() == "*"
    since = _moment(asked.get("if-modified-since"))
    return since is not None and last_modified is not None and last_modified <= since


def _moment(sent: str | None) -> datetime | None:
    # What is no date asks for nothing.
    try:
        moment = None if sent is None else parsedate_to_datetime(sent)
    except ValueError:
        return None
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=UTC)
