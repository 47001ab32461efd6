"""An AsyncAPI document as a page to read: topics, then the fields of what is on them. No script."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final
from urllib.parse import unquote

Schema = Mapping[str, Any]

STYLE: Final = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0;
  border-bottom: 1px solid #8884 }
p { white-space: pre-line }
"""
RULES: Final = (
    ("const", "always {}"),
    ("enum", "one of {}"),
    ("format", "{}"),
    ("pattern", "matches {}"),
    ("minimum", "at least {}"),
    ("maximum", "at most {}"),
    ("minLength", "at least {} characters"),
    ("maxLength", "at most {} characters"),
    ("maxItems", "at most {} of them"),
)
DIRECTIONS: Final = {"receive": "reads", "send": "writes"}


def render(document: Mapping[str, Any], download: str) -> str:
    """Render the page; `download` is where the document itself is."""
    title = escape(document["info"]["title"])
    schemas: Mapping[str, Schema] = document["components"]["schemas"]
    return "".join(
        [
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}: Kafka',
            f"</title><style>{STYLE}</style></head><body><h1>{title}: records on Kafka</h1>",
            f'<p>As a document: <a href="{escape(download)}">AsyncAPI {document["asyncapi"]}</a>.',
            "</p><h2>Topics</h2><table><tr><th>The service</th><th>Topic</th><th>Records</th></tr>",
            *_topics(document),
            "</table>",
            *(part for name in sorted(schemas) for part in _schema(name, schemas[name])),
            "</body></html>",
        ]
    )


def _topics(document: Mapping[str, Any]) -> Iterator[str]:
    messages = document["components"]["messages"]
    for operation in document["operations"].values():
        channel = document["channels"][_name(operation["channel"])]
        records = " or ".join(
            _type(messages[_name(message)].get("payload", {}))
            for message in channel["messages"].values()
        )
        said = escape(channel.get("description", ""))
        yield f"<tr><td>{DIRECTIONS[operation['action']]}</td>"
        yield f"<td><code>{escape(channel['address'])}</code></td><td>{said or records}</td></tr>"


def _schema(name: str, schema: Schema) -> Iterator[str]:
    yield f'<h2 id="{escape(name)}">{escape(name)}</h2>'
    yield f"<p>{escape(schema.get('description', ''))}</p>"
    if "properties" not in schema:
        yield f"<p>{_type(schema)} {_rules(schema)}</p>"
        return
    yield "<table><tr><th>Field</th><th>Type</th><th>Needed</th><th></th></tr>"
    needed = schema.get("required", ())
    for field, its in schema["properties"].items():
        said = escape(its.get("description", ""))
        yield f"<tr><td><code>{escape(field)}</code></td><td>{_type(its)}</td>"
        yield f"<td>{'yes' if field in needed else ''}</td><td>{said} {_rules(its)}</td></tr>"
    yield "</table>"


def _type(schema: Schema) -> str:
    """Name a type; what is described on the page is a link to there."""
    if "$ref" in schema:
        name = escape(_name(schema))
        return f'<a href="#{name}">{name}</a>'
    alternatives = schema.get("anyOf") or schema.get("oneOf")
    if alternatives:
        return " or ".join(_type(each) for each in alternatives)
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return escape(str(schema.get("type", "any JSON")))


def _rules(schema: Schema) -> str:
    every = [schema, *schema.get("anyOf", ())]
    said = [
        words.format(_value(each[rule])) for each in every for rule, words in RULES if rule in each
    ]
    if schema.get("default") is not None:
        said.append(f"{_value(schema['default'])} where it is left out")
    return escape("; ".join(said))


def _value(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _name(reference: Mapping[str, Any]) -> str:
    """Return what a `$ref` ends with: a JSON pointer in a URL, so escaped twice."""
    name: str = reference["$ref"].rpartition("/")[2]
    return unquote(name).replace("~1", "/").replace("~0", "~")
