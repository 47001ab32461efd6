"""Users of a project, and one's own account, over HTTP; and the operator's way to them."""

from typing import Any, Final

from fastapi import APIRouter, Response

from campaigns.api.access import MANAGER_ONLY, CurrentCaller, Deps, Operator
from campaigns.api.caching import KEPT_NOWHERE
from campaigns.api.errors import LAST_OWNER, LATE, SIGN_IN
from campaigns.api.paths import PathParam
from campaigns.people import store as people
from campaigns.people import verbs
from campaigns.people.bodies import (
    AccountChanges,
    AddedMember,
    FreshPassword,
    MemberObject,
    Members,
    NewMember,
    StandingBody,
    UserObject,
    member_response,
    user_response,
)
from campaigns.projects import credentials
from campaigns.projects import verbs as projects
from campaigns.propagation.waiter import subject_of_project
from campaigns.refusals import InvalidError, NotFoundError, SignInFailedError
from campaigns.sessions import verbs as sessions
from campaigns.sessions.api import proven, tell
from campaigns.sessions.signed_in import (
    SESSION_HEADERS,
    CurrentPerson,
    CurrentPlace,
    Signing,
)
from campaigns.tenants import Project
from servicekit.http.errors import unauthorized
from servicekit.http.openapi import NOT_FOUND, error_response
from servicekit.postgres.pool import Connection, connection, transaction

router = APIRouter(prefix="/v1/users", tags=["settings"])
account = APIRouter(
    prefix="/v1/account", tags=["people"], dependencies=[KEPT_NOWHERE, *SESSION_HEADERS]
)
management = APIRouter(
    prefix="/management/v1/projects/{project}/users",
    tags=["management"],
    dependencies=[MANAGER_ONLY, KEPT_NOWHERE],
)

THERE_ALREADY: Final[dict[int | str, dict[str, Any]]] = {
    409: error_response(
        "This person is there already, or somebody who may be another",
        409,
        ("duplicate_found", "Duplicate resource found"),
        ("account_exists", "There is an account of this e-mail already"),
    )
}


@router.get("")
async def list_users(caller: CurrentCaller, deps: Deps) -> Members:
    async with connection(deps.reading(caller)) as conn:
        found = await people.members(conn, caller.project_id)
    return Members(users=[member_response(each) for each in found], total=len(found))


@router.get("/{user}")
async def get_user(user: PathParam, caller: CurrentCaller, deps: Deps) -> MemberObject:
    async with connection(deps.reading(caller)) as conn:
        return member_response(await verbs.member(conn, caller.project_id, user))


@router.put("/{user}", responses={**LAST_OWNER, **LATE, **NOT_FOUND})
async def change_role(
    user: PathParam, body: StandingBody, caller: CurrentCaller, deps: Deps
) -> MemberObject:
    """Give a user another role; tokens with the old one end within two seconds."""
    async with transaction(deps.changing(caller)) as conn:
        changed, told = await verbs.change(
            conn, caller.project_id, caller.actor, user, body.standing
        )
    if told is not None:
        await deps.propagation.wait_or_fail(subject_of_project(told), told.version)
    return member_response(changed)


@router.delete("/{user}", status_code=204, responses={**LAST_OWNER, **LATE})
async def remove_user(user: PathParam, caller: CurrentCaller, deps: Deps) -> Response:
    """Let a user out of this project; its tokens for it end within two seconds."""
    async with transaction(deps.changing(caller)) as conn:
        told = await verbs.remove(conn, caller.project_id, caller.actor, user)
    await deps.propagation.wait_or_fail(subject_of_project(told), told.version)
    return Response(status_code=204)


@account.get("")
async def get_account(person: CurrentPerson, signing: Signing) -> UserObject:
    async with signing.gate.entered() as pool, connection(pool) as conn:
        return user_response(await verbs.get(conn, person.user_id))


