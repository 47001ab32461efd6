"""`counterfoil acl` and `counterfoil vendors`: who may do what on Kafka."""

import secrets
from typing import Annotated, Any

from cyclopts import App, Parameter
from rich.table import Table

from contracts.principals import OPERATOR, PRINCIPALS, Right, rights
from contracts.topics import answers_for, for_project, of_project, with_dead_letters
from counterfoil.access import granting
from counterfoil.access import vendors as vendors_of
from counterfoil.access.vendors import PASSWORD_BYTES
from counterfoil.commands import Data, Json, operated_kafka
from counterfoil.showing import print_json, print_table, wide_console
from servicekit.kafka.connection import Kafka

A_PROJECT = "proj_…"  # stands for any
OLD_CONNECTIONS = (
    "# Whoever is connected with the old password stays so for ten minutes at most (on a Kafka of\n"
    "# somebody else: for its connections.max.reauth.ms, or for ever). Was it stolen, see `vendors "
    "remove`."
)

vendors = App(name="vendors", help="Give vendors a way of their own into Kafka, and take it back")

Project = Annotated[str, Parameter(help="The id of the vendor's project")]


async def acl(
    *,
    apply: Annotated[bool, Parameter(negative="", help="Bring Kafka in line with it")] = False,
    json: Json = False,
    data: Data = None,
) -> int:
    """Say what each principal may do on Kafka: nobody may anything else, the operator everything.

    With --apply these rights are granted on the Kafka that the environment names, or on that of the
    running platform; the principals have no others afterwards, and those that are no users yet get
    passwords, which are shown this once. (`counterfoil up` does as much for its own Kafka.)
    """
    made: dict[str, str] = {}
    if apply:
        async with operated_kafka(data) as kafka:
            made = await _applied(kafka)
    declared = rights(with_dead_letters()) | rights(of_project(A_PROJECT))
    names = [*PRINCIPALS, A_PROJECT]
    told = {name: sorted(right for right in declared if right.principal == name) for name in names}
    if json:
        listed = [
            {"name": name, "everything": name == OPERATOR, "rights": list(map(_as_json, held))}
            | ({"password": made[name]} if name in made else {})
            for name, held in told.items()
        ]
        print_json({"principals": listed})
        return 0
    table = Table("principal", "may", "what", "", box=None, pad_edge=False)
    table.add_row(OPERATOR, "everything")
    for name, held in told.items():
        for right in held:
            named = "and all that begin so" if right.pattern == "prefixed" else ""
            table.add_row(name, right.operation, f"{right.resource} {right.name}", named)
    print_table(table)
    console = wide_console()
    for name, password in made.items():
        console.print(f"{name} is new, its password: {password}", markup=False, soft_wrap=True)
    return 0


@vendors.command
async def add(project: Project, /, *, json: Json = False, data: Data = None) -> int:
    """Make a vendor's topics and principal, and print what the vendor needs, once."""
    async with operated_kafka(data) as kafka:
        _tell(await vendors_of.add(kafka, project), project, as_json=json)
    return 0


@vendors.command
async def rotate(project: Project, /, *, json: Json = False, data: Data = None) -> int:
    """Give a vendor another password, and print what the vendor needs, once.

    Connections that are open end within ten minutes on the Kafka of `counterfoil up`, elsewhere
    when its `connections.max.reauth.ms` says; new ones need the new password.
    """
    async with operated_kafka(data) as kafka:
        _tell(await vendors_of.rotate(kafka, project), project, as_json=json)
    if not json:
        print(OLD_CONNECTIONS)  # noqa: T201
    return 0


@vendors.command
async def remove(project: Project, /, *, json: Json = False, data: Data = None) -> int:
    """End what a vendor may do, at once. Its topic stays, and what is in it is still decided.

    Was its password stolen, wait ten minutes before `vendors add`: who is still connected as this
    vendor would have its rights again.
    """
    async with operated_kafka(data) as kafka:
        await vendors_of.remove(kafka, project)
    if json:
        print_json({"removed": project})
    else:
        print(f"{project} may do nothing any more")  # noqa: T201
    return 0


@vendors.command(name="list")
async def list_(*, json: Json = False, data: Data = None) -> int:
    """List the projects whose vendors have a way of their own into Kafka."""
    async with operated_kafka(data) as kafka:
        found = await vendors_of.listed(kafka)
    if json:
        print_json({"vendors": [{"project": each, **_topics_of(each)} for each in found]})
        return 0
    table = Table("vendor of", "writes", "reads", box=None, pad_edge=False)
    for each in found:
        table.add_row(each, *_topics_of(each).values())
    print_table(table)
    return 0


async def _applied(kafka: Kafka) -> dict[str, str]:
    """Grant what is declared; return the passwords of the principals that were no users."""
    there = {OPERATOR, *await granting.users(kafka)}  # who operates it is known under some name
    made = {name: secrets.token_hex(PASSWORD_BYTES) for name in PRINCIPALS if name not in there}
    await granting.ensure(kafka, made, await granting.declared(kafka), only=PRINCIPALS)
    return made


def _as_json(right: Right) -> dict[str, Any]:
    return {name: value for name, value in right._asdict().items() if name != "principal"}


def _tell(vendor: Kafka, project: str, *, as_json: bool) -> None:
    topics = _topics_of(project)
    if as_json:
        print_json({"project": project, **topics, "client": vendor.librdkafka()})
        return
    lines = [
        f"# The vendor of {project}: for clients on librdkafka; the password is shown this once.",
        *(f"{name}={value}" for name, value in vendor.librdkafka().items()),
        f"# Requests go to the topic {topics['request_topic']}, keyed by the code.",
        f"# Answers to those with `reply` are in {topics['answers_topic']},",
        f"# for groups whose names begin with {project}.",
    ]
    print(*lines, sep="\n")  # noqa: T201


def _topics_of(project: str) -> dict[str, str]:
    return {"request_topic": for_project(project), "answers_topic": answers_for(project)}
