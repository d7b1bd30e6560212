"""An empty company keeps its office supplies through the pages alone: a catalogue, a month of wishes and draws, a count."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest

from portal import checks
from tests import test_story_company
from tests.test_story_company import Company
from tests.walking import Walker

pytestmark = [pytest.mark.no_database, pytest.mark.slow]
folder, command, company = test_story_company.folder, test_story_company.command, test_story_company.company

PEOPLE = {  # user: name, department, level
    "otto": ("欧", "办公室", "back_office"),
    "olive": ("奥", "办公室", "back_office"),
    "vera": ("薇", "办公室", "back_office"),
    "hao": ("郝", "Marketing", "back_office"),
    "ben": ("本", "Marketing", "back_office"),
    "ann": ("安妮", "Marketing", "ordinary"),
}
ROLES = {
    "otto": ("dept_manager", "办公室"),
    "olive": ("office_clerk", ""),
    "vera": ("office_clerk", ""),
    "hao": ("dept_manager", "Marketing"),
}
HEADINGS = ("编号", "品名", "类别", "规格型号", "计量单位", "库位", "期初数量")
SHELF = (
    ("PEN-05", "签字笔", "书写用具", "0.5 mm", "支", "A-1", "40"),
    ("PAPER-A4", "复印纸", "纸品", "A4,80 g", "包", "A-2", "25"),
    ("CLIP-28", "回形针", "桌面用品", "28 mm", "盒", "B-1", "12"),
)


def test_a_new_company_keeps_its_supplies_through_the_pages_alone(company: Company, command: Any) -> None:
    _gather(company)
    _bring_catalogue(company)
    _name_custodian(company)
    _set_limits(company)
    wish = _wish(company)
    draw = _file(company)
    _hand_out(company, draw)
    assert "On the desk" in company.somebody("ann").open(wish).text
    _count(company)

    stock = company.somebody("olive").open("/stock").text
    assert re.search(r"PEN-05.*? 33 ", stock)
    assert checks.findings(deep=True) == []
    assert "Everything is in order." in command("check")


def _gather(company: Company) -> None:
    ada, given = company.somebody("ada"), []
    marketing = {"name": "市场部", "name_en": "Marketing", "kind": "department", "parent": "青禾", "mark": ""}
    ada.open("/departments/new").send("Save", **marketing)
    for user, (name, department, level) in PEOPLE.items():
        ada.open("/people/new").send("Save", user=user, name=name, department=department, level=level)
        company.secrets |= ada.told()
    for user, (role, department) in ROLES.items():
        ada.open("/grants/new").send("Give the role", person=user, role=role, department=department, reason="First day")
        given += [user] if "waits for the general manager" in ada.text else []
    gao = company.somebody("gao")
    for user in given:
        gao.open("/inbox").follow(f"· {user}").send("Confirm the role")


def _bring_catalogue(company: Company) -> None:
    """The office brings its own table; what lies there already waits for its manager."""
    kept = io.StringIO()
    csv.writer(kept).writerows([HEADINGS, *SHELF])
    olive = company.somebody("olive").open("/supplies/import")
    olive.send("Look at the differences", file=(io.BytesIO(kept.getvalue().encode()), "文具.csv"))
    olive.send("Write into the catalogue")
    assert "0" in _on_hand(olive, "PEN-05")
    company.somebody("otto").open("/inbox").follow("Opening stock").send("Confirm")
    assert "40" in _on_hand(company.somebody("olive"), "PEN-05")


def _on_hand(walker: Walker, code: str) -> str:
    row = next(each for each in walker.open("/stock").page.select("table tbody tr") if code in each.get_text())
    return row.get_text(" ")


def _name_custodian(company: Company) -> None:
    hao = company.somebody("hao").open("/supplies/custodians").follow("Name one")
    hao.send("Name as custodian", person="本")
    assert "manages the supplies" in hao.text


def _set_limits(company: Company) -> None:
    line = {"lines-0-department": "Marketing", "lines-0-item": "PEN-05", "lines-0-new": "20"}
    company.somebody("olive").open("/papers/new/limits").send("Submit", title="Pens", **line)
    company.somebody("otto").open("/inbox").follow("Pens").send("Approve")


def _wish(company: Company) -> str:
    """Ann asks for two things; answers the page of her wish."""
    ann = company.somebody("ann").open("/supplies/shop?q=PEN").send("Add")
    ann.open("/supplies/shop?q=CLIP").send("Add")
    fields = [each["name"] for each in ann.page.select("#basket input.num")]
    ann.send("Submit", **{fields[0]: "8", fields[1]: "1"})
    assert "With the custodian" in ann.text
    return ann.path


def _file(company: Company) -> str:
    """Ben takes over less of the pens; paper clips have no limit, so the head decides. Answers the page of the draw."""
    ben = company.somebody("ben").open("/supplies/desk")
    taken = next(each for each in ben.page.select("input[name^=take-]") if each["value"] == "8")
    key = str(taken["name"]).removeprefix("take-")
    ben.send("File the draw", **{f"take-{key}": "6", f"why-{key}": "Two are left in the drawer"})
    assert "With the department head" in ben.text
    return ben.path


def _hand_out(company: Company, draw: str) -> None:
    company.somebody("hao").open(draw).send("Grant all")
    company.somebody("vera").open(draw).send("Issue")
    company.somebody("ben").open(draw).send("Confirm receipt")


def _count(company: Company) -> None:
    """Ann counts without the books, Vera finds why a pen is missing, Otto approves."""
    olive = company.somebody("olive").open("/papers/new/count")
    olive.send("Save draft", title="Year's end", counter="安妮").send("Freeze the list and begin")
    counting = olive.path.removeprefix("/papers/")
    ann = company.somebody("ann").open(f"/stock/counts/{counting}/list")
    places = {row.get_text(): row.select_one("input")["name"] for row in ann.page.select("table.tallies tbody tr")}
    counted = {"PEN-05": "33", "PAPER-A4": "25", "CLIP-28": "11"}
    ann.send("Save", **{name: counted[code] for text, name in places.items() for code in counted if code in text})
    ann.send("Hand in")
    vera = company.somebody("vera").open(f"/stock/counts/{counting}/verify")
    reason = next(str(each["name"]) for each in vera.page.select("input[name^=reason-]"))
    vera.send("Verify", **{reason: "Lent and not given back"})
    company.somebody("otto").open(olive.path).send("Approve and post")