@account.put("", responses={429: SIGN_IN[429]})
async def change_account(
    body: AccountChanges, person: CurrentPerson, place: CurrentPlace, signing: Signing, deps: Deps
) -> UserObject:
    """Change name, preferences, password; a new password ends all one's other sessions."""
    if body.new_password is None and body.password is not None:
        raise InvalidError("Property .new_password: is missing beside password", "send both")
    async with signing.gate.entered() as pool, connection(pool) as conn:
        before = await verbs.get(conn, person.user_id)
    password_hash = None
    if body.new_password is not None:
        if body.new_password.lower() == before.email:
            raise InvalidError("Property .new_password: should not be the e-mail", "choose another")
        if before.password_hash is not None:
            try:
                await proven(signing, before.email, body.password or "", place)
            except SignInFailedError as error:
                message = "Property .password: is not the password of this account"
                raise InvalidError(message, "send the one in force", "wrong_password") from error
        elif person.session is None:
            # There is none to prove it by: a token of one project would get into all of them.
            raise unauthorized("send the secret of the session: a token sets no first password")
        password_hash = await signing.passwords.hash(body.new_password)
    async with signing.gate.entered() as pool, transaction(pool) as conn:
        told = []
        if password_hash is not None:
            await verbs.replace_password(conn, before, password_hash)
            told = await sessions.end_all(conn, before.id, but=person.session_id)
        changed = await verbs.change_account(conn, before.id, body.name, body.preferences_sent())
    await tell(deps, told)
    return user_response(changed)


@management.post("", responses={**THERE_ALREADY, **NOT_FOUND})
async def add_user(
    project: PathParam, body: NewMember, deps: Deps, signing: Signing, operator: Operator
) -> AddedMember:
    """Let somebody in; who has no account yet gets one, with a password that is shown once.

    An account that somebody made by an invitation may be a stranger's: say what is to become of it.
    """
    password = credentials.draw()
    password_hash = await signing.passwords.hash(password)
    told: list[Project] = []
    async with transaction(deps.pool) as conn:
        await projects.get(conn, project)
        user = await people.find_by_email(conn, body.email)
        is_shown = user is None or body.account == "reset"
        if user is not None:
            verbs.check_account(user, body.account)
        elif body.account is not None:
            raise InvalidError("Property .account: there is none of this e-mail", "leave it out")
        else:
            user = await verbs.make(conn, body.email, body.name or body.email, password_hash)
        member = await verbs.join(conn, project, operator, user, body.standing)
        if body.account == "reset":
            await verbs.reset_password(conn, project, operator, user.id, password_hash)
            told = await sessions.end_all(conn, user.id)
    await tell(deps, told)
    return AddedMember(**dict(member_response(member)), password=password if is_shown else None)


@management.get("")
async def list_users_of_project(project: PathParam, deps: Deps) -> Members:
    async with connection(deps.pool) as conn:
        await projects.get(conn, project)
        found = await people.members(conn, project)
    return Members(users=[member_response(each) for each in found], total=len(found))


@management.delete("/{user}", status_code=204, responses={**LAST_OWNER, **LATE})
async def remove_user_of_project(
    project: PathParam, user: PathParam, deps: Deps, operator: Operator
) -> Response:
    """Let a user, named by id or e-mail, out of a project."""
    async with transaction(deps.pool) as conn:
        user_id = await _member_id(conn, project, user)
        told = await verbs.remove(conn, project, operator, user_id)
    await deps.propagation.wait_or_fail(subject_of_project(told), told.version)
    return Response(status_code=204)


@management.post("/{user}/password")
async def reset_password(
    project: PathParam, user: PathParam, deps: Deps, signing: Signing, operator: Operator
) -> FreshPassword:
    """Give a user, named by id or e-mail, a new password; all sessions of the old one end."""
    password = credentials.draw()
    password_hash = await signing.passwords.hash(password)
    async with transaction(deps.pool) as conn:
        user_id = await _member_id(conn, project, user)
        await verbs.reset_password(conn, project, operator, user_id, password_hash)
        told = await sessions.end_all(conn, user_id)
    await tell(deps, told)
    return FreshPassword(password=password)


async def _member_id(conn: Connection, project_id: str, named: str) -> str:
    """Return the id of a member who is named by id or e-mail."""
    await projects.get(conn, project_id)
    if "@" not in named:
        return named
    user = await people.find_by_email(conn, named.lower())
    if user is None:
        raise NotFoundError("user", named)
    return user.id
