"""How often somebody may try a password: asked, and taken, before anything is hashed.

A try is taken from three allowances: of the e-mail from that address, of the e-mail from anywhere,
and of the address. Each fills up again by itself, so nobody is locked out for longer than it takes
to have one back; a try that goes well is given back. Who has signed in from an address before has
the first alone: however many others try at his e-mail, or from his office, he gets in.
"""

import hashlib
import ipaddress
import math
from datetime import timedelta
from typing import Final, NamedTuple

from campaigns.refusals import TooManyTriesError
from campaigns.sessions import store as sessions
from campaigns.sessions.store import Allowance
from servicekit.postgres.pool import Connection

KNOWN: Final = timedelta(days=60)
IPV6_NETWORK: Final = 64  # what one customer of a provider has
NOWHERE: Final = "nowhere"


class Place(NamedTuple):
    """Where somebody comes from."""

    address: str | None
    client: str | None

    @property
    def network(self) -> str:
        """What counts as one place."""
        try:
            address = ipaddress.ip_address(self.address or "")
        except ValueError:  # what some proxy made of it
            return NOWHERE
        if isinstance(address, ipaddress.IPv6Address):
            if address.ipv4_mapped:
                return str(address.ipv4_mapped)
            return str(ipaddress.ip_network((address, IPV6_NETWORK), strict=False))
        return str(address)


async def take(conn: Connection, email: str, place: Place) -> list[Allowance]:
    """Take one of each, or raise TooManyTriesError: then none was taken, if that rolls back."""
    network = place.network
    wanted = [_allowance("both", f"{email}\0{network}", 5, seconds=60)]
    if not await sessions.is_known_at(conn, email, network, KNOWN):
        wanted += [
            _allowance("e-mail", email, 20, seconds=30),
            _allowance("address", network, 50, seconds=6),
        ]
    await sessions.forget_stale_tries(conn)
    for each in sorted(wanted):  # rivals lock rows in one order
        if not await sessions.take(conn, each):
            wait = await sessions.wait_for(conn, each)
            raise TooManyTriesError(max(1, math.ceil(wait.total_seconds())))
    return wanted


def _allowance(kind: str, subject: str, burst: int, *, seconds: int) -> Allowance:
    digest = hashlib.sha256(f"{kind}\0{subject}".encode()).hexdigest()
    return Allowance(digest, burst, timedelta(seconds=seconds))
