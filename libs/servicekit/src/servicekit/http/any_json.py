"""What may be any JSON value says so in an OpenAPI document: to leave a type out looks forgotten.

Pydantic and msgspec write a field that takes anything as a schema without a type.
"""

from collections.abc import Iterator
from typing import Any, Final

ANY_JSON: Final = ("array", "boolean", "number", "object", "string", "null")
TYPES: Final = frozenset({"type", "$ref", "anyOf", "oneOf", "allOf", "enum", "const"})


def say_what_is_any(schemas: dict[str, Any]) -> None:
    """Add the types of JSON to every field of these schemas that has none."""
    for schema in list(schemas.values()):
        for field in _fields(schema):
            if not TYPES & field.keys():
                field["type"] = list(ANY_JSON)


def _fields(schema: Any) -> Iterator[dict[str, Any]]:
    """Find the fields of a schema, and of those within it."""
    if isinstance(schema, list):
        for each in schema:
            yield from _fields(each)
    if not isinstance(schema, dict):
        return
    for name, value in schema.items():
        if name == "properties":
            yield from value.values()
            yield from _fields(list(value.values()))
        elif name in {"anyOf", "oneOf", "allOf", "items", "additionalProperties"}:
            yield from _fields(value)
