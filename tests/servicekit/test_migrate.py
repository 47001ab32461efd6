"""The kit's migrations and a service's are numbered apart: dbmate has one list of versions."""

import re
from pathlib import Path

import pytest

from campaigns.__main__ import MIGRATIONS as CAMPAIGNS
from redemption.__main__ import MIGRATIONS as REDEMPTION
from servicekit.postgres.migrate import OWN

KIT = re.compile(r"\d{8}_\w+\.sql")
SERVICE = re.compile(r"\d{4}_\w+\.sql")


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def version(file: str) -> str:
    return file.partition("_")[0]


def test_the_kits_migrations_have_eight_digits() -> None:
    assert files(OWN)
    assert [name for name in files(OWN) if not KIT.fullmatch(name)] == []


@pytest.mark.parametrize("folder", [CAMPAIGNS, REDEMPTION], ids=["campaigns", "redemption"])
def test_no_migration_of_a_service_has_a_version_of_the_kits(folder: Path) -> None:
    both = files(OWN) + files(folder)

    assert [name for name in files(folder) if not SERVICE.fullmatch(name)] == []
    assert len({version(name) for name in both}) == len(both)
    assert sorted(both) == both  # dbmate's order: the kit's first, whatever a service's number
