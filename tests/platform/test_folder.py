"""Other users of the machine can neither read a platform's files nor slip it theirs."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from kit.commands import counterfoil

from counterfoil.errors import PlatformError
from counterfoil.folder import Folder
from counterfoil.ports import Ports
from counterfoil.processes import Program, run


@pytest.fixture
def careless_umask() -> Iterator[None]:
    before = os.umask(0o000)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    paths = (folder, *folder.rglob("*"))
    return {path.name: oct(path.stat().st_mode & 0o777) for path in paths}


@pytest.mark.usefixtures("careless_umask")
def test_a_new_folder_is_its_owners_alone(tmp_path: Path) -> None:
    Folder(tmp_path / "shop").make()

    assert set(modes(tmp_path / "shop").values()) == {"0o700"}


@pytest.mark.usefixtures("careless_umask")
def test_a_part_that_was_open_is_closed(tmp_path: Path) -> None:
    (tmp_path / "shop" / "kafka").mkdir(parents=True, mode=0o755)
    (tmp_path / "shop").chmod(0o755)

    Folder(tmp_path / "shop").make()

    assert modes(tmp_path / "shop")["kafka"] == "0o700"
    assert modes(tmp_path / "shop")["shop"] == "0o755"  # not ours to close


@pytest.mark.usefixtures("careless_umask")
@pytest.mark.parametrize("was_there", [True, False])
def test_nobody_else_can_hold_the_lock_of_a_folder_that_others_may_enter(
    tmp_path: Path, was_there: bool
) -> None:
    tmp_path.chmod(0o755)
    if was_there:
        (tmp_path / "lock").touch(0o644)

    with Folder(tmp_path).locked():
        assert modes(tmp_path)["lock"] == "0o600"


def test_a_folder_that_others_may_write_to_is_refused_in_one_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)

    done = counterfoil("up", "--data", str(tmp_path))

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "others may write" in done.stderr


@pytest.mark.process
@pytest.mark.parametrize("user", [None, "nobody"] if os.geteuid() == 0 else [None])
async def test_what_a_program_of_ours_writes_is_its_owners_alone(
    tmp_path: Path, user: str | None
) -> None:
    writes = "import os, sys; open(sys.argv[1], 'w'); os.mkdir(sys.argv[1] + '.d')"
    written = tmp_path / "written"

    await run(
        Program(
            "writer",
            (sys.executable, "-c", writes, str(written)),
            tmp_path / "writer.log",
            user=user,
        )
    )

    assert modes(tmp_path).items() >= {"written": "0o600", "written.d": "0o700"}.items()


def test_locks_in_a_folder_of_somebody_elses_making_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link that another user put where we keep locks would have us empty a file of ours."""
    precious = tmp_path / "precious"
    precious.write_text("ours")
    trap = tmp_path / "trap"
    trap.mkdir()
    (trap / "8080").symlink_to(precious)
    (tmp_path / f"counterfoil-ports-{os.getuid()}").symlink_to(trap)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    with pytest.raises(PlatformError, match="somebody else"), Ports() as ports:
        ports.choose(8080)

    assert precious.read_text() == "ours"


@pytest.mark.process
def test_no_command_writes_what_others_can_read(tmp_path: Path) -> None:
    """The command closes what it writes, whatever the shell's umask is."""
    script = f"umask 000; exec {sys.executable} -c '{UMASK}' status --data {tmp_path}/none"

    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=False)

    assert done.stdout == "0o77\n", done.stderr


UMASK = """
import atexit, os
from counterfoil.cli import main
atexit.register(lambda: print(oct(os.umask(0))))
main()
"""
