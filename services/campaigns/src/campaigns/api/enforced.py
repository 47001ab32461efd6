"""Since when redemption acts by what was made or changed: a header, for bodies are Voucherify's."""

from datetime import datetime
from typing import Any, Final

from fastapi import Response

from contracts.instants import to_rfc3339

HEADER: Final = "X-Enforced-At"
# As `headers` of a response that says it; and for `responses` of routes whose answer is a 200.
DOCUMENTED: Final[dict[str, Any]] = {
    HEADER: {
        "description": "Since when redemption acts by it. Absent: that is not known yet, "
        "and a code may be refused for a moment as if there were none.",
        "schema": {"type": "string", "format": "date-time"},
    }
}
SAYS_WHEN: Final[dict[int | str, dict[str, Any]]] = {200: {"headers": DOCUMENTED}}


def say_when(response: Response, *since: datetime | None) -> None:
    """Say since when all of it is; nothing where that is not known of a part."""
    known = [each for each in since if each is not None]
    if len(known) == len(since):
        response.headers[HEADER] = to_rfc3339(max(known))
