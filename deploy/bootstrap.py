# ruff: noqa: INP001  # a script, in no package
"""Puts uv, pinned and checked, into .uv/ and prints where it is. Standard library only.

    python3 deploy/bootstrap.py

A machine may have Python and nothing else: no pip, no venv, no uv. The wheel of uv holds one static
program; we fetch it from the index that the environment names (UV_DEFAULT_INDEX, PIP_INDEX_URL), or
else from the one that uv.lock was resolved against, and believe it only if its sha256 is the one
below. A uv of the same series on PATH is used as it is.
"""

import base64
import hashlib
import html.parser
import os
import platform
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036  # the one file that an older Python may meet
    sys.exit(f"Counterfoil needs Python 3.11 or newer, this is {platform.python_version()}")

VERSION = "0.13.9"
SERIES = "0.13."
ROOT = Path(__file__).resolve().parent.parent
UV = ROOT / ".uv" / f"uv-{VERSION}"
WHEELS = {
    ("x86_64", "glibc"): (
        "manylinux_2_17_x86_64.manylinux2014_x86_64",
        "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
    ),
    ("x86_64", "musl"): (
        "musllinux_1_1_x86_64",
        "2c45530751517d6c3bbc69a19473f6effe47cce047bede01ffd8af7ea7b36b25",
    ),
    ("aarch64", "glibc"): (
        "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
        "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
    ),
    ("aarch64", "musl"): (
        "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
        "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
    ),
}
TIMEOUT_SECONDS = 60


class Links(html.parser.HTMLParser):
    """Collects where each file of an index page is."""

    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.hrefs += [value for name, value in attrs if name == "href" and value]


def on_path() -> Path | None:
    """Return a uv of our series that is there already."""
    found = shutil.which("uv")
    if found is None:
        return None
    told = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    return Path(found) if told.stdout.startswith(f"uv {SERIES}") else None


def index() -> str:
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        if os.environ.get(name):
            return os.environ[name].rpartition("=")[2]  # uv allows "name=url"
    locked = re.search(r'registry = "([^"]+)"', (ROOT / "uv.lock").read_text())
    if locked is None:
        sys.exit("uv.lock names no index; set UV_DEFAULT_INDEX")
    return locked[1]


def fetch(url: str) -> bytes:
    parts = urllib.parse.urlsplit(url)
    headers = {"User-Agent": "counterfoil-bootstrap", "Accept": "text/html, */*;q=0.1"}
    if parts.username:
        user = urllib.parse.unquote(f"{parts.username}:{parts.password or ''}")
        headers["Authorization"] = "Basic " + base64.b64encode(user.encode()).decode()
        parts = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    if parts.scheme not in {"http", "https", "file"}:
        sys.exit(f"cannot fetch from {parts.scheme}:")
    request = urllib.request.Request(urllib.parse.urlunsplit(parts), headers=headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
        content: bytes = answer.read()
    return content


def wheel() -> bytes:
    """Fetch the wheel for this machine and check it."""
    machine = {"arm64": "aarch64", "amd64": "x86_64"}.get(platform.machine(), platform.machine())
    libc = "glibc" if platform.libc_ver()[0] == "glibc" else "musl"
    if sys.platform != "linux" or (machine, libc) not in WHEELS:
        sys.exit(f"no uv is pinned for {sys.platform} {machine}: put uv {VERSION} on PATH")
    tag, sha256 = WHEELS[machine, libc]
    file = f"uv-{VERSION}-py3-none-{tag}.whl"
    page = index().rstrip("/") + "/uv/"
    links = Links()
    links.feed(fetch(page).decode())
    href = next((h for h in links.hrefs if urllib.parse.urlsplit(h).path.endswith(file)), None)
    if href is None:
        sys.exit(f"{file} is not on the index")
    content = fetch(urllib.parse.urljoin(page, href.partition("#")[0]))
    if hashlib.sha256(content).hexdigest() != sha256:
        sys.exit(f"{file} is not the file that we know: its sha256 differs")
    return content


def install(content: bytes) -> None:
    """Unpack the one program; in place only when whole, so that an interruption leaves nothing."""
    UV.parent.mkdir(exist_ok=True)
    packed = UV.with_suffix(".whl")
    packed.write_bytes(content)
    unfinished = UV.with_suffix(".new")
    with zipfile.ZipFile(packed) as archive:
        unfinished.write_bytes(archive.read(f"uv-{VERSION}.data/scripts/uv"))
    unfinished.chmod(0o755)
    unfinished.rename(UV)
    packed.unlink()


def main() -> None:
    found = on_path()
    if found is None and not UV.exists():
        print(f"fetching uv {VERSION}", file=sys.stderr)  # noqa: T201
        try:
            install(wheel())
        except (urllib.error.URLError, OSError) as error:
            sys.exit(f"cannot fetch uv {VERSION}: {error}; or put one on PATH")
    print(found or UV)  # noqa: T201  # what the Makefile reads


if __name__ == "__main__":
    main()
