"""Pages: who may open which, one way to render them, one way to say what went wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import SplitResult, quote, urlencode, urlsplit

from flask import Blueprint, Response, current_app, flash, g, get_flashed_messages, redirect, render_template, request, url_for
from flask_login import current_user
from htmx_flask import request as htmx_request
from werkzeug.http import dump_options_header
from werkzeug.urls import iri_to_uri

from portal import access, languages, policies
from portal.access import Right
from portal.cases import Case
from portal.exports import Export
from portal.fields import MOST_ID
from portal.persons import Person
from portal.refused import NotThere
from portal.sessions import SignedIn
from portal.words import Words

public = Right(frozenset({"public"}))
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
NOT_KEPT = {"csrf_token", "_password", "_user"}  # what a form sent again must not carry along


class Pages(Blueprint):
    """The pages of a module; every route says who may open it. `quiet` routes do not count as use of a session."""

    def __init__(self, name: str) -> None:
        super().__init__(name, f"portal.{name}")
        self.rights: dict[str, Right] = {}
        self.quiet: set[str] = set()

    def page(self, rule: str, may: Right, methods: tuple[str, ...] = ("GET",), quiet: bool = False) -> Callable[[Any], Any]:
        def declare(view: Any) -> Any:
            endpoint = f"{self.name}.{view.__name__}"
            assert self.rights.setdefault(endpoint, may) == may
            if quiet:
                self.quiet.add(endpoint)
            self.add_url_rule(rule, view.__name__, view, methods=list(methods))
            return view

        return declare

    def get(self, rule: str, *, may: Right, quiet: bool = False) -> Callable[[Any], Any]:  # type: ignore[override]
        return self.page(rule, may, ("GET",), quiet)

    def post(self, rule: str, *, may: Right) -> Callable[[Any], Any]:  # type: ignore[override]
        return self.page(rule, may, ("POST",))

    def form(self, rule: str, *, may: Right) -> Callable[[Any], Any]:
        """Shows a form and takes it."""
        return self.page(rule, may, ("GET", "POST"))


# ---- who asks -------------------------------------------------------------------------------------------------------


def me() -> Person:
    """Who is signed in."""
    found = g.get("signed_in")
    return found.person if found else current_user._get_current_object()


def my_session() -> SignedIn:
    return g.signed_in


def my_posts() -> dict[str, bool]:
    """The posts I hold now, asked once a request."""
    if "posts" not in g:
        g.posts = access.posts_of(me())
    return g.posts


def holds(*roles: access.Role) -> bool:
    return access.any_of(*roles).allows(my_posts())


def may_open(endpoint: str) -> bool:
    """Whether this person may open the page: what links ask before they show themselves."""
    right = current_app.extensions["rights"][endpoint]
    return right == public or right.allows(my_posts())


def key(text: str | int) -> int:
    """An id out of an address. Raises NotThere for what can be none."""
    if not re.fullmatch(r"[0-9]{1,10}", str(text), re.ASCII) or not 0 < int(text) <= MOST_ID:
        raise NotThere()
    return int(text)


def find(model: Any, text: str | int) -> Any:
    """The row of that id. Raises NotThere."""
    found = model.get_or_none(model._meta.primary_key == key(text))
    if found is None:
        raise NotThere()
    return found


def find_case(text: str | int) -> Case:
    """The case, if this person may read it. Raises NotThere otherwise: one may not know of it."""
    case = find(Case, text)
    if not access.may_read(my_posts(), case):
        raise NotThere()
    return case


def address() -> str:
    """Where the request comes from, as far as it may be believed."""
    return request.remote_addr or ""


# ---- rendering ------------------------------------------------------------------------------------------------------


def is_fragment() -> bool:
    """Whether htmx asks for a part of a page; going back in the history it wants the whole."""
    return (
        bool(htmx_request.htmx)
        and request.headers.get("HX-Request-Type", "partial") == "partial"
        and "HX-History-Restore-Request" not in request.headers
    )


def page(template: str, status: int = 200, fragment: str | None = None, **values: Any) -> Response:
    """The page; or, where htmx asks for a part of it, its fragment."""
    g.is_part = bool(fragment) and is_fragment()
    answer = current_app.make_response(render_template(fragment if fragment and g.is_part else template, **values))
    answer.status_code = status
    answer.vary.update(("HX-Request", "HX-Request-Type"))
    return answer


def go(endpoint: str, **values: Any) -> Response:
    """After a change: see the page that shows it (303)."""
    return go_to(url_for(endpoint, **values))


def go_to(path: str) -> Response:
    if is_fragment():
        return Response(status=204, headers={"HX-Redirect": iri_to_uri(path)})
    return redirect(path, 303)  # type: ignore[return-value]


def sent(export: Export) -> Response:
    """A table as a file to keep."""
    answer = Response(export.content, mimetype=export.mimetype)
    answer.headers["Content-Disposition"] = dump_options_header("attachment", _named(export.filename))
    return answer


def _named(filename: str) -> dict[str, str]:
    """The name for a header, which knows Latin signs only: as it is, and where it is Chinese the plain rest of it before that."""
    if filename.isascii():
        return {"filename": filename}
    plain = "".join(sign for sign in filename if sign.isascii()).lstrip("-.") or "table"
    return {"filename": plain, "filename*": f"UTF-8''{quote(filename, safe='')}"}


def tell(words: Words, tone: str = "green") -> None:
    """A sentence on the next page this person sees."""
    flash(languages.here(words), tone)


def inside(path: str | None) -> str:
    """The path if it is one of this site, else the first page (requirement 12)."""
    path = path or ""
    parts = split(path)
    ok = re.fullmatch(r"/[^/\\\s][^\\\s]*|/", path) and not parts.scheme and not parts.netloc and len(path) < 2000
    return path if ok else "/"


def split(address: str) -> SplitResult:
    """The parts of an address; none of one that cannot be read."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def absolute(path: str) -> str | None:
    """The whole address of a page, where PORTAL_URL says what it is; nothing is made from the request."""
    base = current_app.config["PORTAL"].url
    return f"{base.rstrip('/')}{path}" if base else None


