"""What the form of a rule shows beside what was typed. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from console.design.parts import Option
from console.design.words import say
from console.pages.rule_form import typed
from console.pages.rule_form.grouping import HOWS
from console.pages.rule_form.typed import AND, OR, ROWS, TOGETHER, WRITTEN
from console.web import condition_fields, rows
from console.web.attributes import OF_ITEMS, OF_RULES
from console.web.condition_fields import Fields
from console.web.conditions import Reader
from console.web.forms import Form

MOST: Final = 50
MOST_LIKE: Final = 10


@dataclass(frozen=True, slots=True)
class Row:
    """A condition as it is typed. `key` is what written logic calls it."""

    fields: Fields
    key: str
    is_not: bool
    message: str
    which: Sequence[Option]
    products: str
    skus: str
    collections: Sequence[Option]
    like: Sequence[Fields]

    @property
    def is_wrong(self) -> bool:
        """Say whether its own fields are, and not those of what its items are like."""
        return bool(self.fields.error) and not self.fields.faulty.startswith(
            f"{self.fields.name}.like."
        )


@dataclass(frozen=True, slots=True)
class GroupOfRows:
    """Conditions that stand together."""

    id: str
    label: str
    hows: Sequence[Option]
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class View:
    """The form: of which rule (None: a new one). `sentence` is what the rows come to."""

    rule: Mapping[str, Any] | None
    together: Sequence[Option]
    groups: Sequence[GroupOfRows]
    sentence: str
    is_said: bool
    used: str = ""  # by how many it is kept: whom a change concerns

    @property
    def is_written(self) -> bool:
        return any(each.chosen and each.value == WRITTEN for each in self.together)


def together(form: Form) -> tuple[Option, ...]:
    chosen = form.one(TOGETHER) or AND
    return tuple(
        Option(each, say(f"rule_form.together_{each}"), each == chosen)
        for each in (AND, OR, WRITTEN)
    )


def used(rule: Mapping[str, Any] | None) -> str:
    """Say how many will be judged by what is saved."""
    count = 0 if rule is None else rule["assignments_count"]
    return say("rule_form.used", n=count) if count else ""


def groups(form: Form, reader: Reader) -> tuple[GroupOfRows, ...]:
    """Return the groups that there are, one at least, with an empty row each; and one more."""
    count = rows.count(form, ROWS)
    keys = typed.keys(form)
    of: dict[str, list[int]] = {}
    for at in range(count):
        of.setdefault(form.one(f"{ROWS}.{at}.group"), []).append(at)
    if form.one(TOGETHER) == WRITTEN:
        of = {"0": list(range(count))}
    else:
        of = of or {"0": []}
        of[_new(of)] = []
    if count < MOST:
        for members in of.values():
            members.append(count)
            keys.append(typed.next_key(keys, form))
            count += 1
    return tuple(
        GroupOfRows(
            group,
            say("rule_form.group", n=number),
            tuple(
                Option(each, say(f"rule_form.how_{each}"), each == typed.how(form, group))
                for each in HOWS
            ),
            [_row(form, f"{ROWS}.{at}", keys[at], reader) for at in members],
        )
        for number, (group, members) in enumerate(of.items(), 1)
        if members
    )


def _new(taken: Mapping[str, Any]) -> str:
    return next(str(number) for number in range(len(taken) + 1) if str(number) not in taken)


def _row(form: Form, row: str, key: str, reader: Reader) -> Row:
    like = min(MOST_LIKE, rows.count(form, f"{row}.like") + 1)
    which = form.one(f"{row}.which") or "these"
    return Row(
        fields=condition_fields.shown(
            form, row, OF_RULES, currency=reader.currency, segments=reader.segments
        ),
        key=key,
        is_not=form.has(f"{row}.not"),
        message=form.one(f"{row}.message"),
        which=tuple(
            Option(each, say(f"rule_form.which_{each}"), each == which)
            for each in ("these", "others")
        ),
        products=form.one(f"{row}.products"),
        skus=form.one(f"{row}.skus"),
        collections=_collections(form, row, reader.collections),
        like=[
            condition_fields.shown(
                form, f"{row}.like.{at}", OF_ITEMS, currency=reader.currency, segments={}
            )
            for at in range(like)
        ],
    )


def _collections(form: Form, row: str, known: Mapping[str, str]) -> tuple[Option, ...]:
    ticked = form.many(f"{row}.collections")
    gone = {each: each for each in ticked if each not in known}
    return tuple(Option(key, name, key in ticked) for key, name in {**known, **gone}.items())
