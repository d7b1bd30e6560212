"""A company that an earlier portal left is brought to today's schema whole: its papers, histories and figures still hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal import attachments, checks, clock, db, modules
from portal.config import Settings
from portal.persons import Person
from tests.kept_companies import FOUNDED, KEPT, LARGEST_BYTES, unpack
from tests.portals import Portals
from tests.signing_in import sign_in

pytestmark = [pytest.mark.no_database, pytest.mark.slow]

GENERAL_MANAGER = "zhoumin"
ONLY_THE_FILE = re.compile("the attached file [0-9a-f]{64} is missing")  # what was attached is not kept
PAPERS = "SELECT id, kind, number, title, amount, state, mark, version, digest FROM cases ORDER BY id"
EVENTS = "SELECT thing, thing_id, n, at, action, note, data, digest FROM events ORDER BY thing, thing_id, n"
ONE_OF_EACH = "SELECT MIN(id) FROM cases WHERE number IS NOT NULL GROUP BY kind, state, mark ORDER BY 1"


@pytest.fixture(params=sorted(KEPT.glob("*.db.xz")), ids=lambda path: path.name.removesuffix(".db.xz"))
def earlier(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """A company on the day it was kept, connected and not migrated yet."""
    url = unpack(request.param, tmp_path)
    with clock.at(FOUNDED):
        db.connect(url)
        attachments.keep_in(tmp_path)
        modules.load()
        yield Settings(data=tmp_path, database=url)
        db.disconnect()


def test_req_39_an_earlier_company_is_in_order_after_the_migrations(earlier: Settings) -> None:
    papers, events = list(db.rows(PAPERS)), list(db.rows(EVENTS))

    db.migrate()

    assert db.pending() == []
    assert [each for each in checks.findings() if not ONLY_THE_FILE.fullmatch(each)] == []
    assert len(papers) > 200
    assert list(db.rows(PAPERS)) == papers
    assert list(db.rows(EVENTS)) == events


def test_req_39_the_papers_of_an_earlier_company_open(portals: Portals, earlier: Settings) -> None:
    db.migrate()
    papers = [case for (case,) in db.rows(ONE_OF_EACH)]
    app = portals.move_in(earlier)
    browser: Any = app.test_client()
    sign_in(app, browser, Person.get(Person.user == GENERAL_MANAGER))

    answers = {case: browser.get(f"/papers/{case}") for case in papers}

    assert len(papers) >= 12
    assert {case: answer.status_code for case, answer in answers.items() if answer.status_code != 200} == {}
    for case, answer in answers.items():
        (number,) = db.row("SELECT number FROM cases WHERE id = ?", case)
        assert number in answer.text
    assert browser.get("/papers").status_code == browser.get("/inbox").status_code == browser.get("/budget").status_code == 200


def test_what_is_kept_stays_small() -> None:
    kept = list(KEPT.iterdir())

    assert kept
    assert {path.name: path.stat().st_size for path in kept if path.stat().st_size > LARGEST_BYTES} == {}
