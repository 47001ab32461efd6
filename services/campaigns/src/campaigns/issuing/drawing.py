"""Draws codes that a project does not have yet."""

import secrets
from itertools import islice

from campaigns import codes
from campaigns.codes import CodeConfig
from campaigns.vouchers import store as vouchers
from contracts.vouchers import IssuedCode
from servicekit.postgres.pool import Connection

VOUCHER_ID = CodeConfig(prefix=codes.VOUCHER_ID_PREFIX, length=codes.VOUCHER_ID_LENGTH)
ROUNDS = 50  # of drawing again what was taken; with the room that there must be, few are used


async def new_codes(conn: Connection, project_id: str, config: CodeConfig, count: int) -> list[str]:
    """Draw codes that the project has not; fewer than asked for, or none, when they run out."""
    generated = codes.generate(config, secrets.randbelow)
    fresh: dict[str, None] = {}
    for _ in range(ROUNDS):
        new = {code: None for code in islice(generated, count - len(fresh)) if code not in fresh}
        for code in await vouchers.existing_codes(conn, project_id, new):
            del new[code]
        fresh |= new
        if len(fresh) == count:
            break
    return list(fresh)


def with_id(code: str) -> IssuedCode:
    # A random id is a code of another look: one draw instead of 32.
    number = secrets.randbelow(VOUCHER_ID.capacity)
    return IssuedCode(id=codes.encode(VOUCHER_ID, number), code=code)
