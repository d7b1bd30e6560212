"""The pages of loans, checks, incidents, custody and retention: from the form to the copy that came back, and on paper."""

from __future__ import annotations

import csv
import io
import re
from datetime import date

import pytest

from portal import contents, steps
from portal.access import posts_of
from portal.cases import Case
from portal.contracts.models import CheckLine, Contract, Destruction, Incident, Loan
from portal.contracts.models_checks import progress
from portal.contracts.models_loans import loans
from portal.contracts.rules_checks import Result, write_down
from portal.contracts.rules_custody import open_handovers
from portal.contracts.rules_retention import DESTRUCTION, destruction_content
from portal.persons import Person
from tests import archive, lending, posts
from tests.counting import statements
from tests.test_contracts_checks import begun
from tests.test_contracts_retention import OLD
from tests.test_spending_pages import everybody_reads_english, text_of  # noqa: F401


@pytest.fixture(autouse=True)
def forms_without_tokens(app):
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.fixture
def wen(cast):
    found = archive.archivist(cast)
    Person.update(language="en").where(Person.id == found.id).execute()
    return Person.get_by_id(found.id)


@pytest.fixture
def contract(cast):
    return archive.contract(cast)


def step(browser, case, name, **more):
    case = Case.get_by_id(case.id)
    return browser.post(f"/papers/{case.id}/steps", data={"step": name, "state": case.state, "version": case.version, **more})


# ---- loans ----------------------------------------------------------------------------------------------------------


def test_con_10_a_loan_in_the_browser_from_the_contract_to_the_returned_copy(cast, client, contract, wen):
    ann, hao, keeper = client(cast.ann), client(cast.hao), client(wen)
    assert f'href="/papers/new/loan?contract={contract.id}"' in ann.get(f"/contracts/{contract.id}").text
    form = ann.get(f"/papers/new/loan?contract={contract.id}").text
    assert f'value="{contract.number}"' in form

    typed = {"contract": contract.number, "form": "copy", "purpose": "to negotiate", "do": "submit", "token": "a" * 20}
    assert ann.post("/papers/new/loan", data=typed).status_code == 303
    case = Case.get(Case.kind == "loan")
    assert step(hao, case, "approve").status_code == 303
    assert step(keeper, case, "hand_out", pages="99").status_code == 422
    assert step(keeper, case, "hand_out", pages="12").status_code == 303
    assert "Contracts on loan to me" in ann.get("/me").text or contract.number in ann.get("/").text
    assert "copy 1" in text_of(ann.get(f"/papers/{case.id}"))
    assert step(keeper, case, "take_back", pages="12", condition="good", fate="destroyed").status_code == 303

    assert (Case.get_by_id(case.id).state, Loan.get().fate) == ("returned", "destroyed")
    assert "Destroyed in front of the archivist" in text_of(ann.get("/contracts/loans?tab=closed"))


def test_a_number_that_is_unknown_and_one_that_may_not_be_known_are_answered_alike(cast, client):
    secret = archive.contract(cast, "Merger", confidential=True)
    bo, typed = client(cast.bo), {"form": "copy", "purpose": "to see", "do": "submit", "token": "a" * 20}

    unknown, hidden = (bo.post("/papers/new/loan", data=typed | {"contract": each}) for each in ("2026-PRJ-9999", secret.number))

    assert unknown.status_code == hidden.status_code == 422
    assert "There is no such contract" in unknown.text
    assert secret.number not in hidden.text and "2026-PRJ-9999" not in unknown.text
    assert bo.get(f"/papers/new/loan?contract={secret.id}").status_code == 404
    assert bo.get("/papers/new/loan?contract=99999").status_code == 404
    assert bo.get("/papers/new/loan?contract=²").status_code == 404


def test_a_new_paper_names_nobody_whom_it_will_only_name_itself(cast, client, wen):
    form = text_of(client(wen).get("/papers/new/handover"))

    assert "Nobody can act here" not in form
    assert "To be signed by who takes over" in form


