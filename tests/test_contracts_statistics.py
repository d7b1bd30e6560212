"""The contract statistics list: every figure from the register, by each part, on screen, on paper and to take away (CON-05)."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from urllib.parse import quote

import pytest

from portal import contents, steps
from portal.access import posts_of
from portal.contracts.models import Incident
from portal.contracts.models_finding import Sought
from portal.contracts.models_papers import Findings, HandOut, incident_content
from portal.contracts.models_statistics import PARTS, counted, incidents_open, loans_out, total
from portal.contracts.rules_register import flag, withdraw
from portal.flow import FLOWS
from portal.money import Money
from portal.persons import Person
from portal.words import Name
from tests import lending
from tests.archive import archivist, contract
from tests.counting import statements
from tests.posts import grant
from tests.test_contracts_copies import lent


@pytest.fixture
def register(cast):
    """Two of 2025, one of 2026 that is confidential."""
    one = contract(cast, "Fittings", "Lane Ltd", "Ink Ltd", amount=Money(100_000), signed_on=date(2025, 2, 1))
    two = contract(cast, "Lease", "Lane Ltd", department="IT", code="LEASE", signed_on=date(2025, 3, 1))
    three = contract(cast, "Takeover", "Quell Ltd", amount=Money(700_000), confidential=True, signed_on=date(2026, 1, 1))
    return one, two, three


def listed(by, posts, **sought):
    return [
        (str(row.called) if isinstance(row.called, Name) else row.key, row.contracts, int(row.amount), row.without_amount)
        for row in counted(by, Sought(**sought), posts)
    ]


def test_con_05_by_year_nature_party_department_and_state_with_sums(cast, register):
    mine = posts_of(archivist(cast))

    assert listed("year", mine) == [("2026", 1, 700_000, 0), ("2025", 2, 100_000, 1)]
    assert listed("nature", mine) == [("工程项目", 2, 800_000, 0), ("租赁", 1, 0, 1)]
    assert listed("party", mine) == [("Quell Ltd", 1, 700_000, 0), ("Ink Ltd", 1, 100_000, 0), ("Lane Ltd", 2, 100_000, 1)]
    assert listed("department", mine) == [("市场部", 2, 800_000, 0), ("信息部", 1, 0, 1)]
    assert listed("state", mine) == [("in_archive", 3, 800_000, 1)]


def test_con_05_together_counts_each_contract_once(cast, register):
    whole = total(Sought(), posts_of(cast.mei))

    assert (whole.contracts, int(whole.amount), whole.without_amount) == (3, 800_000, 1)
    assert total(Sought(year=1999), posts_of(cast.mei)).contracts == 0


def test_con_05_what_one_may_not_know_of_is_in_no_figure(cast, register):
    theirs = posts_of(cast.lin)

    assert listed("year", theirs) == [("2025", 2, 100_000, 1)]
    assert all("Quell Ltd" not in str(listed(by, theirs)) for by in PARTS)
    assert total(Sought(), theirs).contracts == 2


def test_con_05_loans_and_incidents_of_what_one_may_not_know_of_are_in_no_list(cast, register):
    secret, wen = register[2], archivist(cast)
    case = lending.asked(cast.hao, secret)
    case = steps.take(cast.mei, case.id, "approve")
    steps.take(wen, case.id, "hand_out", given=HandOut(12))
    content = incident_content(secret, "damaged", cast.department("Marketing"), "Wet")
    steps.take(wen, contents.create(FLOWS["incident"], wen, content, "an incident").id, "submit")

    seen = [(len(loans_out(posts_of(person))), len(incidents_open(posts_of(person)))) for person in (cast.lin, cast.mei)]

    assert seen == [(0, 0), (1, 1)]


def test_con_05_what_is_lost_is_not_out_and_a_closed_incident_not_open(cast, register):
    one, wen = register[0], archivist(cast)
    steps.take(wen, lending.lent(cast, one).id, "lose", note="Gone")
    assert (loans_out(posts_of(cast.mei)), len(incidents_open(posts_of(cast.mei)))) == ([], 1)

    steps.take(wen, Incident.get().case_id, "hand_in", given=Findings("Train", "Asked", None, "Nothing"))
    steps.take(cast.hao, Incident.get().case_id, "close")

    assert incidents_open(posts_of(cast.mei)) == []


def test_con_05_states_and_loans_are_counted_from_the_register(cast, register, clock):
    one, two, _three = register
    case = lent(cast, one)
    withdraw(archivist(cast), two.id, two.events, "Moved")

    mine = posts_of(cast.mei)
    assert [(row.on_loan, row.flagged, row.gone) for row in counted("year", Sought(year=2025), mine)] == [(1, 0, 1)]
    assert [row.on_loan for row in counted("party", Sought(party="Ink"), mine)] == [1, 1]
    assert [(each.case, each.days_late) for each in loans_out(mine)] == [(case.id, 0)]
    clock.forward(days=9)
    assert [each.days_late for each in loans_out(posts_of(cast.mei))] == [2]


def test_con_03_an_open_incident_stands_in_the_list(cast, register):
    one = register[0]
    wen = archivist(cast)
    case = contents.create(
        FLOWS["incident"], wen, incident_content(one, "damaged", cast.department("Marketing"), "Wet"), "an incident"
    )
    steps.take(wen, case.id, "submit")

    assert [(each.number, each.kind) for each in incidents_open(posts_of(cast.mei))] == [(one.number, "damaged")]
    assert [row.flagged for row in counted("state", Sought(state="flagged"), posts_of(cast.mei))] == [1]
    assert flag(one, wen, "again").state == "flagged"


# ---- the page -------------------------------------------------------------------------------------------------------


def test_con_05_the_page_the_print_and_the_export_say_the_same(cast, client, register):
    Person.update(language="en").execute()
    mei = client(cast.mei)

    page = mei.get("/contracts/statistics?by=nature")
    paper = mei.get("/contracts/statistics/print?by=nature")
    table = list(csv.reader(io.StringIO(mei.get("/contracts/statistics/export/csv?by=nature").data.decode("utf-8-sig"))))

    assert [row[:3] for row in table[1:]] == [
        ["PRJ Project", "2", "8000.00"], ["LEASE Lease", "1", "0.00"], ["Together", "3", "8000.00"],
    ]  # fmt: skip
    for answer in (page, paper):
        assert "PRJ Project" in answer.text
        assert "¥8,000.00" in answer.text
    assert "<rect" in page.text
    assert mei.get("/contracts/statistics/export/xlsx").mimetype.endswith("sheet")
    assert mei.get("/contracts/statistics/export/csv?list=loans").status_code == 200
    assert mei.get("/contracts/statistics/export/csv?list=incidents").status_code == 200
    assert mei.get("/contracts/statistics/export/pdf").status_code == 404


@pytest.mark.parametrize("by", list(PARTS))
def test_con_05_each_row_leads_to_its_contracts(cast, client, register, by):
    import re
    from html import unescape

    mei = client(cast.mei)

    links = [unescape(link) for link in re.findall(r'href="(/contracts\?[^"]+)"', mei.get(f"/contracts/statistics?by={by}").text)]

    assert links
    for link in links:
        assert "data-row" in mei.get(link).text, link


def test_con_05_gm_leader_in_charge_and_archivist_see_it_and_nobody_else(cast, client, register):
    grant(cast.lin, "exec_in_charge", cast.branch)

    statuses = {each.user: client(each).get("/contracts/statistics").status_code for each in
                (cast.mei, cast.lin, archivist(cast), cast.hao, cast.ann)}  # fmt: skip

    assert statuses == {"mei": 200, "lin": 200, "wen": 200, "hao": 403, "ann": 403}
    assert "Takeover" not in client(cast.lin).get("/contracts/statistics?by=party").text


def test_con_05_a_page_costs_the_same_however_many_rows_it_has(cast, client, register):
    mei = client(cast.mei)
    mei.get("/contracts/statistics?by=party")
    with statements() as few:
        mei.get("/contracts/statistics?by=party")
    for n in range(10):
        contract(cast, f"More {n}", f"Partner {n} Ltd")

    with statements() as many:
        mei.get("/contracts/statistics?by=party")

    assert len(many) == len(few)


def test_con_05_a_table_taken_away_keeps_its_chinese_name(cast, client, register):
    Person.update(language="zh-Hans").where(Person.id == cast.mei.id).execute()

    told = client(Person.get_by_id(cast.mei.id)).get("/contracts/export/csv").headers["Content-Disposition"]

    assert "filename*=UTF-8''" + quote("合同台账-") in told
    assert re.search(r"filename=[0-9]{8}\.csv", told)
