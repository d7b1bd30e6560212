"""Papers handed to the archive: registered with their files, returned or rejected, and never by who handed them over (CON-15)."""

from __future__ import annotations

import io
import secrets
from datetime import date

import pytest

from portal import access, attachments, contents, steps
from portal.cases import Case
from portal.contracts.models import Contract, Intake, ScanText
from portal.contracts.models_register import intake_content, linked
from portal.contracts.rules_intake import INTAKE, Registered
from portal.refused import Mistyped, NotYours, SomebodyWasFirst
from tests import archive, lending, posts
from tests.pdfs import PDF
from tests.test_attachments import _picture
from tests.test_spending_pages import everybody_reads_english, post, text_of  # noqa: F401


@pytest.fixture(autouse=True)
def files(tmp_path, clock):
    attachments.keep_in(tmp_path)
    clock.set("2026-03-02 09:00")


@pytest.fixture
def wen(cast):
    person = archive.archivist(cast)
    type(person).update(language="en").execute()
    return type(person).get_by_id(person.id)


def handed_over(person, partner="Golden Fittings Ltd", **more):
    content = intake_content("Store fittings", partner, **more)
    case = contents.create(INTAKE, person, content, secrets.token_urlsafe(18))
    attachments.store("case", case.id, "paper", "contract.pdf", io.BytesIO(PDF), person)
    attachments.store("case", case.id, "paper", "page.png", io.BytesIO(_picture()), person)
    attachments.store("case", case.id, "paper", "list.csv", io.BytesIO(b"a,b"), person)
    return steps.take(person, case.id, "submit")


def state(case):
    return Case.get_by_id(case.id).state


def test_con_15_papers_handed_over_become_a_contract_with_its_scans(cast, wen):
    case = handed_over(cast.ann, group_file="G-2026-7")
    files = [file.id for file in attachments.of("case", case.id)]

    steps.take(wen, case.id, "register", given=Registered(archive.described(cast), ["Golden Fittings Ltd"], files))

    contract = Intake.get_by_id(case.id).contract
    assert (state(case), contract.number) == ("registered", "2026-PRJ-0001")
    assert [file.name for file in attachments.of("contract", contract.id)] == ["contract.pdf", "page.png"]
    assert len(attachments.of("case", case.id)) == 3 and ScanText.select().count() == 1
    assert [each.number for each in linked(contract.id, access.posts_of(wen))] == [Case.get_by_id(case.id).number]
    assert linked(contract.id, access.posts_of(cast.bo)) == []


def test_con_15_what_the_register_refuses_leaves_the_paper_where_it_is(cast, wen):
    case = handed_over(cast.ann)

    with pytest.raises(Mistyped, match="Say where it is kept"):
        steps.take(wen, case.id, "register", given=Registered(archive.described(cast) | {"room": ""}, ["A Ltd"]))

    with pytest.raises(Mistyped, match="Something is missing"):
        steps.take(wen, case.id, "register")
    assert (state(case), Contract.select().count()) == ("submitted", 0)


def test_con_15_only_the_archivist_registers_and_once(cast, wen):
    case, given = handed_over(cast.ann), Registered(archive.described(cast), ["A Ltd"])

    for person in (cast.ann, cast.hao, cast.mei):
        posts.cannot(person, case, "register", given=given)
    steps.take(wen, case.id, "register", given=given)
    with pytest.raises(SomebodyWasFirst):
        steps.take(wen, case.id, "register", given=given)

    assert Contract.select().count() == 1


def test_con_15_the_archivist_needs_no_intake(cast, wen):
    with pytest.raises(NotYours, match="You keep the register"):
        contents.create(INTAKE, wen, intake_content("Mine", "A Ltd"), "one key of a form")


@pytest.mark.parametrize(
    ("told", "field"),
    [({"partner": ""}, "partner"), ({"partner": "x" * 121}, "partner"), ({"group_file": "x" * 61}, "group_file"),
     ({"note": "x" * 501}, "note")],
)  # fmt: skip
def test_con_15_papers_say_with_whom_and_in_words_that_fit(cast, told, field):
    with pytest.raises(Mistyped) as refusal:
        handed_over(cast.ann, **told)

    assert refusal.value.field == field