def test_the_list_of_loans_and_its_export_are_the_same(cast, client, contract, wen, clock):
    clock.set("2026-03-02 09:00")
    lending.lent(cast, contract)
    clock.set("2026-03-20 09:00")

    rows = list(csv.reader(io.StringIO(client(wen).get("/contracts/loans?tab=red&export=csv").data.decode("utf-8-sig"))))

    assert len(rows) == 2
    assert rows[1][1:4] == [contract.number, contract.title, "Ann"]
    assert "11 days late" in text_of(client(wen).get("/contracts/loans?tab=red"))
    assert "No loan is here" in client(cast.bo).get("/contracts/loans?tab=red").text


def test_req_15_originals_consented_to_together_ask_for_the_password_and_copies_do_not(cast, client, contract, wen, clock):
    clock.set("2026-03-02 09:00")
    hao, mei = client(cast.hao), client(cast.mei)
    copy, original = lending.asked(cast.ann, contract), lending.asked(cast.ann, contract, "original")
    original = steps.take(cast.hao, original.id, "approve")
    clock.set("2026-03-02 09:20")

    answers = [
        browser.post("/papers/steps", data={"step": "approve", "paper": f"{case.id}:{case.state}:{case.version}"}).status_code
        for browser, case in ((hao, copy), (mei, original))
    ]

    assert answers == [303, 401]
    assert [Case.get_by_id(case.id).state for case in (copy, original)] == ["approved", "special"]


def test_of_what_is_late_the_latest_stands_first_page_after_page(cast, wen, clock):
    for day in ("2026-03-04", "2026-03-02", "2026-03-03"):
        clock.set(f"{day} 09:00")
        lending.lent(cast, archive.contract(cast, f"Lent on {day}"))
    clock.set("2026-03-25 09:00")

    first = loans(posts_of(wen), "overdue", limit=2)
    rest = loans(posts_of(wen), "overdue", first[-1].case, limit=2)

    assert [each.title[-2:] for each in (*first, *rest)] == ["02", "03", "04"]


def test_an_original_is_not_offered_to_be_destroyed(cast, client, wen):
    copy, original = (lending.lent(cast, archive.contract(cast, form), form) for form in ("copy", "original"))

    keeper = client(wen)

    assert 'value="destroyed"' in keeper.get(f"/papers/{copy.id}").text
    assert 'value="destroyed"' not in keeper.get(f"/papers/{original.id}").text


def test_who_has_the_original_is_told_on_the_contracts_page_and_who_has_a_copy_to_few(cast, client, contract, wen):
    lending.lent(cast, contract)
    others = archive.contract(cast, "Other")
    lending.lent(cast, others, "original")

    assert 'id="loans"' not in client(cast.bo).get(f"/contracts/{contract.id}").text
    assert 'id="loans"' in client(cast.ann).get(f"/contracts/{contract.id}").text
    case = Loan.get(Loan.contract == contract).case_id
    opens = [f"/contracts/loans/{case}/" in client(each).get(f"/contracts/{contract.id}").text for each in (cast.ann, cast.bo)]
    assert opens == [True, False]
    assert "Ann" in text_of(client(cast.bo).get(f"/contracts/{others.id}"))


def test_the_way_and_the_print_of_a_paper_say_what_each_one_did(cast, client, contract, wen):
    """The name of the state a step leads to would read as if that person had been there."""
    case = lending.lent(cast, contract)

    ann = client(cast.ann)
    way = text_of(ann.get(f"/papers/{case.id}")).rpartition("Progress")[2]
    printed = text_of(ann.get(f"/papers/{case.id}/print"))

    assert [said in way for said in ("Ann submitted", "Hao consented", "Wen handed it out", "With the borrower's head")] == [
        True, True, True, False,
    ]  # fmt: skip
    assert "With the borrower's head" not in printed and printed.count("General manager") == 1


def test_the_day_of_a_return_is_that_of_the_office(cast, client, contract, wen, clock):
    clock.set("2026-03-01 09:00")
    case = lending.lent(cast, contract)
    clock.set("2026-03-03 07:30")  # still the day before, by the clock of Greenwich
    lending.back(cast, case)

    assert "Tue 3 Mar" in text_of(client(wen).get("/contracts/loans?tab=closed"))


