"""A rule's form as the API takes it. Pure: what single conditions mean, `condition_fields` says."""

from dataclasses import replace
from typing import Any, Final

from console.design.words import say
from console.pages.rule_form import grouping
from console.pages.rule_form.grouping import HOWS, Grouped, How
from console.pages.rule_form.spelled import plainly
from console.web import condition_fields, logic, rows
from console.web.attributes import OF_ITEMS, OF_RULES, Attribute
from console.web.forms import Form
from console.web.logic import Tree
from console.web.rules import COLLECTION, ITEMS, LOGIC
from console.web.terms import Typed

ROWS: Final = "conditions"
TOGETHER: Final = "together"
AND, OR, WRITTEN = "and", "or", "written"
MESSAGE: Final = "error.message"
KINDS: Final = (("products", "product"), ("skus", "sku"))


def compacted(form: Form) -> Form:
    """Leave out the rows that ask about nothing, and those of items."""
    form = rows.compacted(form, ROWS, ("name",))
    for at in range(rows.count(form, ROWS)):
        form = rows.compacted(form, f"{ROWS}.{at}.like", ("name",))
    return form


def placed(form: Form) -> Form:
    """Let what the API says of a condition, which it calls by its key, stand at its row."""
    faults, known = dict[str, str](), keys(form)
    for name, text in form.faults.items():
        of, _, rest = name.partition(".")
        key, says_which, said = text.partition(": ")
        if of != "rules":
            faults[name] = text
        elif not rest and says_which and key in known:
            faults[f"{ROWS}.{known.index(key)}"] = plainly(said)
        else:
            of_logic = text.startswith(LOGIC) and form.one(TOGETHER) == WRITTEN
            faults[LOGIC if of_logic else ROWS] = plainly(text)
    return replace(form, faults=faults)


def body(typed: Typed) -> dict[str, Any]:
    message = typed.form.text(MESSAGE)
    return {
        "name": typed.form.one("name"),
        "rules": rules(typed),
        "error": None if message is None else {"message": message},
    }


def rules(typed: Typed) -> dict[str, Any]:
    """Read the conditions by their keys, and how they hang together."""
    found: dict[str, Any] = {}
    for at, key in enumerate(keys(typed.form)):
        found[key] = _node(typed, f"{ROWS}.{at}")
    if not found:
        typed.faults[ROWS] = say("rule_form.no_conditions")
        return found
    return found | {LOGIC: _logic(typed)}


def keys(form: Form) -> list[str]:
    """Return what the conditions are called, each otherwise; a new one by the next number."""
    found: list[str] = []
    for at in range(rows.count(form, ROWS)):
        key = form.one(f"{ROWS}.{at}.key")
        found.append(key if key and key not in found else next_key(found, form))
    return found


def next_key(taken: list[str], form: Form) -> str:
    """Return the next number that no condition of the form has."""
    named = {form.one(f"{ROWS}.{at}.key") for at in range(rows.count(form, ROWS))}
    number = 1
    while str(number) in taken or str(number) in named:
        number += 1
    return str(number)


def how(form: Form, group: str) -> How:
    """Return how the conditions of a group have to be met: all, unless something is chosen."""
    chosen = form.one(f"how.{group}")
    return next((each for each in HOWS if each == chosen), "all")


def _logic(typed: Typed) -> str:
    form = typed.form
    if form.one(TOGETHER) == WRITTEN:
        return _written(typed)
    groups: dict[str, list[tuple[str, bool]]] = {}
    for at, key in enumerate(keys(form)):
        row = f"{ROWS}.{at}"
        groups.setdefault(form.one(f"{row}.group"), []).append((key, form.has(f"{row}.not")))
    tree: Tree = grouping.tree_of(
        [Grouped(how(form, group), tuple(parts)) for group, parts in groups.items()],
        is_all=form.one(TOGETHER) != OR,
    )
    return logic.write(tree)


def _written(typed: Typed) -> str:
    text, known = typed.form.one(LOGIC), set(keys(typed.form))
    try:
        named = logic.keys(logic.parse(text))
    except ValueError:
        typed.faults[LOGIC] = say("rule_form.no_logic")
        return text
    if wrong := sorted(named ^ known):
        key = "rule_form.logic_unknown" if wrong[0] in named else "rule_form.logic_leaves_out"
        typed.faults[LOGIC] = say(key, name=wrong[0])
    return text


def _node(typed: Typed, row: str) -> dict[str, Any]:
    attribute, found = _named(typed, row, OF_RULES)
    if attribute is None:
        return found
    if attribute.kind == ITEMS:
        found |= _items(typed, row)
    else:
        found["conditions"] = condition_fields.read(typed, row, attribute)
    if (message := typed.form.text(f"{row}.message")) is not None:
        found["error"] = {"message": message}
    return found


def _items(typed: Typed, row: str) -> dict[str, Any]:
    """Read which items: some products, or all others, and what is asked of them."""
    form = typed.form
    named = [
        *(
            {"object": kind, "id": each}
            for field, kind in KINDS
            for line in form.one(f"{row}.{field}").splitlines()
            if (each := line.strip())
        ),
        *({"object": COLLECTION, "id": each} for each in form.many(f"{row}.collections")),
    ]
    like = {
        str(at + 1): _like(typed, f"{row}.like.{at}")
        for at in range(rows.count(form, f"{row}.like"))
    }
    if not named and not like:
        typed.faults[f"{row}.products"] = say("rule_form.no_items")
    found: dict[str, Any] = {"conditions": {}}
    if named:
        is_left_out = form.one(f"{row}.which") == "others"
        found["conditions"] = {"$is_not" if is_left_out else "$is": named}
    if like:
        found["rules"] = like | {LOGIC: " and ".join(like)}
    return found


def _like(typed: Typed, row: str) -> dict[str, Any]:
    attribute, found = _named(typed, row, OF_ITEMS)
    if attribute is not None:
        found["conditions"] = condition_fields.read(typed, row, attribute)
    return found


def _named(
    typed: Typed, row: str, of: tuple[Attribute, ...]
) -> tuple[Attribute | None, dict[str, Any]]:
    """Read what a row asks about, and how a condition names it; nothing where nobody knows it."""
    attribute = condition_fields.attribute_of(typed.form, row, of)
    if attribute is None:
        typed.faults[f"{row}.name"] = say("conditions.unknown")
        return None, {}
    found: dict[str, Any] = {"name": attribute.name}
    if attribute.has_property:
        found["property"] = typed.form.text(f"{row}.property")
    return attribute, found
