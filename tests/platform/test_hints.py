"""A hint names what the reader can type: our program as the shell finds it, and the data folder."""

import os
import subprocess
import sysconfig
from pathlib import Path

import pytest
from kit.commands import counterfoil, counterfoil_process

from counterfoil.folder import VARIABLE
from counterfoil.hints import typed

SCRIPTS = Path(sysconfig.get_path("scripts"))
OURS = SCRIPTS / "counterfoil"


@pytest.fixture(autouse=True)
def usual_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_name_alone_where_the_shell_finds_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{SCRIPTS}{os.pathsep}/usr/bin")

    assert typed("status") == "counterfoil status"


def test_the_path_from_here_where_it_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin")
    monkeypatch.chdir(SCRIPTS.parent)

    assert typed("status") == f"{SCRIPTS.name}/counterfoil status"


def test_the_whole_path_from_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin")

    assert typed("status") == f"{OURS} status"


def test_a_stranger_of_the_same_name_on_the_path_is_not_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stranger = tmp_path / "counterfoil"
    stranger.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert typed("status") == f"{OURS} status"


def test_the_data_folder_is_named_unless_it_is_the_usual_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(SCRIPTS))

    assert typed("up", tmp_path / ".counterfoil") == "counterfoil up"
    assert typed("up", tmp_path / "my shop") == "counterfoil up --data 'my shop'"
    assert typed("up", Path("/srv/shop")) == "counterfoil up --data /srv/shop"
    monkeypatch.setenv(VARIABLE, "/srv/shop")
    assert typed("up", Path("/srv/shop")) == "counterfoil up"


@pytest.mark.process
def test_what_a_hint_says_can_be_typed(tmp_path: Path) -> None:
    missing = ("status", "--data", str(tmp_path / "shop"))
    said = counterfoil_process(*missing, PATH="/usr/bin:/bin").stderr
    hint = said.split("`")[1]

    assert hint.endswith("up --data shop")
    shown = subprocess.run(
        ["/bin/sh", "-c", f"{hint} --help"],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Start the platform" in shown.stdout


def test_the_version_is_that_of_the_package() -> None:
    done = counterfoil("--version")

    assert (done.returncode, done.stdout) == (0, "counterfoil 0.1.0\n")


def test_a_blank_pasted_with_an_argument_is_not_part_of_it() -> None:
    done = counterfoil("\u00a0--version\u200b ")

    assert (done.returncode, done.stdout) == (0, "counterfoil 0.1.0\n")
