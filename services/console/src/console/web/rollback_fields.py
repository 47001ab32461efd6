"""What a rollback gives back, as boxes of a form; and in words. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from console.design.words import say
from console.web.forms import Form

NAME: Final = "rollback"
PARTS: Final = ("use", "budget", "on_cancelled_order")
USUAL: Final[Mapping[str, str]] = {f"{NAME}.use": "on", f"{NAME}.budget": "on"}
GIVEN: Final = {(True, False): "use", (False, True): "budget", (False, False): "nothing"}


def read(form: Form) -> dict[str, bool]:
    return {part: form.has(f"{NAME}.{part}") for part in PARTS}


def filled(policy: Mapping[str, Any]) -> dict[str, str]:
    return {f"{NAME}.{part}": "on" if policy[part] else "" for part in PARTS}


def sentences(policy: Mapping[str, Any]) -> Sequence[str]:
    """Say what rollbacks give back where that is not all, and whether they come by themselves."""
    given = policy["use"], policy["budget"]
    found = [] if all(given) else [say(f"rollback_fields.gives_{GIVEN[given]}")]
    if policy["on_cancelled_order"]:
        found.append(say("rollback_fields.by_itself"))
    return found
