"""Odd values of whatever a service's page lets one name: each is answered as the page says."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import httpx

# As they stand in an address.
VALUES: Final[Mapping[str, str]] = {
    "nothing": "",
    "blanks": "%20%20",
    "control characters": "%09%0A",
    "NUL": "a%00b",
    "no UTF-8": "%FF",
    "half a surrogate pair": "%ED%A0%80",
    "10 KB": "x" * 10_000,
    "a number of 40 digits": "9" * 40,
    "a negative number": "-1",
    "a large number behind zeros": "0000019999999999999999999",
    "digits of others": "%D9%A3%C2%B2",
    "no number": "NaN",
    "null": "null",
    "nothing to be seen": "%E2%80%8B%EF%BB%BF",
    "quotes": quote("'\";--\\"),
    "the last moment": "9999-12-31T23%3A59%3A59-14%3A00",
}
# Where a value may be a list as Python writes it.
LISTS: Final[Mapping[str, str]] = {
    "an empty list": "[]",
    "a list of half a pair": "['\\ud800']",
    "a list with NUL": "['\\x00']",
    "a list of nothing": "['']",
    "a list of a number that is too long": f"[0x{'f' * 6_000}]",
    "a list that never ends": "[" * 3_000,
    "a list of no number": "[1e999, True]",
}
UNKNOWN: Final = ("unknown", "", "%00")
# Of a path an empty part is another path.
IN_PATHS: Final = ("blanks", "NUL", "no UTF-8", "10 KB")
IN_LISTS: Final = ("nothing", "blanks", "NUL", "10 KB", "a number of 40 digits", "the last moment")
REFUSED: Final = 400


class Operation(NamedTuple):
    """What can be asked for, the names that its query string may have, and what may come back."""

    method: str
    template: str
    names: Sequence[str]
    statuses: frozenset[int]

    def path(self, **odd: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda place: odd.get(place[1], "x"), self.template)


class Question(NamedTuple):
    """An address in which one thing is odd, and the parameter that it is in, if it is known."""

    operation: Operation
    address: str
    name: str = ""


def operations(page: Mapping[str, Any]) -> Iterator[Operation]:
    for template, methods in page["paths"].items():
        for method, said in methods.items():
            names = [each["name"] for each in said.get("parameters", ()) if each["in"] == "query"]
            statuses = frozenset(int(status) for status in said["responses"])
            yield Operation(method.upper(), template, names, statuses)


def questions(page: Mapping[str, Any]) -> Iterator[Question]:
    """Yield what is odd in a path, or in a query string, of all that a page has."""
    asked = set[tuple[str, str]]()
    for each in operations(page):
        yield from _of_paths(each)
        yield from (Question(each, f"{each.path()}?{name}=1") for name in UNKNOWN)
        # What reports have in common is read in one place, and each takes a while.
        resource = each.template.split("/")[2]
        new = [name for name in each.names if (resource, name) not in asked]
        asked |= {(resource, name) for name in new}
        yield from _of_queries(each, new, [*VALUES.values()])


def in_brackets(
    page: Mapping[str, Any], names: Mapping[str, Collection[str]]
) -> Iterator[Question]:
    """Yield the same of names that no page can list, by the paths of lists that know them."""
    values = [*(VALUES[value] for value in IN_LISTS), *map(quote, LISTS.values())]
    for each in operations(page):
        if each.method == "GET":
            yield from _of_queries(each, names.get(each.template, ()), values)


def _of_paths(operation: Operation) -> Iterator[Question]:
    for place in re.findall(r"\{(\w+)\}", operation.template):
        for value in IN_PATHS:
            yield Question(operation, operation.path(**{place: VALUES[value]}))


def _of_queries(
    operation: Operation, names: Iterable[str], values: Iterable[str]
) -> Iterator[Question]:
    path = operation.path()
    for name in names:
        spelt = quote(name, safe="")
        for query in (spelt, f"{spelt}=1&{spelt}=2", *(f"{spelt}={value}" for value in values)):
            yield Question(operation, f"{path}?{query}", name)


async def answered_otherwise(
    http: httpx.AsyncClient, headers: Mapping[str, str], asked: Iterable[Question]
) -> list[str]:
    """Ask everything; return what the page has not: statuses, and refusals that say nothing."""
    found = []
    for question in asked:
        method = question.operation.method
        answer = await http.request(method, question.address, headers=headers)
        if why := _wrong(question, answer):
            found.append(f"{method} {question.address[:150]}: {answer.status_code} {why}")
    return found


def _wrong(question: Question, answer: httpx.Response) -> str:
    status = answer.status_code
    if status not in question.operation.statuses:
        return f"is not documented: {answer.text[:200]}"
    if status < REFUSED or question.operation.method == "HEAD":
        return ""
    body = answer.json()
    if body["code"] != status or not (body["key"] and body["message"]):
        return f"is no error object: {answer.text[:200]}"
    told = f"{body['message']} {body.get('details')}"
    if status == REFUSED and question.name.partition("[")[0] not in told:
        return f"does not name {question.name}: {told[:200]}"
    return ""
