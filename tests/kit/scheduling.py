"""How `pytest -n 2 --dist loadgroup` hands out the tests: by what they share.

xdist's own groups ride on the node id, which pytest 9 does not let it change; so the processes that
collect write down which test is in which group, and the one that hands out reads it.
"""

import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

import pytest
from xdist.scheduler import LoadScopeScheduling

# Tests that ask for one of these go to one process, and no other: there is one platform, and on
# Kafka the topics and groups have the services' own names. The longest group comes first.
SHARED = {"platform": "platform", "kafka_servers": "kafka"}


def group_of(item: pytest.Item) -> str | None:
    """Name the group of a test, which follows from the fixtures that it asks for."""
    asked = set(getattr(item, "fixturenames", ()))
    return next((group for fixture, group in SHARED.items() if fixture in asked), None)


def turn(item: pytest.Item) -> int:
    """Put the longest first, or one process ends with it while the other has nothing to do.

    That is the groups, then who starts platforms of its own, then who needs an engine.
    """
    group = group_of(item)
    if group is not None:
        return list(SHARED.values()).index(group)
    own_platform = {"platform_folder", "demo_folder"} & set(getattr(item, "fixturenames", ()))
    slow = (bool(own_platform), item.get_closest_marker("integration") is not None)
    return len(SHARED) + [(True, True), (False, True), (False, False)].index(slow)


def write_down(run: str, items: Iterable[pytest.Item]) -> None:
    """Tell the process that hands out. Every process of the run writes the same."""
    groups = {item.nodeid: group for item in items if (group := group_of(item))}
    draft = _page(run).with_suffix(f".{uuid4().hex}")
    draft.write_text(json.dumps(groups))
    draft.rename(_page(run))


def _page(run: str) -> Path:
    return Path(tempfile.gettempdir()) / f"counterfoil-groups-{os.getuid()}-{run}.json"


class GroupsAndFiles(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Hands out groups whole, and files whole of what belongs to no group."""

    def schedule(self) -> None:
        page = _page(self.nodes[0].workerinput["testrunuid"])
        if page.exists():
            self._groups: dict[str, str] = json.loads(page.read_text())
            page.unlink()
        super().schedule()

    def _split_scope(self, nodeid: str) -> str:
        return self._groups.get(nodeid) or nodeid.partition("::")[0]
