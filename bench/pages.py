"""Pages: what they cost beside bare Flask and Jinja, at a million papers beside ten thousand, and on the wire."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

from werkzeug.test import EnvironBuilder, run_wsgi_app

from bench.data import settings
from bench.floor import floor_of
from bench.measure import Result, cpu_ms, in_turns, ratio
from portal import create_app, db, sessions
from portal.config import Settings
from portal.persons import Person

CHIEF, ASKER = "zhoumin", "dengkai"  # the general manager; a head of IT
LIST, INBOX, SEARCH = "/papers", "/inbox?tab=waiting", "/search?q=采购"
TIMES, VISITS = 6, 12


class Site:
    """The portal on one company, with somebody signed in, asked without a network between."""

    def __init__(self, company: str | Settings, user: str = CHIEF) -> None:
        self.settings = settings(company) if isinstance(company, str) else company
        self.app = create_app(self.settings)
        self.app.config["WTF_CSRF_ENABLED"] = False
        self.cookie = self._sign_in(user)

    def _sign_in(self, user: str) -> str:
        browser = self.app.test_client()
        token = sessions.begin(Person.get(Person.user == user), "127.0.0.1", "bench")
        with browser.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = token, True
        kept = browser.get_cookie(self.app.config["SESSION_COOKIE_NAME"])
        assert kept is not None
        browser.get("/papers")  # leaves the token against forged forms in the cookie, as every first page does
        kept = browser.get_cookie(kept.key)
        return f"{kept.key}={kept.value}; language=zh-Hans"  # type: ignore[union-attr]

    def asking(self, path: str, data: Any = None, packed: bool = False) -> Callable[[], Any]:
        """Asks for the page: (body, status, headers)."""
        headers = [("Cookie", self.cookie), ("Accept-Encoding", "gzip" if packed else "identity")]
        headers += [("HX-Request", "true")] if data else []
        builder = EnvironBuilder(path, method="POST" if data else "GET", data=data, headers=headers)
        environ = builder.get_environ()
        body = environ["wsgi.input"].read()
        return lambda: _answer(self.app.wsgi_app, environ, body)

    def open(self) -> None:
        db.connect(self.settings.database)


def _answer(app: Any, environ: dict[str, Any], body: bytes = b"") -> bytes:
    import io

    answer, status, _headers = run_wsgi_app(app, {**environ, "wsgi.input": io.BytesIO(body)}, buffered=True)
    assert status.startswith("200"), (environ["PATH_INFO"], status)
    return b"".join(answer)


def against_bare_flask(site: Site) -> Iterator[Result]:
    """Lists and inbox of 50 rows, and a case page."""
    paper = db.row("SELECT MAX(id) FROM cases WHERE state = 'submitted'")[0]  # type: ignore[index]
    for name, path, goal in (("list", LIST, 2.0), ("inbox", INBOX, 2.0), ("case page", f"/papers/{paper}", 2.5)):
        ours = site.asking(path)
        html = ours().decode()
        bare = floor_of(html)
        environ = EnvironBuilder("/").get_environ()
        assert abs(len(_answer(bare, environ).decode()) - len(html)) < len(html) / 50
        mine, floor = in_turns(ours, lambda bare=bare, environ=environ: _answer(bare, environ))  # type: ignore[misc]
        yield ratio(f"{name}, CPU against bare Flask and Jinja", goal, mine, floor, "bare")


def at_a_million(small: Site, large: Site) -> Iterator[Result]:
    asked = {
        "list": LIST,
        "inbox": INBOX,
        "my papers": "/inbox?tab=mine",
        "decided by me": "/inbox?tab=decided",
        "search": SEARCH,
    }
    taken: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in asked}
    for _time in range(TIMES):
        for side, site in enumerate((small, large)):
            site.open()
            for name, path in asked.items():
                ours = site.asking(path)
                for _warm in range(3):
                    ours()
                taken[name][side].extend(cpu_ms(ours) for _visit in range(VISITS))
    for name, (few, many) in taken.items():
        yield ratio(f"{name}, 1,000,000 papers against 10,000", 1.15, median(many), median(few), "10,000")


def on_the_wire(site: Site) -> Iterator[Result]:
    for name, path in (("list", LIST), ("inbox", INBOX)):
        html = site.asking(path)()
        packed = site.asking(path, packed=True)()
        assert gzip.decompress(packed)[:15] == html[:15]
        yield Result(f"{name} on the wire, HTML", len(html) / 1000, 30, f"{html.count(b'data-row')} rows", "kB")
        yield Result(f"{name} on the wire, compressed", len(packed) / 1000, 5, "gzip", "kB")


def live_answer(large: Site) -> Iterator[Result]:
    """What the form asks while one types, with many entries on the line and with few."""
    from portal.demo.budget import line_of
    from portal.demo.large import BUSY, QUIET
    from portal.demo.past import present

    year = present().year
    for name, yuan in (("fits", "10"), ("over budget", "90000000")):
        busy, quiet = (
            large.asking("/expenses/live", _typed(line_of(year, *line).id, yuan, f"{year}-12-31")) for line in (BUSY, QUIET)
        )
        many, few = in_turns(busy, quiet, rounds=25, each=2)
        yield ratio(f"live budget answer, {name}: 100,000 entries against 100", 1.1, many, few, "100")


def _typed(line: int, yuan: str, day: str) -> dict[str, str]:
    return {"title": "x", "purpose": "x", "line": str(line), "expected_date": day, "lines-0-text": "x", "lines-0-amount": yuan}
