"""An empty company, from the command that founds it through the pages alone to its first approved request."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from portal import checks, clock, db
from portal.config import Settings
from tests.portals import Portals
from tests.walking import Walker

pytestmark = [pytest.mark.no_database, pytest.mark.slow]

FOUNDING = {
    "--company": "青禾", "--department": "办公室", "--admin-user": "ada", "--admin-name": "阿达", "--gm-user": "gao",
    "--gm-name": "高总",
}  # fmt: skip
DEPARTMENTS = {"市场部": ("Marketing", ""), "财务部": ("Finance", "finance"), "信息部": ("IT", "it")}
PEOPLE = {  # user: name, department, level
    "hao": ("郝", "Marketing", "ordinary"),
    "ann": ("安妮", "Marketing", "ordinary"),
    "lin": ("林", "Finance", "back_office"),
    "cai": ("蔡", "Finance", "back_office"),
}
ROLES = {"hao": ("dept_manager", "Marketing"), "lin": ("chief_accountant", ""), "cai": ("cashier", "")}
OWN_PASSWORD = "green lamp 7"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    db.disconnect()


@pytest.fixture
def command(folder: Path) -> Any:
    """The real command `portal` on an empty data folder; answers what it printed."""

    def run(*words: str) -> str:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
        told = subprocess.run(
            [sys.executable, "-m", "portal", *words], capture_output=True, text=True, timeout=120,
            env=environ | {"PORTAL_DATA": str(folder)},
        )  # fmt: skip
        assert told.returncode == 0, told.stdout + told.stderr
        return told.stdout

    return run


class Company:
    """The portal of the new company, and who sits before it."""

    def __init__(self, app: Any, secrets: dict[str, str]) -> None:
        self.app, self.secrets = app, secrets

    def somebody(self, user: str) -> Walker:
        """Signed in at the door; a one-time password is changed on the way."""
        walker = Walker(self.app).open("/sign-in")
        password = self.secrets.pop(user, OWN_PASSWORD)
        walker.send("Sign in", user=user, password=password)
        if walker.path == "/password":
            walker.send("Change password", old=password, new=OWN_PASSWORD, again=OWN_PASSWORD)
        assert walker.path == "/"
        return walker


@pytest.fixture
def company(portals: Portals, command: Any, folder: Path) -> Company:
    told = command("init", *(word for pair in FOUNDING.items() for word in pair))
    secrets = dict(line.split() for line in told.splitlines() if line.split()[:1] in (["ada"], ["gao"]))
    settings = Settings(data=folder, database=f"sqlite:///{folder / 'portal.db'}")
    db.connect(settings.database)
    return Company(portals.move_in(settings), secrets)


def test_a_new_company_reaches_its_first_approved_request_through_the_pages_alone(company: Company, command: Any) -> None:
    _gather(company)
    _allot(company)
    number = _ask(company)

    gao = company.somebody("gao").open("/inbox").follow("Train to Hangzhou")
    gao.send("Approve")

    ann = company.somebody("ann").open("/papers").follow("Train to Hangzhou")
    assert number in ann.text and "Approved" in ann.text
    left = company.somebody("hao").open("/budget").text
    assert "1,200.00" in left and "3,800.00" in left
    assert checks.findings(deep=True) == []
    assert "Everything is in order." in command("check")


def _gather(company: Company) -> None:
    """Departments, people and roles; the general manager confirms who decides and pays."""
    ada = company.somebody("ada")
    for name, (name_en, mark) in DEPARTMENTS.items():
        ada.open("/departments/new").send("Save", name=name, name_en=name_en, kind="department", parent="青禾", mark=mark)
    for user, (name, department, level) in PEOPLE.items():
        ada.open("/people/new").send("Save", user=user, name=name, department=department, level=level)
        company.secrets |= ada.told()
    for user, (role, department) in ROLES.items():
        ada.open("/grants/new").send("Give the role", person=user, role=role, department=department or "", reason="First day")
        assert "waits for the general manager" in ada.text
    gao = company.somebody("gao")
    for user in ROLES:
        gao.open("/inbox").follow(f"· {user}").send("Confirm the role")


def _allot(company: Company) -> None:
    """A head proposes, the chief accountant compiles, the general manager approves."""
    company.somebody("lin").open("/budget/categories").send("Add", code="TRAVEL", name="差旅费", name_en="Travel")
    hao = company.somebody("hao").open("/papers/new/allotment")
    line = {"lines-0-department": "Marketing", "lines-0-category": "TRAVEL", "lines-0-new": "5000"}
    hao.send("Submit", title="Marketing 2026", **line)
    company.somebody("lin").open("/inbox").follow("Marketing 2026").send("Compile")
    company.somebody("gao").open("/inbox").follow("Marketing 2026").send("Approve")


def _ask(company: Company) -> str:
    """An employee asks to spend; answers the number of the paper."""
    ann = company.somebody("ann").open("/papers/new/spending")
    assert "高总" in ann.text  # who will decide
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    line = {"lines-0-text": "Ticket", "lines-0-amount": "1200"}
    ann.send("Submit", title="Train to Hangzhou", purpose="Visit the shop", line="Travel", expected_date=tomorrow, **line)
    return re.findall(r"SR-\d{4}-\d{4}", ann.text)[0]
