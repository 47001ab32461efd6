"""Lets in who has a key with the scope of reports."""

from typing import Annotated

import structlog
from fastapi import Depends, Header, Request

from analytics.api.errors import missing_permission, unauthorized
from analytics.keyring import Caller, Keyring
from analytics.store import Warehouse

SCOPE = "reports"


async def caller(
    request: Request,
    app_id: Annotated[str | None, Header(alias="X-App-Id")] = None,
    app_token: Annotated[str | None, Header(alias="X-App-Token")] = None,
) -> Caller:
    """Return whose key the request carries; refuse the request otherwise."""
    if not app_id or not app_token:
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
