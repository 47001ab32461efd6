"""The three apis as they are composed, without an engine: what is refused before one is asked."""

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import NamedTuple

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.types import ASGIApp, Receive, Scope, Send

from analytics import app as analytics
from analytics.settings import ApiSettings as AnalyticsSettings
from campaigns import app as campaigns
from campaigns.settings import ApiSettings as CampaignsSettings
from kit.campaigns_samples import environment
from redemption import app as redemption
from redemption.settings import ApiSettings as RedemptionSettings

NOWHERE = "postgresql://somebody:secret@127.0.0.1:1/nothing"


SOMEBODY = SimpleNamespace(  # what is refused unread is refused whoever asks
    key_id="key_1",
    project_id="proj_1",
    scopes=frozenset(),
    partner_id=None,
    time_zone="UTC",
    case_sensitive_codes=True,
    code=str,
)


class Route(NamedTuple):
    """What can be asked for, with an example of its path."""

    method: str
    template: str

    @property
    def path(self) -> str:
        return self.template.replace("{", "").replace("}", "")


def apis() -> Mapping[str, ASGIApp]:
    """Make all three, by the names of their services."""
    told = environment(NOWHERE)
    checking = {"TOKEN_PUBLIC_KEYS": told["TOKEN_PUBLIC_KEYS"]}
    common = checking | {"CUSTOMER_ID_KEY": told["CUSTOMER_ID_KEY"]}
    return {
        "campaigns": campaigns.api(
            CampaignsSettings.model_validate(
                {
                    "port": 0,
                    "postgres_dsn": NOWHERE,
                    "management_id": "operator",
                    "management_token": "secret",
                    "token_private_key": told["CAMPAIGNS_TOKEN_PRIVATE_KEY"],
                    **common,
                }
            )
        ),
        "redemption": redemption.api(
            RedemptionSettings.model_validate({"port": 0, "postgres_dsn": NOWHERE, **common})
        ),
        "analytics": analytics.api(
            AnalyticsSettings.model_validate(
                {
                    "port": 0,
                    "CLICKHOUSE_URL": "http://127.0.0.1:1",
                    "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
                    "KAFKA_SECURITY_PROTOCOL": "PLAINTEXT",
                    **checking,
                }
            )
        ),
    }


def framework_of(api: ASGIApp) -> FastAPI:
    """Return the application inside the edge."""
    inside: ASGIApp = api if isinstance(api, FastAPI) else api._app  # type: ignore[attr-defined]
    assert isinstance(inside, FastAPI)
    return inside


def behind_the_door(api: ASGIApp) -> ASGIApp:
    """Return the application as it answers to whom the edge has let in."""
    framework = framework_of(api)
    framework.user_middleware.clear()

    async def admitted(scope: Scope, receive: Receive, send: Send) -> None:
        scope["state"] = {"request_id": "v-1", "caller": SOMEBODY}
        await framework(scope, receive, send)

    return admitted


def routes_of(api: ASGIApp) -> Iterator[Route]:
    """Yield every route, on its page or not."""
    for context in iter_route_contexts(framework_of(api).routes):
        assert context.path is not None
        for method in sorted(context.methods or ()):
            yield Route(method, context.path)
