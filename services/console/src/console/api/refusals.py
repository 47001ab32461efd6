"""What the API says when it does not do what was asked. Pure: an error object in, a value out."""

import re
from collections.abc import Mapping
from typing import Any, Final

NOT_FOUND: Final = 404

# "Property .voucher.discount: …" and "name: …; contact: …": as servicekit.http.errors writes them.
IN_MESSAGE: Final = re.compile(r"(?:Property \.|Query parameter )([\w.\[\]-]+): (.+)", re.DOTALL)
IN_DETAILS: Final = re.compile(r"([\w.\[\]-]+): (.+)", re.DOTALL)


class ApiError(Exception):
    """The API has not done what was asked. `status`, `key` and `request_id` are its own."""

    def __init__(self, status: int, told: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {told.get('key')}")
        self.status = status
        self.key = str(told.get("key") or "unknown")
        self.message = str(told.get("message") or "")
        self.details = str(told.get("details") or "")
        self.request_id = str(told.get("request_id") or "")
        self.told = told


class RefusedError(ApiError):
    """What was asked is not to be had: the asker can do something about it."""

    @property
    def faults(self) -> dict[str, str]:
        """Say which field is wrong and why, by the names of the API."""
        named = (IN_DETAILS.fullmatch(part) for part in self.details.split("; "))
        found = {match[1]: match[2] for match in named if match is not None}
        if not found and (match := IN_MESSAGE.fullmatch(self.message)) is not None:
            found = {match[1]: match[2]}
        return found

    @property
    def current(self) -> Mapping[str, Any] | None:
        """Return what is stored where somebody else was first, if that is what is wrong."""
        return self.told.get("current") if self.key == "version_conflict" else None

    @property
    def missing(self) -> str | None:
        """Return the name or id of what is named and is not there, if that is what is wrong."""
        return self.told.get("resource_id") if self.status == NOT_FOUND else None


class SessionEndedError(Exception):
    """Nobody is signed in, or no longer: the same request may succeed after signing in."""


class OutageError(ApiError):
    """The API is out of reach or at a loss; nothing is wrong with what was asked."""


def of(status: int, told: Any) -> ApiError:
    """Read an answer that is no success."""
    known = told if isinstance(told, Mapping) else {}
    return OutageError(status, known) if status >= 500 else RefusedError(status, known)  # noqa: PLR2004
