"""Values of conditions: read as they are typed, and written so that they are read again. Pure."""

import json
from typing import Any

from console.design.words import say
from console.format import money
from console.web.attributes import Kind
from console.web.operators import input_of
from console.web.terms import LONGEST, NUMBER, Typed


def values(typed: Typed, name: str, kind: Kind, operator: str) -> list[Any]:
    """Read what an operator is told; that nothing is, is told at the field."""
    found: list[Any]
    match input_of(kind, operator):
        case "none" | "items":
            return []
        case "boxes":
            found = list(typed.form.many(name))
        case "number" | "range":
            return [number(typed, name, kind)]
        case "days":
            found = [typed.whole(name)]
        case "date":
            found = [typed.day(name)]
        case "lines":
            lines = [line for text in typed.form.one(name).splitlines() if (line := text.strip())]
            found = [scalar(each) for each in lines] if kind == "any" else lines
    if not found or (found == [None] and name not in typed.faults):
        typed.faults[name] = say("conditions.no_value")
    return found


def number(typed: Typed, name: str, kind: Kind) -> int | float | None:
    if typed.form.text(name) is None:
        typed.faults[name] = say("conditions.no_value")
        return None
    return typed.amount(name) if kind == "money" else typed.number(name)


def scalar(text: str) -> Any:
    """Read a value of metadata: 30 is a number, true is yes or no, "30" in quotes is a text."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            read = str(json.loads(text))
            read.encode()  # half a surrogate pair, which JSON can spell, is no text
        except ValueError:
            return text[1:-1]
        return read
    if text in ("true", "false"):
        return text == "true"
    if len(text) <= LONGEST and NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text


def written(value: Any, kind: Kind) -> str:
    """Write a value so that it is read as it is."""
    if not isinstance(value, str) or kind != "any":
        return value if isinstance(value, str) else json.dumps(value)
    is_one_line = len(value.splitlines()) == 1
    if is_one_line and value == value.strip() and scalar(value) == value:
        return value
    return json.dumps(value, ensure_ascii=not is_one_line)


def plain(value: Any, kind: Kind, currency: str) -> str:
    """Write a single value as its field has it."""
    if kind == "money" and isinstance(value, int):
        return money.plain(value, currency)
    return "" if value is None else str(value)
