"""Lets in who has a key with the scope of reports."""

from typing import Annotated

import structlog
from fastapi import Depends, Header, Request

from analytics.api.errors import missing_permission, unauthorized
from analytics.keyring import Caller, Keyring
from analytics.store import Warehouse

SCOPE = "reports"

# Ours are shorter. Beyond 4 kB in all, the client would send what it asks about as a form, which
# not every ClickHouse takes.
LONGEST_ID = 100


async def caller(
    request: Request,
    app_id: Annotated[str | None, Header(alias="X-App-Id")] = None,
    app_token: Annotated[str | None, Header(alias="X-App-Token")] = None,
) -> Caller:
    """Return whose key the request carries; refuse the request otherwise."""
    if not app_id or not app_token or len(app_id) > LONGEST_ID or "\0" in app_id:
        raise unauthorized()
    warehouse: Warehouse = request.app.state.warehouse
    keyring: Keyring = request.app.state.keyring
    found = await keyring.caller(await warehouse.client(), app_id, app_token)
    if found is None:
        raise unauthorized()
    if SCOPE not in found.scopes:
        raise missing_permission(SCOPE)
    structlog.contextvars.bind_contextvars(project_id=found.project_id)
    return found


CallerDep = Annotated[Caller, Depends(caller)]
