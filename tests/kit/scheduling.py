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

# What makes a test long, the longest first: to share the one platform, to start others, a Kafka.
LONG = ({"platform"}, {"platform_folder", "demo_folder"}, {"kafka_servers"})


def group_of(item: pytest.Item) -> str | None:
    """Name the tests that go to one process, and no other, with this one.

    There is one platform; and where one Kafka was given to all (else each process has its own), its
    topics and groups have the services' own names.
    """
    asked = _asked(item)
    if "platform" in asked:
        return "platform"
    return "kafka" if "kafka_servers" in asked and "KAFKA_BOOTSTRAP_SERVERS" in os.environ else None


def turn(item: pytest.Item) -> int:
    """Put the longest first, or one process ends with it while the others have nothing to do.

    Then those that wait for a program: at the end nobody would work meanwhile.
    """
    asked = _asked(item)
    for place, fixtures in enumerate(LONG):
        if fixtures & asked:
            return place
    for place, marker in enumerate(("process", "integration"), start=len(LONG)):
        if item.get_closest_marker(marker) is not None:
            return place
    return len(LONG) + 2


def _asked(item: pytest.Item) -> set[str]:
    return set(getattr(item, "fixturenames", ()))


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