# ---- incidents ------------------------------------------------------------------------------------------------------


def test_con_03_an_incident_in_the_browser(cast, client, contract, wen):
    keeper, hao = client(wen), client(cast.hao)
    typed = {
        "contract": contract.number, "kind": "damaged", "department": cast.department("Marketing").id, "cause": "wet",
        "do": "submit", "token": "a" * 20,
    }  # fmt: skip
    assert keeper.post("/papers/new/incident", data=typed).status_code == 303
    case = Case.get(Case.kind == "incident")
    named = [case.number in client(each).get(f"/contracts/{contract.id}").text for each in (wen, cast.mei, cast.hao, cast.ann)]
    assert named == [True, True, False, False]

    assert step(keeper, case, "hand_in", cause="wet").status_code == 422
    found = {"cause": "wet", "handling": "dried", "decision": "keep it dry", "responsible": cast.bo.id, "outcome": "kept"}
    assert step(keeper, case, "hand_in", **found).status_code == 303
    page = text_of(hao.get(f"/papers/{case.id}"))
    assert "keep it dry" in page and "Bo" in page
    assert "for Bo" not in page  # who answers for it is not whom it is for
    assert step(hao, case, "close").status_code == 303

    assert Contract.get_by_id(contract.id).state == "in_archive"
    assert case.number in hao.get("/contracts/incidents?tab=closed").text
    assert client(cast.ann).get("/contracts/incidents").status_code == 403


# ---- checks ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def check(cast, wen):
    for n in (1, 2, 3):
        archive.contract(cast, f"Contract {n}", box=str(n))
    return begun(wen)


def test_con_02_scanning_has_one_field_with_the_focus_and_tells_what_each_code_was(client, wen, check):
    keeper = client(wen)
    page = keeper.get(f"/contracts/checks/{check.id}/scan").text
    assert len(re.findall(r"autofocus", page)) == 1
    numbers = [each.number for each in Contract.select().order_by(Contract.id)]

    answers = [
        text_of(keeper.post(f"/contracts/checks/{check.id}/scan", data={"code": code, "damp_proof": "yes"}))
        for code in (
            numbers[0],
            numbers[0],
            "nothing",
            f"http://portal.example/contracts/{Contract.get(Contract.number == numbers[1]).id}",
        )
    ]

    for answer, told in zip(answers, ("Present: ", "Scanned already: ", "Unknown: nothing", "Present: "), strict=True):
        assert told in answer
    assert "2 of 3 checked" in answers[-1]
    assert [line.damp_proof for line in CheckLine.select().order_by(CheckLine.id)] == [True, True, None]


def test_con_02_while_a_check_is_open_the_contracts_page_has_the_buttons_for_the_archivist(cast, client, wen, check):
    first = Contract.select().order_by(Contract.id).first()
    keeper = client(wen)

    assert 'id="check"' in keeper.get(f"/contracts/{first.id}").text
    assert 'id="check"' not in client(cast.mei).get(f"/contracts/{first.id}").text
    back, line = f"/contracts/{first.id}", CheckLine.get(CheckLine.contract == first)
    away = keeper.post(f"/contracts/check-lines/{line.id}", data={"result": "present", "back": "https://elsewhere.example"})
    assert away.location == "/"
    answer = keeper.post(f"/contracts/check-lines/{line.id}", data={"result": "damaged", "note": "wet", "back": back})

    assert (answer.status_code, answer.location) == (303, back)
    assert CheckLine.get(CheckLine.contract == first).result == "damaged"
    wrong = keeper.post(f"/contracts/check-lines/{line.id}", data={"result": "wrong_place", "back": back})
    assert wrong.status_code == 422
    assert "Say where it was found." in wrong.text


def test_con_02_what_is_wrong_elsewhere_on_the_page_is_said_while_a_check_is_open(client, contract, wen, check):
    events = {"events": Contract.get_by_id(contract.id).events}

    answers = [
        client(wen).post(f"/contracts/{contract.id}/{name}", data=events) for name in ("amend", "link", "withdraw", "scans")
    ]

    assert [answer.status_code for answer in answers] == [422] * 4
    assert "Choose a file first" in text_of(answers[-1])


