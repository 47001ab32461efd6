"""What a path names, or a list is asked for: as it was meant, whatever was pasted around it."""

from typing import Annotated
from urllib.parse import unquote_to_bytes

from fastapi import Path
from pydantic import AfterValidator, Field
from starlette.exceptions import HTTPException

from campaigns.api.fields import LONGEST_CODE, printable
from contracts.text import trim, trim_name


def _short(text: str) -> str:
    if len(text) > LONGEST_CODE:
        raise ValueError(f"should have {LONGEST_CODE} characters at most")
    return text


def _decoded(part: str) -> str:
    """Read a part of a path as it was meant; one that is no text names nothing."""
    try:
        text = unquote_to_bytes(part).decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise HTTPException(404, "Resource not found")
    return text


def _sought(text: str) -> str:
    # What was pasted with a blank finds what was made without; a blank alone names nothing.
    try:
        return trim(text)
    except ValueError:
        raise HTTPException(404, "Resource not found") from None


PathParam = Annotated[str, Path(), AfterValidator(_decoded), AfterValidator(_sought)]
IdOrName = Annotated[PathParam, AfterValidator(trim_name)]
ChosenCode = Annotated[
    str,
    Path(),
    AfterValidator(_decoded),
    AfterValidator(trim),
    AfterValidator(_short),
    AfterValidator(printable),
]
Sought = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$"), AfterValidator(trim)]
SoughtName = Annotated[Sought, AfterValidator(trim_name)]
