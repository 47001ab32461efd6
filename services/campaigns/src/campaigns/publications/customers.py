"""Customers, whom this service knows by pseudonyms alone: whom a client means. Pure."""

import re
from typing import Final

from campaigns.refusals import InvalidError
from contracts import ids
from contracts.baskets import to_email
from contracts.text import trim

CUSTOMER_ID: Final = re.compile(r"cust_[0-9a-f]{24}")


def customer_id_of(
    key: bytes, project_id: str, *, id_: str | None, source_id: str | None, email: str | None
) -> str:
    """Return the pseudonym of who is named, the same that redemption knows them by."""
    if id_ is not None and CUSTOMER_ID.fullmatch(id_) is None:
        raise InvalidError(
            "Property .customer.id: is no customer's", "send your own id as .customer.source_id"
        )
    try:
        named = source_id and trim(source_id)
        guest = None if named or id_ else email and to_email(email)
    except ValueError as error:
        raise InvalidError("Property .customer: names nobody", str(error)) from error
    meant = named or guest
    derived = ids.customer(key, project_id, meant) if meant else None
    found = id_ or derived
    if found is None:
        raise InvalidError("Property .customer: names nobody", "send a .source_id, or an .email")
    if derived not in {None, found}:
        raise InvalidError(
            "Properties .customer.id and .customer.source_id are of two customers",
            "send one of the two",
        )
    return found


def who_may_be_meant(key: bytes, project_id: str, named: str) -> list[str]:
    """Return the pseudonyms of whom a look-up means: by ours, the shop's own id, or an e-mail."""
    name = trim(named)
    if CUSTOMER_ID.fullmatch(name):
        return [name]
    found = [ids.customer(key, project_id, name)]
    if "@" in name:
        try:
            found.append(ids.customer(key, project_id, to_email(name)))
        except ValueError:
            return found
    return found