def test_con_02_a_check_is_typed_closed_and_reported(client, wen, check):
    keeper = client(wen)
    ids = [each.id for each in Contract.select().order_by(Contract.id)]
    path = f"/contracts/checks/{check.id}/list"
    typed = {f"result-{key}": "present" for key in ids} | {f"result-{ids[1]}": "missing", f"result-{ids[2]}": "wrong_place"}
    assert keeper.post(path, data=typed).status_code == 422
    assert progress(check.id).done == 0
    assert keeper.post(path, data=typed | {f"found_room-{ids[2]}": "=B2"}).status_code == 303

    assert step(keeper, check, "close").status_code == 409
    assert step(keeper, check, "open_incidents").status_code == 303
    assert step(keeper, check, "close").status_code == 303
    report = keeper.get(f"/contracts/checks/{check.id}/report")
    assert Incident.get().case.number in report.text
    exported = list(
        csv.reader(io.StringIO(keeper.get(f"/contracts/checks/{check.id}/report?export=csv").data.decode("utf-8-sig")))
    )
    assert [row[5] for row in exported[1:]] == ["Present", "Not found", "In the wrong place"]
    assert exported[3][6] == "'=B2"
    assert keeper.get(f"/contracts/checks/{check.id}/report?export=xlsx").data[:2] == b"PK"
    assert keeper.get(path).location.endswith(f"/papers/{check.id}")


def test_a_check_is_nobodys_but_the_archivists_and_the_general_managers(cast, client, check):
    mei, bo = client(cast.mei), client(cast.bo)

    assert mei.get(f"/contracts/checks/{check.id}/report").status_code == 200
    assert mei.get(f"/contracts/checks/{check.id}/scan").status_code == 403
    assert bo.get("/contracts/checks").status_code == 403
    loan = lending.asked(cast.ann, Contract.get())
    assert mei.get(f"/contracts/checks/{loan.id}/report").status_code == 404
    for path in ("scan", "list", "report"):
        assert bo.get(f"/contracts/checks/{check.id}/{path}").status_code == 404


def test_new_checks_are_started_in_the_browser(cast, client, wen, contract):
    keeper = client(wen)
    assert keeper.get("/papers/new/archive_check").status_code == 200
    assert keeper.post("/papers/new/archive_check", data={"do": "submit", "token": "a" * 20}).status_code == 303

    assert Case.get(Case.kind == "archive_check").state == "counting"
    assert client(cast.ann).get("/papers/new/archive_check").status_code == 403


# ---- custody and retention ------------------------------------------------------------------------------------------


def test_con_14_everybody_sees_who_answers_for_the_archive(cast, client, contract, wen):
    posts.grant(cast.sam, "contract_archivist")
    posts.take_away(wen, "contract_archivist")
    open_handovers()

    page = text_of(client(cast.ann).get("/contracts/custody"))

    assert "Wen" in page and "until the hand-over is signed by both" in page and "Sam" in page
    case = Case.get(Case.kind == "handover")
    assert client(cast.ann).get(f"/contracts/handovers/{case.id}/list").status_code == 404
    assert contract.number in client(wen).get(f"/contracts/handovers/{case.id}/list").text
    assert contract.number in client(wen).get(f"/contracts/handovers/{case.id}/list?export=csv").text


def test_con_14_who_signed_sees_the_whole_list_until_both_have_and_then_what_one_may_know_of(cast, client, contract, wen):
    archive.contract(cast, "Merger", confidential=True)
    posts.grant(cast.sam, "contract_archivist")
    posts.take_away(wen, "contract_archivist")
    open_handovers()
    case = steps.take(wen, Case.get(Case.kind == "handover").id, "sign_out")
    path, keeper = f"/contracts/handovers/{case.id}/list", client(wen)

    before = keeper.get(path).text
    steps.take(cast.sam, case.id, "sign_in")
    after = keeper.get(path).text

    assert ["Merger" in page for page in (before, after)] == [True, False]
    assert contract.title in after
    assert keeper.get(f"/contracts/handovers/{lending.asked(wen, contract).id}/list").status_code == 404


