"""The first login of a data folder: an owner of its projects, made with the first of them."""

from typing import TypedDict

import httpx

from counterfoil import plain_http
from counterfoil.errors import PlatformError
from counterfoil.folder import Folder

EMAIL = "owner@counterfoil.local"
NAME = "Owner"
OWNER = {"email": EMAIL, "name": NAME, "role": "owner"}


class Login(TypedDict):
    """What to sign in with; no password where the database had such a person already."""

    email: str
    password: str | None


def path(project_id: str) -> str:
    """Return where the owner is let into a project."""
    return f"/management/v1/projects/{project_id}/users"


async def create(
    campaigns: str, management_id: str, management_token: str, project_id: str
) -> Login:
    """Let the owner into the first project, and return the password, which is shown once."""
    keys = {"X-Management-Id": management_id, "X-Management-Token": management_token}
    async with plain_http.client(base_url=campaigns, timeout=30) as client:
        answer = await client.post(path(project_id), json=OWNER, headers=keys)
    if answer.status_code == httpx.codes.CONFLICT:
        return Login(email=EMAIL, password=None)
    if not answer.is_success:
        said = f"{answer.status_code} {answer.text[:300]}"
        raise PlatformError(f"campaigns did not make the first login: {said}")
    return Login(email=EMAIL, password=answer.json()["password"])


def kept(folder: Folder) -> Login | None:
    """Return the login that the folder keeps, if it was made."""
    found: Login | None = folder.secrets().get("first_login")
    return found


def keep(folder: Folder, login: Login) -> Login:
    folder.remember("first_login", login)
    return login
