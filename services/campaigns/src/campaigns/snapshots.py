"""Values -> the events that tell of them, and where those go. Pure.

A snapshot's id is that of the thing and its version, so the same state always has the same
identity, however often it is published.
"""

from collections.abc import Sequence
from datetime import datetime

from campaigns.catalogue import Segment
from campaigns.model import Campaign, Voucher
from campaigns.tenants import Project
from contracts import campaigns as campaign_events
from contracts import projects as project_events
from contracts import segments, topics, vouchers
from contracts.event import Event
from contracts.visits import Visit, Visited
from servicekit.postgres.outbox import Message

SOURCE = "/counterfoil/campaigns"


def _message(topic: topics.Topic, key: str, event: Event) -> Message:
    return Message(topic.name, key.encode(), event.encode())


def of_project(project: Project) -> Message:
    """Tell what a project is, which keys open it, by their digests, and what was ended lately."""
    event = project_events.ProjectChanged(
        id=f"{project.id}:v{project.version}",
        source=SOURCE,
        subject=project.id,
        time=project.changed_at,
        projectid=project.id,
        data=project_events.ProjectSnapshot(
            id=project.id,
            version=project.version,
            name=project.name,
            currency=project.currency,
            time_zone=project.time_zone,
            case_sensitive_codes=project.case_sensitive_codes,
            keys=tuple(
                project_events.ApiKey(
                    id=key.id,
                    digest=key.digest,
                    scopes=key.scopes,
                    expires_at=key.expires_at,
                    origins=key.origins,
                )
                for key in project.keys
            ),
            guess_limits=project.guess_limits,
            stacking=project.stacking,
            ended=tuple(
                project_events.Ended(id=each.id, until=each.until) for each in project.ended
            ),
        ),
    )
    return _message(topics.PROJECTS, project.id, event)


def of_campaign(project_id: str, campaign: Campaign) -> Message:
    """Tell the terms that redemption enforces and the names that analytics shows."""
    definition = campaign.definition
    event = campaign_events.CampaignChanged(
        id=f"{campaign.id}:v{campaign.version}",
        source=SOURCE,
        subject=campaign.id,
        time=campaign.updated_at or campaign.created_at,
        projectid=project_id,
        data=campaign_events.CampaignSnapshot(
            id=campaign.id,
            version=campaign.version,
            name=definition.name,
            partner=campaign.partner,
            channel=definition.channel,
            category=campaign.category,
            active=campaign.enforced_active,
            currency=campaign.currency,
            time_zone=campaign.time_zone,
            terms=definition.terms,
            commission_plan=definition.commission_plan,
            margin_basis_points=definition.margin_basis_points,
        ),
    )
    return _message(topics.CAMPAIGNS, campaign.id, event)


def of_voucher(project_id: str, voucher: Voucher) -> Message:
    """Tell the state of one code."""
    event = vouchers.VoucherChanged(
        id=f"{voucher.id}:v{voucher.version}",
        source=SOURCE,
        subject=voucher.id,
        time=voucher.updated_at or voucher.created_at,
        projectid=project_id,
        data=vouchers.VoucherSnapshot(
            id=voucher.id,
            version=voucher.version,
            campaign_id=voucher.campaign_id,
            code=voucher.code,
            active=voucher.enforced_active,
            quantity=voucher.quantity,
            ends_at=voucher.ends_at,
            active_from_version=voucher.active_from_version,
        ),
    )
    return _message(topics.VOUCHERS, voucher.id, event)


def of_chunk(project_id: str, chunk: vouchers.Chunk, at: datetime) -> Message:
    """Tell a chunk of fresh codes. The topic is compacted: each chunk has a key of its own."""
    key = f"{chunk.campaign_id}:{chunk.number}"
    event = vouchers.VouchersIssued(
        id=key, source=SOURCE, subject=key, time=at, projectid=project_id, data=chunk
    )
    return _message(topics.VOUCHERS, key, event)


def of_segment(
    project_id: str, segment: Segment, members: Sequence[str], *, deleted: bool = False
) -> Message:
    """Tell who is in a segment, or what they have to be."""
    event = segments.SegmentChanged(
        id=f"{segment.id}:v{segment.version}",
        source=SOURCE,
        subject=segment.id,
        time=segment.updated_at or segment.created_at,
        projectid=project_id,
        data=segments.SegmentSnapshot(
            id=segment.id,
            version=segment.version,
            name=segment.name,
            type=segment.type,
            filter=segment.filter,
            members=tuple(members),
            in_reports=segment.in_reports,
            deleted=deleted,
        ),
    )
    return _message(topics.SEGMENTS, segment.id, event)


def of_visit(project_id: str, visit: Visit, at: datetime) -> Message:
    """Tell that somebody looked at a deal."""
    event = Visited(
        id=visit.visit_id,
        source=SOURCE,
        subject=visit.campaign_id,
        time=at,
        projectid=project_id,
        data=visit,
    )
    return _message(topics.VISITS, visit.campaign_id, event)
