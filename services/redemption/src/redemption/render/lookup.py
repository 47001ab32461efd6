"""One redemption looked up: what it was answered, and all that was judged. Pure."""

from collections.abc import Sequence
from typing import Any, Final, Literal

import msgspec

from contracts.instants import to_rfc3339
from redemption.ledger.entries import ShownEntry, redemption_id, shown_id
from redemption.render import history
from redemption.render.redemption import ParentBody
from redemption.render.shown import USERS, ListedRedemption, Other, Related, listed, rollbacks_of

TOPICS: Final = "coupons."  # what all names of topics begin with


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """What a use took of a counter."""

    kind: str
    subject: str
    amount: int


class CallerObject(msgspec.Struct, frozen=True, kw_only=True):
    """Who asked: a key, a user, or whoever may write to a topic."""

    kind: Literal["key", "user", "topic"]
    id: str


class NearestCode(msgspec.Struct, frozen=True, kw_only=True):
    """A code of the project that is nearly the unknown one."""

    code: str
    campaign_id: str
    campaign: str | None
    distance: int


class LookedUp(ListedRedemption, frozen=True, kw_only=True):
    """One code's redemption, or refusal, with all that was judged.

    Of one that was redeemed the order is as it was answered: whole under each code of a request.
    `nearest` is there where the code is unknown, for who may read codes.
    """

    campaign_version: int | None
    claims: list[Claimed]
    caller: CallerObject
    judged_at: str
    request_key: str
    related_redemptions: Related
    nearest: list[NearestCode] | msgspec.UnsetType = msgspec.UNSET


class LookedUpParent(ParentBody, frozen=True, kw_only=True):
    """What codes redeemed together have in common; rolled back is that of which nothing is left."""

    related_redemptions: Related


def looked_up(
    entry: ShownEntry,
    answered: bytes | None,
    of_request: Sequence[str],
    nearest: Sequence[NearestCode] | None,
) -> bytes:
    """Show an entry with the others of its request; redeemed, as its request was answered."""
    said: dict[str, Any] = msgspec.to_builtins(listed(entry))
    if answered is not None:
        redeemed = history.as_answered(answered, said["id"])
        if redeemed["order"] is not None:
            redeemed["order"]["currency"] = entry.past.currency
        said |= redeemed | {"status": said["status"]}  # what became of it since
    return msgspec.json.encode(said | _judged(entry, of_request, nearest))


def parent_looked_up(answered: bytes, redeemed: Sequence[ShownEntry]) -> bytes:
    """Show what codes redeemed together have in common, as answered, and what was given back."""
    back = [each for entry in redeemed for each in rollbacks_of(entry)]
    related = Related(
        rollbacks=sorted(back, key=lambda each: (each.date, each.id)),
        redemptions=[Other(id=redemption_id(each.past.id, accepted=True)) for each in redeemed],
    )
    parent: dict[str, Any] = msgspec.json.decode(answered)
    if all(each.is_rolled_back for each in redeemed):
        parent["status"] = "ROLLED_BACK"
    return msgspec.json.encode(parent | {"related_redemptions": related})


def _judged(
    entry: ShownEntry, of_request: Sequence[str], nearest: Sequence[NearestCode] | None
) -> dict[str, Any]:
    own = shown_id(entry.past.id, entry.past.kind)
    judged: dict[str, Any] = {
        "campaign_version": entry.campaign_version,
        "claims": [Claimed(kind=k, subject=s, amount=a) for k, s, a in entry.claims],
        "caller": CallerObject(kind=_kind(entry.caller), id=entry.caller),
        "judged_at": to_rfc3339(entry.past.at),
        "request_key": entry.past.request_key.hex(),
        "related_redemptions": Related(
            rollbacks=rollbacks_of(entry),
            redemptions=[Other(id=name) for name in of_request if name != own],
        ),
    }
    return judged if nearest is None else judged | {"nearest": list(nearest)}


def _kind(caller: str) -> Literal["key", "user", "topic"]:
    if caller.startswith(TOPICS):
        return "topic"
    return "user" if caller.startswith(USERS) else "key"
