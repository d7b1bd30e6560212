"""An empty company keeps its contracts through the pages alone: a register brought over, loans, papers handed in, a check."""

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

PEOPLE = {  # user: name, department
    "otto": ("欧", "办公室"),
    "vera": ("薇", "办公室"),
    "hao": ("郝", "Marketing"),
    "ann": ("安妮", "Marketing"),
}
ROLES = {"otto": ("dept_manager", "办公室"), "vera": ("contract_archivist", ""), "hao": ("dept_manager", "Marketing")}
HEADINGS = (
    "编号", "性质", "合同名称", "对方单位", "合同金额", "签订日期", "到期日", "所属部门", "责任人", "库房", "总页数", "保密",
    "Borrower", "Lent on", "Due on",
)  # fmt: skip
HERE = ("", "", "")
LENT = ("ann", "2025-09-01", "2025-09-08")
REGISTER = (
    (
        "2024-AD-0003",
        "AD",
        "户外广告合同",
        "星河传媒",
        "120000",
        "2024-03-01",
        "2027-02-28",
        "市场部",
        "安妮",
        "A",
        "12",
        "否",
        *HERE,
    ),
    ("2025-AD-0001", "AD", "品牌联名协议", "蓝鲸文创", "80000", "2025/5/6", "", "市场部", "hao", "A", "7", "是", *HERE),
    (
        "合同16-002",
        "RE",
        "办公室租赁合同",
        "云溪置业",
        "96",
        "2016年4月1日",
        "2031-03-31",
        "办公室",
        "otto",
        "B",
        "30",
        "否",
        *HERE,
    ),
    ("2025-RE-0002", "RE", "仓库租赁合同", "安居", "", "2025-08-01", "2027-07-31", "办公室", "otto", "B", "18", "否", *LENT),
)
SECRET, LEASE = "品牌联名协议", "办公室租赁合同"


def test_a_new_company_keeps_its_contracts_through_the_pages_alone(company: Company, command: Any) -> None:
    _gather(company)
    _name_natures(company)
    _bring_register(company)
    _borrow_a_copy(company)
    _borrow_what_is_confidential(company)
    _hand_in(company)
    _check(company)

    chief = company.somebody("gao").open("/contracts")
    assert all(each[2] in chief.text for each in REGISTER)
    assert "Contracts" in chief.open("/contracts/statistics").text
    assert checks.findings(deep=True) == []
    assert "Everything is in order." in command("check")


def _gather(company: Company) -> None:
    ada, given = company.somebody("ada"), []
    marketing = {"name": "市场部", "name_en": "Marketing", "kind": "department", "parent": "青禾", "mark": ""}
    ada.open("/departments/new").send("Save", **marketing)
    for user, (name, department) in PEOPLE.items():
        ada.open("/people/new").send("Save", user=user, name=name, department=department, level="back_office")
        company.secrets |= ada.told()
    for user, (role, department) in ROLES.items():
        ada.open("/grants/new").send("Give the role", person=user, role=role, department=department, reason="First day")
        given += [user] if "waits for the general manager" in ada.text else []
    gao = company.somebody("gao")
    for user in given:
        gao.open("/inbox").follow(f"· {user}").send("Confirm the role")


def _name_natures(company: Company) -> None:
    vera = company.somebody("vera").open("/contracts")
    assert "There are no contracts yet" in vera.text
    vera.open("/contracts/natures").send("Add", code="AD", name="广告", name_en="Advertising", years_kept="5")
    vera.send("Add", code="RE", name="租赁", name_en="Leases", years_kept="10")
    assert "Leases" in vera.text and "Advertising" in vera.text


def _bring_register(company: Company) -> None:
    """What a row means is shown first; a number of another kind stays as the former one."""
    kept = io.StringIO()
    csv.writer(kept).writerows([HEADINGS, *REGISTER])
    vera = company.somebody("vera").open("/contracts/import")
    vera.send("Look at the differences", file=(io.BytesIO(kept.getvalue().encode()), "台账.csv"))
    assert re.search(r"gets a new number · formerly \W?合同16-002", vera.text), vera.text
    vera.send("Write into the register")
    assert "The register has 4 new contracts" in vera.text
    assert "2016-RE-0001" in vera.text and "Copy on loan" in vera.text
    assert SECRET in vera.text


def _borrow_a_copy(company: Company) -> None:
    """Ann finds the lease by its former number, gets a copy and gives it back; what is confidential she does not find."""
    ann = company.somebody("ann").open("/contracts")
    assert LEASE in ann.text and SECRET not in ann.text
    assert SECRET not in ann.open(f"/contracts?q={SECRET}").text.replace(f"q={SECRET}", "")
    ann.open("/contracts?q=16-002").follow(LEASE).follow("Borrow").send("Submit", purpose="To register the address")
    loan = ann.path
    company.somebody("hao").open("/inbox").follow(LEASE).send("Consent")
    vera = company.somebody("vera").open(loan).send("Hand out", pages="30")
    assert "copy 1" in vera.text
    assert "On loan" in company.somebody("ann").open(loan).text
    vera.open(loan).send("Take back", pages="30", fate="Destroyed in front of the archivist")
    assert "Destroyed in front of the archivist" in vera.text


def _borrow_what_is_confidential(company: Company) -> None:
    """Its owner's head knows of it; the general manager consents."""
    hao = company.somebody("hao").open("/contracts").follow(SECRET).follow("Borrow").send("Submit", purpose="Renewal")
    assert "With the general manager" in hao.text
    company.somebody("gao").open(hao.path).send("Consent")
    company.somebody("vera").open(hao.path).send("Hand out", pages="7")
    assert SECRET not in company.somebody("ann").open("/contracts/loans").text


def _hand_in(company: Company) -> None:
    ann = company.somebody("ann").open("/papers/new/intake").send("Hand over", title="展会搭建合同", partner="宏图装饰")
    vera = company.somebody("vera").open(ann.path).follow("Register")
    vera.send("Register", nature="Advertising", signed_on="2026-01-05", room="A", pages="9")
    assert "2026-AD-0001" in vera.text and "展会搭建合同" in vera.text
    assert "2026-AD-0001" in company.somebody("ann").open("/contracts").text


def _check(company: Company) -> None:
    """One contract is not there: without an incident the check does not close."""
    vera = company.somebody("vera").open("/papers/new/archive_check").send("Freeze the list and begin")
    check = vera.path
    vera.open(f"/contracts/checks/{check.removeprefix('/papers/')}/list")
    rows = {row.get_text(): str(row.select_one("select")["name"]) for row in vera.page.select("table.tallies tbody tr")}  # type: ignore[index]
    assert len(rows) == len(REGISTER) + 1
    vera.send("Save", **{name: "missing" if LEASE in text else "present" for text, name in rows.items()})
    vera.open(check).send("Open the incidents")
    vera.send("Close the check")
    found = re.search(r"CI-\d{4}-\d{4}", vera.text)
    assert found is not None
    _settle(company, vera.follow(found.group()))
    assert found.group() in company.somebody("gao").open(f"/contracts/checks/{check.removeprefix('/papers/')}/report").text


def _settle(company: Company, vera: Walker) -> None:
    """The contract lay in the next box; the head of the office closes the incident."""
    incident = vera.path
    vera.send("Hand in for closing", cause="Put back wrongly", handling="Found in box 3", decision="It stays where it belongs")
    otto = company.somebody("otto").open(incident).send("Close the incident")
    assert "Case closed" in otto.text
    lease = company.somebody("ann").open("/contracts?q=16-002").follow(LEASE)
    assert "Under investigation" not in lease.text
