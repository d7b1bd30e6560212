"""What a served portal bears: being killed, told to stop, locked out of its file, out of room, and two at one file."""

from __future__ import annotations

import http.client
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from portal import attachments, checks, db
from portal.attachments import MB
from portal.cases import Case
from portal.config import MAX_BODY_BYTES, Settings
from tests.budgets import budget_line, figures_now
from tests.cast import Cast, write_cast
from tests.pdfs import padded
from tests.portals import Portals
from tests.serving_demo import Served, served, start, surroundings
from tests.signing_in import sign_in

pytestmark = [pytest.mark.server, pytest.mark.no_database, pytest.mark.slow]


TYPED = "application/x-www-form-urlencoded"
OFFER = padded(8000)


@dataclass
class Someone:
    """Ann before the served portal, signed in; `done` counts what was answered as done."""

    portal: Served
    cookie: str
    statuses: list[int] = field(default_factory=list)

    def get(self, path: str) -> tuple[int, str]:
        return self._ask("GET", path)

    def propose(self, title: str) -> int:
        """Keeps a draft; answers the status, 0 where nobody answered."""
        try:
            _status, page = self.get("/papers/new/spending")
            token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[0]
            typed = {"csrf_token": token, "title": title, "do": "save", "nature": "office"}
            typed["token"] = re.findall(r'name="token"[^>]*value="([^"]+)"', page)[0]
            status = self._ask("POST", "/papers/new/spending", urlencode(typed))[0]
        except (OSError, http.client.HTTPException, IndexError):
            status = 0
        self.statuses.append(status)
        return status

    def attach(self, paper: int) -> int:
        _status, page = self.get(f"/papers/{paper}")
        token = re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[0]
        parts = [f'name="csrf_token"\r\n\r\n{token}', f'name="files"; filename="offer.pdf"\r\n\r\n{OFFER.decode()}']
        body = "".join(f"--apart\r\nContent-Disposition: form-data; {part}\r\n" for part in parts) + "--apart--\r\n"
        return self._ask("POST", f"/papers/{paper}/files", body, "multipart/form-data; boundary=apart")[0]

    def _ask(self, method: str, path: str, body: str | None = None, kind: str = TYPED) -> tuple[int, str]:
        headers = {"Cookie": self.cookie, "Content-Type": kind, "Connection": "close"}
        with closing(http.client.HTTPConnection(self.portal.url.removeprefix("http://"), timeout=30)) as connection:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()


