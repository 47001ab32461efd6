"""A data folder keeps the keys of its projects, and lets their readers into ClickHouse."""

import json
from pathlib import Path

from counterfoil import projects
from counterfoil.engines import clickhouse
from counterfoil.folder import Folder

SHOP = projects.Project(id="proj_a", app_id="cpn_live_a", app_token="a")
OTHER = projects.Project(id="proj_b", app_id="cpn_live_b", app_token="b")


def users(folder: Folder) -> list[clickhouse.Account]:
    found: list[clickhouse.Account] = json.loads(projects.users(folder).read_text())
    return found


def test_projects_are_kept_in_the_order_of_their_making(tmp_path: Path) -> None:
    folder = Folder(tmp_path)

    projects.keep(folder, "Shop", SHOP)
    projects.keep(folder, "Other", OTHER)

    kept = projects.kept(Folder(tmp_path))
    assert [(each["name"], each["id"]) for each in kept] == [
        ("Shop", "proj_a"),
        ("Other", "proj_b"),
    ]
    assert kept[0]["app_token"] == "a"
    assert (tmp_path / "secrets.json").stat().st_mode & 0o077 == 0


def test_each_project_has_a_reader_that_sees_it_and_no_other(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    projects.let_in(folder)

    for project in (SHOP, OTHER):
        projects.keep(folder, "Shop", project)

    owner, api, worker, auditor, *readers = users(folder)
    assert (owner["name"], owner["project_id"]) == (clickhouse.SUPERUSER, None)
    assert [(each["name"], each["rights"]) for each in (api, worker)] == [
        ("analytics_api", "reads"),
        ("analytics_worker", "inserts"),
    ]
    assert (auditor["project_id"], auditor["views_alone"]) == (None, True)
    assert [each["project_id"] for each in readers] == ["proj_a", "proj_b"]
    assert len({each["password"] for each in (owner, api, worker, auditor, *readers)}) == 6


def test_a_readers_address_bears_its_name_and_password(tmp_path: Path) -> None:
    kept = projects.keep(Folder(tmp_path), "Shop", SHOP)

    address = projects.reader("http://counterfoil:secret@127.0.0.1:8123/coupons", kept)

    assert address == f"http://proj_a:{kept['reader_password']}@127.0.0.1:8123/coupons"


def test_a_clickhouse_of_somebody_else_is_told_nothing(tmp_path: Path) -> None:
    folder = Folder(tmp_path)

    projects.keep(folder, "Shop", SHOP)

    assert not projects.users(folder).exists()
