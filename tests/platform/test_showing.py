"""What people are shown of a platform that runs."""

from pathlib import Path

import pytest
from rich.table import Table

from counterfoil import showing
from counterfoil.folder import Folder
from counterfoil.status import nobody

GATEWAY, INNER = "http://127.0.0.1:8080", "http://127.0.0.1:8131"


def test_only_the_address_through_the_gateway_is_shown_as_the_consoles(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    part = {"healthy": True, "state": "running", "restarts": 0, "last_exit": None, "ready": {}}
    found = nobody(Folder(tmp_path)) | {
        "gateway": GATEWAY,
        "kafka": "127.0.0.1:9092",
        "kafka_security": {"security_protocol": "SASL_PLAINTEXT", "users": {}},
        "services": {
            "console": part | {"url": INNER},
            "gateway": part | {"url": GATEWAY},
        },
    }

    showing.show(found, as_json=False)

    told = capsys.readouterr().out
    assert f"console     {GATEWAY}/  " in told
    assert INNER not in told


def test_what_no_terminal_shows_is_cut_nowhere(capsys: pytest.CaptureFixture[str]) -> None:
    topic, why = f"{'coupons.redemption-requests.v1.' * 4}dlq", "a reason of many words " * 20
    table = Table("topic", "letters", "why", box=None, pad_edge=False)
    table.add_row(topic, "1", why)
    table.add_row("short", "20", "too")

    showing.print_table(table)

    head, *rows = capsys.readouterr().out.splitlines()
    assert [row.split() for row in rows] == [[topic, "1", *why.split()], ["short", "20", "too"]]
    assert head.split() == ["topic", "letters", "why"]
    assert rows[1].endswith("too")  # and not padded to the longest
