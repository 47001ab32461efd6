"""Which codes a list means, as far as their campaigns decide it: sets of campaigns with states.

A code's status is the least of its own rank and its campaign's, so whatever is asked of status,
dates, partner, channel, category or discount is answered by thousands of campaigns before one of
millions of codes is looked at.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from campaigns.listing.conditions import Arguments
from campaigns.status import own_ranks


@dataclass(frozen=True, slots=True)
class Group:
    """Campaigns whose codes are meant if they are in one of these states."""

    states: tuple[int, ...]
    campaigns: Sequence[str]


@dataclass(frozen=True, slots=True)
class Selection:
    """All groups; `everything` has the ids of all campaigns, to name the fewer of both."""

    groups: tuple[Group, ...]
    everything: frozenset[str]

    @property
    def states(self) -> tuple[int, ...]:
        return tuple(sorted({state for group in self.groups for state in group.states}))

    @property
    def pairs(self) -> list[tuple[str, int]]:
        return [(c, s) for group in self.groups for c in group.campaigns for s in group.states]

    @property
    def campaigns(self) -> int:
        return sum(len(group.campaigns) for group in self.groups)

    def only(self, campaigns: Iterable[str]) -> "Selection":
        kept = frozenset(campaigns)
        groups = (
            Group(group.states, [c for c in group.campaigns if c in kept]) for group in self.groups
        )
        return Selection(tuple(g for g in groups if g.campaigns), self.everything)

    def sql(self, args: Arguments, state: str = "state") -> str:
        """Write it as a condition on a code's `campaign_id` and its state."""
        parts = [_group(group, self.everything, args, state) for group in self.groups]
        return f"({' OR '.join(parts)})" if parts else "false"


def select(ranks: Sequence[tuple[str, int, bool]], wanted: frozenset[int]) -> Selection:
    """Make it of all campaigns: id, rank, and whether it is meant."""
    groups: dict[tuple[int, ...], list[str]] = defaultdict(list)
    states = {rank: own_ranks(rank, wanted) for rank in range(1, 8)}
    for campaign_id, rank, meant in ranks:
        if meant and states[rank]:
            groups[states[rank]].append(campaign_id)
    return Selection(
        tuple(Group(states, campaigns) for states, campaigns in groups.items()),
        frozenset(campaign_id for campaign_id, _, _ in ranks),
    )


def _group(group: Group, everything: frozenset[str], args: Arguments, state: str) -> str:
    among = f"{state} = ANY ({args.add(list(group.states), 'smallint[]')})"
    if len(group.campaigns) * 2 <= len(everything):
        return f"({among} AND campaign_id = ANY ({args.add(list(group.campaigns), 'text[]')}))"
    others = sorted(everything - set(group.campaigns))
    if not others:
        return f"({among})"
    return f"({among} AND campaign_id <> ALL ({args.add(others, 'text[]')}))"
