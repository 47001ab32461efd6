"""Which codes a list means, as far as their campaigns decide it: sets of campaigns with states.

A code's status is the least of its own rank and its campaign's, so whatever is asked of status,
dates, partner, channel, category or discount is answered by thousands of campaigns before one of
millions of codes is looked at.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from campaigns.listing.conditions import Arguments
from campaigns.status import own_ranks

SHOWN: Final = 500  # campaigns; to plan with thousands takes longer than to look at their codes


@dataclass(frozen=True, slots=True)
class Group:
    """Campaigns whose codes are meant if they are in one of these states, and all others.

    Where nobody had to look at those that are meant, they are None: all but the others.
    """

    states: tuple[int, ...]
    campaigns: frozenset[str] | None
    others: frozenset[str]

    def has(self, campaign_id: str) -> bool:
        if self.campaigns is None:
            return campaign_id not in self.others
        return campaign_id in self.campaigns


@dataclass(frozen=True, slots=True)
class Selection:
    """All groups; each campaign is in one at most."""

    groups: tuple[Group, ...]

    @property
    def states(self) -> tuple[int, ...]:
        return tuple(sorted({state for group in self.groups for state in group.states}))

    @property
    def campaigns(self) -> frozenset[str] | None:
        """Return those that are meant; None where nobody had to look at them."""
        named = [group.campaigns for group in self.groups if group.campaigns is not None]
        return frozenset[str]().union(*named) if len(named) == len(self.groups) else None

    @property
    def pairs(self) -> list[tuple[str, int]]:
        """Return campaigns with states, where they are known."""
        return [(c, s) for g in self.groups for c in g.campaigns or () for s in g.states]

    def states_of(self, campaign_id: str) -> tuple[int, ...]:
        """Return in which states this campaign's codes are meant."""
        for group in self.groups:
            if group.has(campaign_id):
                return group.states
        return ()

    def sql(self, args: Arguments, state: str = "state") -> str:
        """Write it as a condition on a code's `campaign_id` and its state."""
        parts = [_group(group, args, state) for group in self.groups]
        return f"({' OR '.join(parts)})" if parts else "false"


def select(by_rank: Sequence[tuple[int, bool, Sequence[str]]], wanted: frozenset[int]) -> Selection:
    """Make it of all campaigns: rank, whether they are meant, their ids."""
    groups: dict[tuple[int, ...], set[str]] = defaultdict(set)
    everything = {each for _, _, ids in by_rank for each in ids}
    for rank, meant, ids in by_rank:
        states = own_ranks(rank, wanted) if meant else ()
        if states:
            groups[states].update(ids)
    return Selection(
        tuple(
            Group(states, frozenset(ids), frozenset(everything - ids))
            for states, ids in groups.items()
        )
    )


def _group(group: Group, args: Arguments, state: str) -> str:
    """Write the fewer: those that are meant, or all others."""
    among = f"{state} = ANY ({args.add(list(group.states), 'smallint[]')})"
    if group.campaigns is not None and len(group.campaigns) <= len(group.others):
        return f"({among} AND {_in(group.campaigns, args)})"
    if not group.others:
        return f"({among})"
    return f"({among} AND NOT {_in(group.others, args)})"


def _in(campaigns: frozenset[str], args: Arguments) -> str:
    """Write whether a code is of one of these; the planner weighs each that it is shown."""
    ids = args.add(sorted(campaigns), "text[]")
    if len(campaigns) <= SHOWN:
        return f"campaign_id = ANY ({ids})"
    return f"coalesce(campaign_id IN (SELECT unnest({ids})), false)"