def with_filters(**changed: Any) -> str:
    """This page's address with some filters changed; empty ones fall away, and paging starts anew."""
    args = {name: value for name, value in request.args.items() if name not in ("before", "after")} | changed
    kept = {name: value for name, value in args.items() if value not in (None, "")}
    return with_query(quote(request.script_root + request.path), kept)


def with_query(path: str, asked: dict[str, Any]) -> str:
    """The path with what is asked behind it. Names out of an address are no arguments of `url_for`: some mean more there."""
    return f"{path}?{urlencode(asked)}" if asked else path


def asked(name: str, allowed: Any, default: str = "") -> str:
    """A filter out of the address, if it is one of those allowed (requirement 23)."""
    value = request.args.get(name, default)
    return value if value in allowed else default


# ---- asking again ---------------------------------------------------------------------------------------------------


class ConfirmFirst(Exception):
    """The password must be given again before this is done; what was typed is kept."""


def confirm_first() -> None:
    """A signature: asks for the password when it was last given too long ago (FIN, requirement 15)."""
    if my_session().must_confirm() and not g.get("confirmed"):
        raise ConfirmFirst


def typed() -> list[tuple[str, str]]:
    """What the form carries, to be carried once more."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in NOT_KEPT]


def send_again(template: str, status: int, **values: Any) -> Response:
    """A page that keeps what was typed and sends it again to the same address."""
    answer = page(template, status, kept=typed(), action=request.full_path.rstrip("?"), **values)
    if is_fragment():
        answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "body", "innerHTML"
    return answer


# ---- what every page shows ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Link:
    """An entry of the navigation. `count` tells how much waits behind it."""

    label: Words
    endpoint: str
    icon: str
    group: Words | None = None
    count: Callable[[Person, dict[str, bool]], int] | None = None
    hot: bool = False
    quick: bool = False  # also in the tab bar of phones
    place: int = 50  # lower stands higher


NAVIGATION: list[Link] = []


class Shown(NamedTuple):
    """A link as the page shows it."""

    url: str
    label: Words
    icon: str
    waiting: int
    hot: bool
    current: bool


class Sidebar(NamedTuple):
    """All that the sidebar and the tab bar of phones depend on: whoever sees the same gets them drawn before."""

    company: str
    person: int
    name: str
    department: str
    theme: str
    endpoint: str
    roles: frozenset[str]
    waiting: tuple[int, ...]  # behind each link that counts, in their order

    @property
    def groups(self) -> dict[Words | None, list[Shown]]:
        """The links this person may open, in their groups, with how much waits behind each."""
        groups: dict[Words | None, list[Shown]] = {}
        for link, shown in self._links():
            groups.setdefault(link.group, []).append(shown)
        return groups

    @property
    def quick(self) -> list[Shown]:
        return [shown for link, shown in self._links() if link.quick][:4]

    def _links(self) -> Iterator[tuple[Link, Shown]]:
        waiting = iter(self.waiting)
        for link in open_links(self.roles):
            count = next(waiting) if link.count else 0
            yield link, Shown(url_for(link.endpoint), link.label, link.icon, count, link.hot, self.endpoint == link.endpoint)


@lru_cache(maxsize=512)
def open_links(roles: frozenset[str]) -> tuple[Link, ...]:
    """The links that these roles may open, in their order. Both are settled when the portal starts."""
    rights = current_app.extensions["rights"]
    return tuple(link for link in sorted(NAVIGATION, key=lambda each: each.place) if _opens(rights[link.endpoint], roles))


def _opens(right: Right, roles: frozenset[str]) -> bool:
    return right == public or right.allows(roles)


def sidebar() -> Sidebar:
    person, posts = me(), my_posts()
    roles = frozenset([role for role, _department in map(access.split_post, posts) if role != "#"])
    waiting = tuple([link.count(person, posts) for link in open_links(roles) if link.count])
    name, department = languages.here(person.called), languages.here(person.department.called)
    endpoint = request.endpoint or ""
    return Sidebar(policies.company_name(), person.id, name, department, person.theme, endpoint, roles, waiting)


def shared_values() -> dict[str, Any]:
    """What base.html and plain.html need on every page."""
    person = me()
    signed_in = person.is_authenticated
    values: dict[str, Any] = {
        "language": languages.reading.get(),
        "theme": person.theme if signed_in else "",
        "company": policies.company_name(),
        "here": inside(request.full_path.rstrip("?")) if request.method == "GET" else "/",
        "flashes": get_flashed_messages(with_categories=True),
    }
    if signed_in and not g.get("is_part"):
        values |= {"sidebar": sidebar(), "me": person}
    return values


def filled(form_class: Any, **more: Any) -> Any:
    """The form with what was typed; on GET as it is opened."""
    return form_class(formdata=request.form if request.method in UNSAFE else None, **more)


def page_key(name: str = "before") -> int | None:
    """Where a list goes on: the id of the last row shown."""
    value = request.args.get(name)
    return key(value) if value else None


def page_case() -> int | None:
    """Where a list of papers goes on. It is one that may be read: what comes behind it tells its amount, or when it is due."""
    last = page_key()
    return find_case(last).id if last else None
