"""What people are shown of a platform that runs."""

from pathlib import Path

import pytest

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
