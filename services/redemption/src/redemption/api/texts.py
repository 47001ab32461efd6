"""Texts that a query names, codes and ids and names, as they look; others are refused by name."""

from typing import Final

from contracts.text import trim
from servicekit.http.brackets import Asked, refusal

LONGEST: Final = 200


def text(spelt: str, value: str) -> str:
    """Read a parameter's. Raises ApiError 400 that names it."""
    try:
        trimmed = trim(value)
    except ValueError as error:
        raise refusal(spelt, str(error)) from error
    if len(trimmed) > LONGEST:
        raise refusal(spelt, f"send 1 to {LONGEST} characters")
    return trimmed


def one_text(asked: Asked, name: str) -> str | None:
    """Read what may be given once."""
    value = asked.one(name)
    return None if value is None else text(name, value)