@pytest.fixture
def company(portals: Portals, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A data folder with the cast in it, and the cookie of Ann."""
    url = f"sqlite:///{tmp_path / 'portal.db'}"
    db.connect(url)
    db.migrate()
    write_cast()
    app = portals.move_in(Settings(data=tmp_path, database=url))
    budget_line(Cast().department("Marketing"), 1000)
    browser = app.test_client()
    sign_in(app, browser, Cast().ann)
    browser.get("/me")
    kept = browser.get_cookie("portal")
    assert kept is not None
    db.disconnect()
    yield tmp_path, f"portal={kept.value}"
    db.disconnect()


def look_at(folder: Path) -> list[str]:
    """What the check finds wrong in that folder."""
    db.connect(f"sqlite:///{folder / 'portal.db'}")
    attachments.keep_in(folder)
    return checks.findings(deep=True)


def write_on(someone: Someone, stop: threading.Event) -> list[threading.Thread]:
    def work(n: int) -> None:
        for turn in range(1000):
            if stop.is_set() or someone.propose(f"Lamp {n}-{turn}") == 0:
                return

    threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
    for each in threads:
        each.start()
    return threads


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_req_40_whenever_it_ends_what_was_answered_is_kept_and_in_order(company: Any, number: signal.Signals) -> None:
    folder, cookie = company
    portal = start(folder)
    ann, stop = Someone(portal, cookie), threading.Event()
    threads = write_on(ann, stop)
    while len(ann.statuses) < 10:
        time.sleep(0.05)

    code = portal.stop(number)
    stop.set()
    for each in threads:
        each.join()
    with served(folder) as again:
        answer = Someone(again, cookie).get("/papers")[0]

    assert code == (0 if number == signal.SIGTERM else -number)
    assert set(ann.statuses) <= {303, 0}
    assert answer == 200
    assert look_at(folder) == []
    kept = Case.select().count()
    assert ann.statuses.count(303) <= kept <= ann.statuses.count(303) + (3 if number == signal.SIGKILL else 0)


def test_req_40_while_the_file_is_locked_reads_go_on_and_writing_resumes_by_itself(company: Any) -> None:
    folder, cookie = company
    with served(folder) as portal, closing(sqlite3.connect(folder / "portal.db", isolation_level=None)) as other:
        ann = Someone(portal, cookie)
        other.execute("UPDATE sessions SET seen_at = seen_at - 120000")  # so long ago that it would be noted anew
        other.execute("BEGIN IMMEDIATE")

        read = ann.get("/papers")[0]
        written = ann.propose("Lamp")
        other.execute("ROLLBACK")
        resumed = ann.propose("Lamp")

    assert (read, written, resumed) == (200, 503, 303)
    assert look_at(folder) == []


def test_req_40_while_the_disk_is_full_reads_go_on_and_writing_resumes_by_itself(company: Any) -> None:
    folder, cookie = company
    with served(folder) as portal:
        ann = Someone(portal, cookie)
        first = ann.propose("Lamp")
        resource.prlimit(portal.process.pid, resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))

        full, attached = ann.propose("Lamp"), ann.attach(1)
        read = ann.get("/papers")[0]
        resource.prlimit(portal.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        resumed = ann.propose("Lamp")

    assert (first, full, attached, read, resumed) == (303, 503, 503, 200, 303)
    assert look_at(folder) == []


ASKING = """
import sys
from portal import db, modules
db.connect(sys.argv[1])
modules.load()
from tests.budgets import asked, budget_line, category
from tests.cast import Cast
from portal.budget.models import line_at
from portal import clock
line = line_at(clock.today().year, Cast().department("Marketing"), category())
for turn in range(10):
    asked(Cast().ann, line, 100)
"""


def test_req_31_two_processes_at_one_file_give_away_no_more_than_there_is(company: Any) -> None:
    folder, _cookie = company
    url = f"sqlite:///{folder / 'portal.db'}"

    asking = [
        subprocess.Popen([sys.executable, "-c", ASKING, url], env=surroundings(folder), stderr=subprocess.PIPE) for _n in range(2)
    ]
    said = [each.communicate(timeout=120)[1] for each in asking]

    assert said == [b"", b""]
    assert look_at(folder) == []
    marks = [mark for (mark,) in db.rows("SELECT mark FROM cases ORDER BY id")]
    assert (marks.count(""), marks.count("over_budget")) == (10, 10)
    figures = figures_now(_line())
    assert (int(figures.held), int(figures.left)) == (100_000, 0)
    numbers = sorted(number for (number,) in db.rows("SELECT number FROM cases"))
    assert [int(each[-4:]) for each in numbers] == list(range(1, 21))


def _line() -> Any:
    from portal.budget.models import BudgetLine

    return BudgetLine.get()


def test_req_12_and_29_foreign_hosts_and_endless_bodies_are_refused(company: Any) -> None:
    folder, cookie = company
    with served(folder) as portal:
        address = portal.url.removeprefix("http://")

        foreign = _status(address, "GET", "/sign-in", {"Host": "evil.example"})
        told = _status(address, "POST", "/sign-in", {"Content-Length": str(10**12), "Cookie": cookie})
        alive = _status(address, "GET", "/healthz", {})

    assert (foreign, told, alive) == (400, 413, 200)


def test_req_29_far_too_large_a_file_is_refused_in_ones_own_words_and_nothing_of_it_is_kept(company: Any) -> None:
    folder, cookie = company
    mine, part = {"Cookie": f"{cookie}; language=en"}, {"HX-Request": "true", "HX-Request-Type": "partial"}
    with served(folder) as portal:
        before = _most_memory(portal)
        page = _sends(portal, 300 * MB, mine)
        fragment = _sends(portal, 65 * MB, mine | part)
        stranger = _sends(portal, 65 * MB, {})
        asked_first = _sends(portal, 300 * MB, mine | {"Expect": "100-continue"}, sent_bytes=0)
        unsized = _sends(portal, MAX_BODY_BYTES + MB, mine | {"Transfer-Encoding": "chunked"})
        taken = _most_memory(portal) - before

    assert [status for status, _said in (page, fragment, stranger, asked_first, unsized)] == [413] * 5
    said = "You sent 300 MB, but a file may have 50 MB at most"
    assert [said in each for _status, each in (page, asked_first, fragment)] == [True, True, False]
    assert "</html>" in page[1] and "<html" not in fragment[1] and "You sent 65 MB" in fragment[1]
    assert "单个文件最大 50 MB" in stranger[1] and "You sent 64.1 MB" in unsized[1]
    assert not list(folder.glob("files/*/*")) and taken < 40 * MB


def _sends(portal: Served, size_bytes: int, headers: dict[str, str], sent_bytes: int | None = None) -> tuple[int, str]:
    """What is answered to a file of that size, or to its first bytes; as a browser, it reads nothing before it has sent all."""
    told = {"Content-Type": "multipart/form-data; boundary=apart", "Content-Length": str(size_bytes)} | headers
    if "Transfer-Encoding" in told:
        del told["Content-Length"]
    with closing(http.client.HTTPConnection(portal.url.removeprefix("http://"), timeout=60)) as connection:
        connection.putrequest("POST", "/papers/1/files")
        for name, value in told.items():
            connection.putheader(name, value)
        connection.endheaders()
        piece = b"x" * MB
        for _n in range((size_bytes if sent_bytes is None else sent_bytes) // MB):
            connection.send(b"%x\r\n%s\r\n" % (len(piece), piece) if "Transfer-Encoding" in told else piece)
        answer = connection.getresponse()
        return answer.status, re.sub(r"</?bdi>", "", answer.read().decode())


def _most_memory(portal: Served) -> int:
    """The most bytes of memory its process has had until now; 0 where the system does not tell."""
    told = Path(f"/proc/{portal.process.pid}/status")
    lines = told.read_text().splitlines() if told.exists() else []
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)


def _status(address: str, method: str, path: str, headers: dict[str, str]) -> int:
    with closing(http.client.HTTPConnection(address, timeout=10)) as connection:
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        return connection.getresponse().status
