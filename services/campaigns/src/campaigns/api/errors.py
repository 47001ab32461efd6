"""Refusals and the database's own, as error objects; the kit answers all others."""

from typing import Any, Final

import asyncpg
from starlette.requests import Request
from starlette.responses import Response

from campaigns.refusals import (
    ConflictError,
    InUseError,
    InvalidError,
    NotEnforcedYetError,
    NotFoundError,
    SignInFailedError,
    StaleError,
    TooManyTriesError,
)
from contracts.instants import to_rfc3339
from servicekit.http.errors import RETRY_AFTER, ApiError, Handler, not_found, render, too_many
from servicekit.http.openapi import REFERENCE, error_response
from servicekit.postgres.outbox import TooLargeError

# For the `responses` of routes: what they may say beside what all say.
LATE: Final[dict[int | str, dict[str, Any]]] = {
    503: error_response(
        "Stored, but it is not known yet that redemption obeys: ask again until it is",
        503,
        ("not_enforced_yet", "The change is stored but not yet confirmed by redemption"),
        ("service_unavailable", "Service unavailable"),
    )
}
SIGN_IN: Final[dict[int | str, dict[str, Any]]] = {
    401: error_response(
        "Not who he says; why is nobody's business",
        401,
        ("sign_in_failed", "E-mail and password do not fit"),
    ),
    429: error_response(
        "Too many tries: wait the seconds of Retry-After",
        429,
        ("too_many_requests", "Too many requests"),
    ),
}
LAST_OWNER: Final[dict[int | str, dict[str, Any]]] = {
    409: error_response(
        "A project keeps an owner", 409, ("last_owner", "The project has no other owner")
    )
}
STALE: Final[dict[int | str, dict[str, Any]]] = {
    409: error_response(
        "It was changed since it was read (`current` is how it is now), or its name is taken",
        409,
        ("version_conflict", "It was changed since it was read"),
        ("duplicate_found", "Duplicate resource found"),
    )
}
REFERRERS: Final[dict[str, Any]] = {
    "allOf": [
        REFERENCE,
        {
            "type": "object",
            "properties": {
                "used_by": {
                    "type": "array",
                    "description": "the first five that refer to it",
                    "items": {
                        "type": "object",
                        "required": ["object", "id", "name", "in_bin"],
                        "properties": {
                            "object": {
                                "type": "string",
                                "enum": [
                                    "campaign",
                                    "products_collection",
                                    "sku",
                                    "validation_rules",
                                    "voucher",
                                ],
                            },
                            "id": {"type": "string"},
                            "name": {"type": "string", "description": "of a voucher its code"},
                            "in_bin": {"type": "boolean"},
                        },
                    },
                },
                "used_by_total": {"type": "integer", "description": "how many refer to it"},
            },
        },
    ]
}
IN_USE: Final[dict[int | str, dict[str, Any]]] = {
    400: error_response(
        "Something still refers to it: `used_by` names the first",
        400,
        ("resource_in_use", "Other resources refer to this one"),
        schema=REFERRERS,
    )
}


async def _on_not_found(request: Request, error: NotFoundError) -> Response:
    return render(request, not_found(error.resource_type, error.resource_id))


async def _on_invalid(request: Request, error: InvalidError) -> Response:
    return render(request, ApiError(400, str(error), error.details, key=error.key))


async def _on_in_use(request: Request, error: InUseError) -> Response:
    refusal = ApiError(
        400,
        str(error),
        error.details,
        key=error.key,
        used_by=[each._asdict() for each in error.used_by.first],
        used_by_total=error.used_by.total,
    )
    return render(request, refusal)


async def _on_conflict(request: Request, error: ConflictError) -> Response:
    return render(request, ApiError(409, str(error), error.details, key=error.key))


async def _on_stale(request: Request, error: StaleError) -> Response:
    refusal = ApiError(
        409,
        str(error),
        error.details,
        key="version_conflict",
        current=error.current,
        changed_by=error.changed.by,
        changed_at=None if error.changed.at is None else to_rfc3339(error.changed.at),
    )
    return render(request, refusal)


async def _on_not_enforced(request: Request, _error: NotEnforcedYetError) -> Response:
    refusal = ApiError(
        503,
        "The change is stored but not yet confirmed by redemption",
        "codes may still be redeemed; ask again to wait for the confirmation",
        key="not_enforced_yet",
        headers=RETRY_AFTER,
    )
    return render(request, refusal)


async def _on_failed_sign_in(request: Request, _error: SignInFailedError) -> Response:
    # One text for every reason: who does not know which part was wrong has learnt nothing.
    return render(request, ApiError(401, "E-mail and password do not fit", key="sign_in_failed"))


async def _on_too_many_tries(request: Request, error: TooManyTriesError) -> Response:
    details = "too many tries for this e-mail, or from this address: nothing was tried"
    return render(request, too_many(details, error.seconds))


async def _on_duplicate(request: Request, error: asyncpg.UniqueViolationError) -> Response:
    # categories_name, skus_source_id: a thing and its field. product_collections_name has one more.
    named = (error.constraint_name or "resource").removeprefix("product_")
    thing, _, field = named.partition("_")
    details = f"the project has one of its {thing} with this {field or 'id'} already"
    return render(request, ApiError(409, "Duplicate resource found", details))


async def _on_referred_to(request: Request, _error: asyncpg.ForeignKeyViolationError) -> Response:
    refusal = ApiError(400, "Other resources refer to this one", key="resource_in_use")
    return render(request, refusal)


async def _on_too_large(request: Request, error: TooLargeError) -> Response:
    refusal = ApiError(
        400, "It would be too large to be published", str(error), key="invalid_payload"
    )
    return render(request, refusal)


async def _on_unstorable(request: Request, _error: asyncpg.DataError) -> Response:
    return render(request, ApiError(400, "A value cannot be stored"))


def handlers() -> dict[int | type[Exception], Handler]:
    """Return what the kit does not know how to say."""
    return {
        NotFoundError: _on_not_found,
        InvalidError: _on_invalid,
        InUseError: _on_in_use,
        ConflictError: _on_conflict,
        StaleError: _on_stale,
        NotEnforcedYetError: _on_not_enforced,
        SignInFailedError: _on_failed_sign_in,
        TooManyTriesError: _on_too_many_tries,
        asyncpg.UniqueViolationError: _on_duplicate,
        asyncpg.ForeignKeyViolationError: _on_referred_to,
        asyncpg.DataError: _on_unstorable,
        TooLargeError: _on_too_large,
    }
