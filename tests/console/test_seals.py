import pytest

from console.session.seals import Seals

SEALS = Seals(b"a secret of the installation's")


def test_what_was_sealed_is_opened_for_its_purpose_alone() -> None:
    sealed = SEALS.seal("notice", "Ärger; \U0001f600")

    assert SEALS.open("notice", sealed) == "Ärger; \U0001f600"
    assert SEALS.open("oidc", sealed) is None
    assert Seals(b"another").open("notice", sealed) is None


@pytest.mark.parametrize("sealed", ["", ".", "YQ", "YQ.", "YQ.x", "é.é", "YQ.x.y"])
def test_what_anybody_else_wrote_is_not_opened(sealed: str) -> None:
    assert SEALS.open("notice", sealed) is None


def test_a_digest_of_one_session_is_none_of_another() -> None:
    digest = SEALS.digest("csrf", "cps_1")

    assert SEALS.is_digest("csrf", "cps_1", digest)
    assert not SEALS.is_digest("csrf", "cps_2", digest)
    assert not SEALS.is_digest("csrf", "cps_1", "")
