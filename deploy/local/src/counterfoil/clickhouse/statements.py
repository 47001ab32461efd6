"""What we must know of a statement's text: where an INSERT's data begin, which format it names."""

import re
from dataclasses import dataclass

# Comments, then the word. Quoted texts and names are skipped as wholes: they may hold any word.
COMMENTS = rb"(?:\s+|--[^\n]*(?:\n|\Z)|\#[ !][^\n]*(?:\n|\Z)|/\*.*?\*/)*"
INSERT = re.compile(COMMENTS + rb"INSERT\b", re.IGNORECASE | re.DOTALL)
TOKEN = re.compile(
    rb"""
    (?P<skipped>'(?:[^'\\]|\\.|'')*' | "(?:[^"\\]|\\.)*" | `(?:[^`\\]|\\.)*` | --[^\n]* | /\*.*?\*/)
    | \bFORMAT\s+(?P<format>\w+)
    | \b(?P<values>VALUES)\b
    | \b(?P<query>SELECT|WITH|INFILE)\b
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
LAST_FORMAT = re.compile(r"\bFORMAT\s+(\w+)(?:\s+SETTINGS\s[^()]*)?\s*;?\s*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Insert:
    """An INSERT that carries its data: the statement without FORMAT, the format, the data."""

    statement: bytes
    format: str
    data: bytes


def split_insert(text: bytes) -> Insert | None:
    """Part an INSERT from its data; None when it is no INSERT, or takes them from a SELECT."""
    if INSERT.match(text) is None:
        return None
    for token in TOKEN.finditer(text):
        if token["query"]:
            return None
        if name := token["format"]:
            data = text[token.end() :].lstrip(b" \t\f\r").removeprefix(b"\n")
            return Insert(text[: token.start()], name.decode(), data)
        if token["values"]:
            return Insert(text[: token.start()], "Values", text[token.end() :])
    return None


def named_format(query: str) -> str | None:
    """Return the format that the query itself asks for."""
    found = LAST_FORMAT.search(query)
    return found[1] if found else None
