"""What campaigns keep of a customer: which codes were given to them, and what was said of it."""

from typing import Any, Final

from console.api.client import Query
from console.web.visit import Visit

MOST: Final = 100  # of one page of the API


async def all_to(visit: Visit, customer_id: str) -> list[Any]:
    """Return all publications to a customer, the oldest first."""
    found: list[Any] = []
    while len(found) % MOST == 0:
        asks: Query = {
            "customer": customer_id,
            "order": "created_at",
            "limit": MOST,
            "page": len(found) // MOST + 1,
        }
        page = await visit.api.get("/v1/publications", asks)
        if not page["publications"]:
            break
        found += page["publications"]
    return found


async def forget(visit: Visit, customer_id: str) -> None:
    """Forget what was said of who they are; the codes stay theirs."""
    await visit.api.post("/v1/publications/forget-customer", {"customer": {"id": customer_id}})
