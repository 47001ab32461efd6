"""The OpenAPI and AsyncAPI documents say of every object which fields it has."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from kit.shops import client

from counterfoil.platform import Platform

SERVICES = ("campaigns", "redemption", "analytics")
# What a schema says of a value, whichever keyword does.
SAYS: Final = frozenset({"type", "$ref", "anyOf", "oneOf", "allOf", "enum", "const"})
# Where anything may stand, by the last names on the way there, and why.
ANYTHING: Final = {
    "metadata": "a shop's own",
}


def untyped(schema: Any, way: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Walk a schema to everything of which it says nothing but that it is there."""
    if isinstance(schema, bool) or not SAYS.intersection(schema):
        if schema is not False:
            yield way
        return
    for keyword in ("anyOf", "oneOf", "allOf"):
        for each in schema.get(keyword, ()):
            yield from untyped(each, way)
    for name, each in schema.get("properties", {}).items():
        yield from untyped(each, (*way, name))
    kinds = schema.get("type", ())
    kinds = (kinds,) if isinstance(kinds, str) else kinds
    if "array" in kinds:
        if "prefixItems" not in schema:
            yield from untyped(schema.get("items", True), (*way, "[]"))
    if "object" in kinds:
        values = schema.get("additionalProperties", True)
        if not schema.get("properties") or values not in (True, {}):
            yield from untyped(values, (*way, "{}"))


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
        if not ANYTHING.keys() & set(left[1:])
    }

    assert len(schemas) > 10
    assert not found, "\n".join(sorted(found))
