"""Answers as they go on Kafka: around the bytes of the body, which are those that HTTP has."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from contracts.answers import Answer, RequestAnswered
from contracts.instants import to_rfc3339
from redemption.outcomes import Response
from redemption.render.events import SOURCE
from redemption.returns import Asked
from servicekit.structs import twin

LARGEST_BODY: Final = 800_000  # below what a broker takes as one record

_encode: Final[Callable[[object], bytes]] = msgspec.json.Encoder().encode
_event: Final[Callable[..., Any]] = twin(RequestAnswered)
_answer: Final[Callable[..., Any]] = twin(Answer)


def answer(request: Asked, response: Response, asked_by: str) -> bytes:
    """Render the answer to the request that came in a record; `asked_by` names that one."""
    fits = len(response.body) <= LARGEST_BODY
    return _encode(
        _event(
            id=asked_by,
            source=SOURCE,
            subject=request.request_id,
            time=to_rfc3339(request.at),
            projectid=request.project_id,
            traceparent=request.traceparent,
            data=_answer(
                request_id=request.request_id,
                status=response.status,
                body=msgspec.Raw(response.body) if fits else None,
            ),
        )
    )
