import hashlib
import re

from campaigns.projects import credentials


def test_a_key_has_an_id_that_can_be_told_and_a_secret_that_cannot_be_guessed() -> None:
    fresh = credentials.make()

    assert re.fullmatch(r"cpn_live_[0-9A-Za-z]{16}", fresh.key_id)
    assert re.fullmatch(r"[0-9A-Za-z]{49}", fresh.secret)
    assert credentials.make().secret != fresh.secret


def test_a_digest_tells_nothing_of_its_secret() -> None:
    fresh = credentials.make()
    digest = credentials.digest(fresh.secret)

    assert digest == hashlib.sha256(fresh.secret.encode()).hexdigest()
    assert fresh.secret not in digest
