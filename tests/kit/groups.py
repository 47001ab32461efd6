"""Consumer groups as the broker knows them, and how to tell it that a killed member is gone."""

from collections.abc import Iterable

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import GroupCoordinatorNotAvailableError
from aiokafka.protocol.admin import DescribeGroupsRequest_v0
from aiokafka.protocol.api import Request
from aiokafka.protocol.group import LeaveGroupRequest

from servicekit.kafka.connection import Kafka


class DescribeGroup(Request[DescribeGroupsRequest_v0]):  # type: ignore[misc]
    """Ask for a group's members in the one version that aiokafka reads correctly."""

    API_KEY = DescribeGroupsRequest_v0.API_KEY

    def __init__(self, group: str) -> None:
        self._group = group

    def build(
        self, request_struct_class: type[DescribeGroupsRequest_v0]
    ) -> DescribeGroupsRequest_v0:
        return request_struct_class([self._group])


async def members(kafka: Kafka, groups: Iterable[str]) -> list[tuple[str, str]]:
    """Return (group, member) of every consumer that the broker believes in."""
    admin = AIOKafkaAdminClient(**kafka.options())
    await admin.start()
    try:
        return [(group, member) for group, member, _ in await _members(admin, groups)]
    finally:
        await admin.close()


async def bury(kafka: Kafka, groups: Iterable[str]) -> None:
    """Tell the broker that killed consumers are gone; it would wait out their sessions.

    Whoever comes next would wait with it, half a minute. Nobody alive may be in these groups.
    """
    admin = AIOKafkaAdminClient(**kafka.options())
    await admin.start()
    try:
        for group, member, node in await _members(admin, groups):
            await admin._send_request(LeaveGroupRequest(group, member), node)
    finally:
        await admin.close()


async def _members(admin: AIOKafkaAdminClient, groups: Iterable[str]) -> list[tuple[str, str, int]]:
    found = []
    for group in groups:
        try:
            node = await admin.find_coordinator(group)
        except GroupCoordinatorNotAvailableError:
            continue  # a broker that never had a group
        answer = await admin._send_request(DescribeGroup(group), node)
        [(*_, members)] = answer.groups
        found += [(group, member_id, node) for member_id, *_ in members]
    return found