def test_who_kept_the_archive_is_not_named_confidential_contracts_on_papers_of_before(cast, client, wen):
    secret = archive.contract(cast, "Merger", confidential=True, **OLD)
    content = destruction_content(secret.department, [secret], "Kept long enough")
    case = steps.take(wen, contents.create(DESTRUCTION, wen, content, "a destruction").id, "submit")
    keeper = client(wen)
    assert "Merger" in keeper.get(f"/papers/{case.id}").text

    posts.take_away(wen, "contract_archivist")

    assert "Merger" not in keeper.get(f"/papers/{case.id}").text


def test_what_was_kept_long_enough_is_proposed_from_the_list(cast, client, wen):
    old = archive.contract(cast, "Old", **OLD)
    archive.contract(cast, "Young", signed_on=date(2026, 1, 5))
    keeper = client(wen)
    page = keeper.get("/contracts/retention").text
    assert "Old" in page and "Young" not in page
    assert keeper.post("/contracts/retention", data={"contract": old.id, "reason": "", "token": "a" * 20}).status_code == 422
    assert keeper.post("/contracts/retention", data={"reason": "over", "token": "a" * 20}).status_code == 422

    answer = keeper.post("/contracts/retention", data={"contract": old.id, "reason": "over", "token": "a" * 20})

    case = Case.get_by_id(Destruction.get().case_id)
    assert (answer.status_code, answer.location, case.state) == (303, f"/papers/{case.id}", "submitted")
    assert "Old" in client(cast.hao).get(f"/papers/{case.id}").text
    assert "Nothing has been kept long enough" in keeper.get("/contracts/retention").text
    assert client(cast.mei).post("/contracts/retention", data={"contract": old.id, "reason": "over"}).status_code == 403


def test_a_contract_that_became_confidential_is_not_named_on_papers_of_before(cast, client, contract):
    case = lending.asked(cast.ann, contract)
    Contract.update(confidential=True).where(Contract.id == contract.id).execute()

    body = client(cast.ann).get(f"/papers/{case.id}").text

    assert f"/contracts/{contract.id}" not in body
    assert "A confidential contract" in body


# ---- quick ----------------------------------------------------------------------------------------------------------


def asked(browser, path):
    with statements() as few:
        assert browser.get(path).status_code == 200
    return len([each for each in few if each.startswith(("SELECT", "WITH"))])


def test_lists_and_papers_ask_few_statements_however_many_rows(cast, client, wen, clock):
    clock.set("2026-03-02 09:00")
    found = [archive.contract(cast, f"Contract {n}", box=str(n)) for n in range(12)]
    for each in found[:2]:
        lending.lent(cast, each)
    check = begun(wen)
    write_down(wen, check.id, found[0].id, Result("missing"))
    case = steps.take(wen, check.id, "open_incidents")
    clock.set("2026-03-20 09:00")
    keeper = client(wen)
    lists = ["/contracts/loans", "/contracts/loans?tab=red", "/contracts/incidents", "/contracts/checks", "/contracts/custody",
             f"/contracts/checks/{case.id}/list", f"/contracts/checks/{case.id}/scan", "/contracts/retention"]  # fmt: skip
    papers = [f"/papers/{each.id}" for each in Case.select().where(Case.kind.in_(["loan", "incident", "archive_check"]))]
    keeper.get("/contracts/loans")
    before = {path: asked(keeper, path) for path in (*lists, *papers)}

    for each in found[2:]:
        lending.lent(cast, each)
        write_down(wen, check.id, each.id, Result("missing"))
    steps.take(wen, check.id, "open_incidents")
    after = {path: asked(keeper, path) for path in (*lists, *papers)}

    of_every_page = asked(keeper, "/help/keys")
    assert {path: n - of_every_page for path, n in after.items() if n > before[path] + 1} == {}
    assert {path: n for path, n in after.items() if n > (12 if path.startswith("/papers") else 8) + of_every_page} == {}
