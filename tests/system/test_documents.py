"""The OpenAPI and AsyncAPI documents say of every object which fields it has."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from kit.shops import client

from counterfoil.platform import Platform

SERVICES = ("campaigns", "redemption", "analytics")
# What a schema says of a value, whichever keyword does.
SAYS: Final = frozenset({"type", "$ref", "anyOf", "oneOf", "allOf", "enum", "const"})
# Of names that nobody reads: they may hold anything, or nothing but null and its like.
UNREAD: Final = ("ignored: ", "Ignored: ", "Not supported: ", "As it is: ")
# Where anything may stand, by the last names on the way there, and why.
ANYTHING: Final = {
    "metadata": "a shop's own",
    "before": "whatever a field held, of whichever kind of thing",
    "after": "the same",
}
# Schemas of which nothing more can be said.
SHAPELESS: Final = {
    "JsonValue": "what metadata are made of",
    "/v1/campaigns/preview": "a form that is being filled in: its faults are told in the answer",
}


def untyped(schema: Any, way: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Walk a schema to everything of which it says nothing but that it is there."""
    if schema is False:
        return
    if schema is True or not SAYS.intersection(schema):
        if schema is True or not schema.get("description", "").startswith(UNREAD):
            yield way
        return
    for step, each in parts_of(schema):
        yield from untyped(each, (*way, *step))


def parts_of(schema: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Return what a schema is made of, and how one gets there."""
    for keyword in ("anyOf", "oneOf", "allOf"):
        yield from (((), each) for each in schema.get(keyword, ()))
    named = schema.get("properties"), schema.get("patternProperties")
    yield from (((name,), each) for name, each in (named[0] or {}).items())
    yield from ((("{}",), each) for each in (named[1] or {}).values())
    kinds = schema.get("type", ())
    kinds = (kinds,) if isinstance(kinds, str) else kinds
    if "array" in kinds and "prefixItems" not in schema:
        yield ("[]",), schema.get("items", True)
    if "object" in kinds:
        others = schema.get("additionalProperties", True)
        if named == (None, None) or others not in (True, {}):
            yield ("{}",), others


def schemas_of(node: Any, way: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Find the schemas of a document: its components, and those that stand where they are used."""
    if isinstance(node, dict):
        for name, each in node.items():
            if name == "schema":
                yield way, each
            elif name == "schemas":
                for title, schema in each.items():
                    yield (title,), schema
            elif name not in {"example", "examples"}:
                yield from schemas_of(each, (*way, name))
    elif isinstance(node, list):
        for n, each in enumerate(node):
            yield from schemas_of(each, (*way, str(n)))


@pytest.mark.parametrize("kind", ["openapi", "asyncapi"])
@pytest.mark.parametrize("service", SERVICES)
async def test_every_object_in_a_document_has_its_fields(
    platform: Platform, service: str, kind: str
) -> None:
    async with client(platform) as http:
        document = (await http.get(f"/{kind}/{service}.json")).json()

    schemas = list(schemas_of(document))
    found = {
        ".".join(left)
        for way, schema in schemas
        for left in untyped(schema, way)
        if not (ANYTHING.keys() & set(left[1:]) or SHAPELESS.keys() & set(left))
    }

    assert len(schemas) > 10
    assert not found, "\n".join(sorted(found))