def test_con_15_only_files_of_the_paper_that_were_chosen_become_scans(cast, wen):
    case, other = handed_over(cast.ann), handed_over(cast.hao)
    chosen = [attachments.of("case", case.id)[0].id, *(file.id for file in attachments.of("case", other.id))]

    steps.take(wen, case.id, "register", given=Registered(archive.described(cast), ["A Ltd"], chosen))

    assert [file.sha256 for file in attachments.of("contract", Contract.get().id)] == [attachments.of("case", case.id)[0].sha256]


def test_con_15_papers_come_back_to_be_completed_or_are_rejected(cast, wen):
    returned, rejected, withdrawn = (handed_over(cast.ann) for _each in range(3))

    steps.take(wen, returned.id, "return", note="the annex is missing")
    steps.take(wen, rejected.id, "reject", note="not a contract")
    steps.take(cast.ann, withdrawn.id, "withdraw")

    assert [state(case) for case in (returned, rejected, withdrawn)] == ["draft", "rejected", "draft"]


# ---- in the browser -------------------------------------------------------------------------------------------------


def typed(cast, **more):
    told = {
        "title": "Store fittings", "nature": archive.nature(cast).id, "parties": "Golden Fittings Ltd", "signed_on": "2026-01-15",
        "department": cast.department("Marketing").id, "responsible": cast.hao.id, "room": "A-101", "originals": "1",
        "pages": "12", "language": "zh-Hans",
    }  # fmt: skip
    return told | more


def test_con_15_the_form_is_filled_with_what_the_department_wrote(cast, client, wen):
    case, browser = handed_over(cast.ann, group_file="G-2026-7"), client(wen)
    path = f"/contracts/intake/{case.id}/register"
    pdf = attachments.of("case", case.id)[0]

    paper, opened = browser.get(f"/papers/{case.id}").text, browser.get(path).text
    wrong = post(browser, path, typed(cast, room=""))
    taken = post(browser, path, typed(cast, scan=str(pdf.id)))
    contract = Contract.get()

    assert path in paper
    assert "Golden Fittings Ltd" in opened and 'value="G-2026-7"' in opened and "page.png" in opened and "list.csv" not in opened
    assert wrong.status_code == 422 and "Fill this in." in text_of(wrong)
    assert (taken.status_code, taken.headers["Location"]) == (303, f"/contracts/{contract.id}")
    assert [file.name for file in attachments.of("contract", contract.id)] == ["contract.pdf"]
    assert browser.get(path).status_code == 303


def test_con_15_nobody_else_sees_the_form(cast, client, wen):
    case = handed_over(cast.ann)

    assert [client(person).get(f"/contracts/intake/{case.id}/register").status_code for person in (cast.ann, cast.mei)] == [
        403
    ] * 2
    loan = lending.asked(cast.ann, archive.contract(cast))
    assert client(wen).get(f"/contracts/intake/{loan.id}/register").status_code == 404


def test_con_06_who_handed_it_over_is_not_told_the_number_of_a_confidential_contract(cast, client, wen):
    case = handed_over(cast.ann)
    values = archive.described(cast, signed_on=date(2025, 3, 3), confidential=True)
    steps.take(wen, case.id, "register", given=Registered(values, ["A Ltd"]))

    pages = [client(person).get(f"/papers/{case.id}").text for person in (cast.ann, wen)]

    assert ["2025-PRJ-0001" in page for page in pages] == [False, True]


def test_con_15_an_employee_hands_papers_over_in_the_browser(cast, client, wen):
    ann = client(cast.ann)
    told = {
        "title": "Store fittings",
        "partner": "Golden Fittings Ltd",
        "group_file": "",
        "note": "two originals",
        "do": "submit",
    }

    page = ann.get("/papers/new/intake").text
    answer = post(ann, "/papers/new/intake", told | {"token": secrets.token_urlsafe(18), "version": "0"})

    assert "Partner" in page and answer.status_code == 303
    assert "two originals" in client(wen).get(answer.headers["Location"]).text
