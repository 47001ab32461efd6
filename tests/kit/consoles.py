"""A person in front of the console, with a browser that runs no script.

It keeps cookies as a browser does, also `__Host-` ones over plain HTTP on this machine, follows no
redirect unasked, and sends what the forms of a page hold.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any, Self

import httpx

from kit.plain_http import PLAIN

SECONDS = 30.0


@dataclass(slots=True)
class Form:
    """A form of a page as it is filled in when the page comes."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)

    def filled(self, **typed: str | list[str]) -> list[tuple[str, str]]:
        """Return what is sent after somebody has typed: names with dots by `a__b` for a.b."""
        given = {name.replace("__", "."): value for name, value in typed.items()}
        kept = [pair for pair in self.fields if pair[0] not in given]
        for name, value in given.items():
            kept += [(name, each) for each in ([value] if isinstance(value, str) else value)]
        return kept


class Page(HTMLParser):
    """What stands in an answer: its forms, links, and text."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.answer = answer
        self.status = answer.status_code
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._text: list[str] = []
        self._select: str | None = None
        self._area: str | None = None
        self.feed(answer.text)

    @property
    def text(self) -> str:
        return " ".join("".join(self._text).split())

    @property
    def title(self) -> str:
        found = re.search(r"<title>(.*?)</title>", self.answer.text, re.DOTALL)
        return found[1] if found else ""

    def form(self, action: str | None = None) -> Form:
        """Find the form that leads to an address, or the one that leads to the page itself."""
        here = str(self.answer.url.raw_path, "ascii").partition("?")[0]
        wanted = action or here
        found = [form for form in self.forms if (form.action or here) == wanted]
        posting = [form for form in found if form.method == "post"] or found
        assert posting, f"no form for {wanted}; there are {[f.action for f in self.forms]}"
        return posting[0]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(has.get("action", ""), has.get("method", "get").lower()))
        elif tag == "a":
            self.links.append(has.get("href", ""))
        elif tag == "select":
            self._select = has.get("name")
        elif tag == "textarea":
            self._area = has.get("name")
        elif self.forms:
            self._field(tag, has)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None
        elif tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.forms[-1].fields.append((self._area, data.removeprefix("\n")))
        self._text.append(data)

    def _field(self, tag: str, has: dict[str, str]) -> None:
        form, name = self.forms[-1], has.get("name", "")
        if tag == "button":
            form.buttons.append(name)
        elif tag == "option" and self._select is not None and "selected" in has:
            form.fields.append((self._select, has.get("value", "")))
        elif tag == "input" and name:
            ticked = has.get("type") not in ("checkbox", "radio") or "checked" in has
            if ticked:
                form.fields.append((name, has.get("value", "")))


class Browser:
    """A browser without script. Each answer is a Page."""

    def __init__(self, console: str) -> None:
        self.console = console
        self.cookies: dict[str, str] = {}
        self._http = httpx.Client(base_url=console, timeout=SECONDS, **PLAIN)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, **headers: str) -> Page:
        return self._asked("GET", path, headers=headers)

    def follow(self, page: Page) -> Page:
        """Go where an answer leads, as far as it leads."""
        while page.status in (302, 303):
            page = self.get(page.answer.headers["location"])
        return page

    def open(self, path: str) -> Page:
        return self.follow(self.get(path))

    def send(self, page: Page, action: str | None = None, **typed: str | list[str]) -> Page:
        """Send a form of a page, as its reader has filled it in."""
        form = page.form(action)
        return self.post(form.action or str(page.answer.url.path), form.filled(**typed))

    def post(self, path: str, fields: list[tuple[str, str]], **headers: str) -> Page:
        told = {"Origin": self.console, "Sec-Fetch-Site": "same-origin"} | headers
        body = httpx.QueryParams(fields)  # type: ignore[arg-type]
        told["Content-Type"] = "application/x-www-form-urlencoded"
        return self._asked("POST", path, headers=told, content=str(body))

    def sign_in(self, email: str, password: str) -> Page:
        """Return the answer, which leads to a page that is dear to make: most go elsewhere."""
        return self.send(self.open("/signin"), "/signin", _email=email, _password=password)

    def _asked(self, method: str, path: str, **more: Any) -> Page:
        headers = dict(more.pop("headers", {}))
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{n}={value}" for n, value in self.cookies.items())
        answer = self._http.request(method, path, headers=headers, **more)
        for set_cookie in answer.headers.get_list("set-cookie"):
            self._keep(set_cookie)
        return Page(answer)

    def _keep(self, set_cookie: str) -> None:
        for name, morsel in SimpleCookie(set_cookie).items():
            assert morsel["secure"], set_cookie
            assert morsel["httponly"], set_cookie
            assert morsel["path"] == "/", set_cookie
            assert not morsel["domain"], set_cookie
            assert morsel["samesite"] == "lax", set_cookie
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value
