"""The AsyncAPI page: what the worker reads, and what it sets aside. For reading only.

Its broker is never started. FastStream's own route would also mount a way to publish to any topic;
this renders the page and nothing else.
"""

from typing import Any

from faststream import AsyncAPI
from faststream.kafka import KafkaBroker
from faststream.specification.asyncapi.site import get_asyncapi_html

from analytics.dead_letters import GROUP
from contracts import topics
from contracts.campaigns import CampaignChanged
from contracts.projects import ProjectChanged
from contracts.redemptions import RedemptionFailed, RedemptionSucceeded
from contracts.visits import Visited


def page(bootstrap_servers: str) -> str:
    """Render the page from the contracts."""
    broker = KafkaBroker(bootstrap_servers, logger=None)

    @broker.subscriber(topics.REDEMPTIONS.name, group_id=GROUP)
    async def on_redemptions(_event: RedemptionSucceeded | RedemptionFailed) -> None:
        """Store what became of requests."""

    @broker.subscriber(topics.VISITS.name, group_id=GROUP)
    async def on_visits(_event: Visited) -> None:
        """Store who saw a deal."""

    @broker.subscriber(topics.CAMPAIGNS.name, group_id=GROUP)
    async def on_campaigns(_event: CampaignChanged) -> None:
        """Store what campaigns are called and promise."""

    @broker.subscriber(topics.PROJECTS.name, group_id=GROUP)
    async def on_projects(_event: ProjectChanged) -> None:
        """Store who may ask for reports."""

    for topic in (topics.REDEMPTIONS, topics.VISITS, topics.CAMPAIGNS, topics.PROJECTS):
        broker.publisher(
            topics.dead_letters(topic.name, GROUP),
            schema=Any,
            description=f"Records of {topic.name} that cannot be read: bytes as they came.",
        )
    specification = AsyncAPI(broker, title="Counterfoil analytics", version="1")
    return get_asyncapi_html(specification.to_specification(), try_it_out_path=None)
