"""What is wrong with what was sent: which field, and what to send instead. Pure.

msgspec says of an enum only that a value is none of it, and of a name only that it is unknown;
pydantic says everything, with the addresses of its own pages.
"""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any, Final, NamedTuple, get_args

from msgspec import inspect
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

SHOWN_FAULTS: Final = 10
LONGEST_NAMED: Final = 100

_UNKNOWN: Final = re.compile(
    r"Object contains unknown field `(?P<name>.*?)`(?: - at `(?P<path>\$.*)`)?", re.DOTALL
)
_NO_VALUE: Final = re.compile(r"(?P<said>Invalid enum value .*?) - at `(?P<path>\$.*)`", re.DOTALL)
_STEP: Final = re.compile(r"\.(?P<name>[a-z_]+)|\[(?P<index>\d+|\.\.\.)\]")


class Instead(NamedTuple):
    """What to send in place of a name: advice that holds only where `beside` is known."""

    beside: str
    advice: str


_info: Final = cache(inspect.type_info)


def of_pydantic(error: ValidationError, model: type[BaseModel] | None = None) -> str:
    """Name the fields that a model refused, each with the reason; nothing says what stood there.

    Of a name that is unknown also which ones are known, where the model is given.
    """
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(
        f"`{_path(fault['loc'])}`: {_reason(fault, model)}" for fault in faults[:SHOWN_FAULTS]
    )


def of_msgspec(said: str, shape: Any, instead: Mapping[str, Instead]) -> str:
    """Return what msgspec said of something of this shape, with what to send.

    `instead` is what is sent in place of names that are known elsewhere. A name may look like a
    path, so that paths are cut like names.
    """
    if unknown := _UNKNOWN.fullmatch(said):
        name, path = unknown["name"][:LONGEST_NAMED], (unknown["path"] or "$")[:LONGEST_NAMED]
        known = _names_of(_at(shape, path))
        meant = instead.get(name)
        advice = meant.advice if meant is not None and meant.beside in known else ""
        return f"`{path}.{name}`: {_is_unknown(name, known, advice)}"
    if no_value := _NO_VALUE.fullmatch(said):
        value, path = no_value["said"][:LONGEST_NAMED], no_value["path"][:LONGEST_NAMED]
        of = _at(shape, path)
        if isinstance(of, inspect.LiteralType):
            values = ", ".join(map(str, of.values))
            return f"`{path}`: {value}, known are {values}"
        return f"{value} - at `{path}`"
    return said


def _reason(fault: ErrorDetails, model: type[BaseModel] | None) -> str:
    if fault["type"] != "extra_forbidden":
        return fault["msg"].removeprefix("Value error, ")
    *above, name = fault["loc"]
    for step in above:
        if model is not None and isinstance(step, str):
            field = model.model_fields.get(step)
            model = None if field is None else _model_within(field.annotation)
    known = [] if model is None else sorted(model.model_fields)
    return _is_unknown(str(name)[:LONGEST_NAMED], known, "")


def _model_within(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_within, get_args(annotation))), None)


def _is_unknown(name: str, known: list[str], advice: str) -> str:
    advice = advice or _meant(name, known)
    ours = f", known are {', '.join(known)}" if known else ""
    return f"is unknown{ours}{advice and f': {advice}'}"


def _path(steps: tuple[int | str, ...]) -> str:
    parts = [f"[{s}]" if isinstance(s, int) else f".{s[:LONGEST_NAMED]}" for s in steps]
    return "$" + "".join(parts)


def _meant(name: str, known: list[str]) -> str:
    near = get_close_matches(name.lower(), known, n=1, cutoff=0.75)
    return f"send {near[0]}" if near else ""


def _names_of(of: inspect.Type | None) -> list[str]:
    """Name the fields that are read: neither those that are passed over nor those that are null."""
    if not isinstance(of, inspect.StructType):
        return []
    return sorted(field.encode_name for field in of.fields if _is_read(field.type))


def _is_read(of: inspect.Type) -> bool:
    return not isinstance(_bare(of), inspect.NoneType | inspect.RawType)


def _at(shape: Any, path: str) -> inspect.Type | None:
    """Return what stands at a place, or None where that cannot be told."""
    of: inspect.Type | None = _bare(_info(shape))
    for step in _STEP.finditer(path):
        match of:
            case inspect.StructType(fields=fields) if step["name"]:
                of = next((_bare(f.type) for f in fields if f.encode_name == step["name"]), None)
            case inspect.ListType(item_type=item) | inspect.VarTupleType(item_type=item):
                of = _bare(item)
            case _:
                return None
    return of


def _bare(of: inspect.Type) -> inspect.Type:
    """Return a type without its description, and without the null that is as good as absent."""
    if isinstance(of, inspect.Metadata):
        return _bare(of.type)
    if isinstance(of, inspect.UnionType):
        some = [each for each in of.types if not isinstance(each, inspect.NoneType)]
        return _bare(some[0]) if len(some) == 1 else of
    return of
