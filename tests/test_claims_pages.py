"""A claim is written from its invoices: dropped, read, corrected, sent, signed beside them, checked, printed (FIN-12, 17)."""

from __future__ import annotations

import io
import re
import secrets
from datetime import timedelta

import pytest

from portal import attachments, clock, steps
from portal.cases import Case, lines_of
from portal.expenses.models import Spending
from portal.expenses.models_claims import readings
from portal.expenses.models_money import ClaimLine
from portal.persons import Person
from tests import budgets, moneys
from tests.budgets import yuan
from tests.invoices import DIGITAL, digital_xml, drawn
from tests.test_attachments import _picture

WRITE = "/expenses/claims/write"
NUMBER = "26427000000316294884"


@pytest.fixture(autouse=True)
def everybody_reads_english(cast):
    Person.update(language="en").execute()


@pytest.fixture
def line(cast):
    return budgets.budget_line(cast.department("Marketing"), 5000)


@pytest.fixture
def asked(cast, line):
    """Approved long enough ago for the invoices of the samples."""
    case = budgets.approved(cast.ann, cast.mei, line, 1000)
    Spending.update(approved_at=clock.now() - timedelta(days=3650)).execute()
    return case


def post(browser, path, data, **files):
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/password").text)[1]
    return browser.post(path, data=data | {"csrf_token": token} | files, content_type="multipart/form-data")


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", re.sub("</?bdi>", "", answer.text)))


def xml(name="a.xml", **said):
    return io.BytesIO(digital_xml(**said)), name


def typed(request_case, **more):
    """What a browser sends of a claim with one line."""
    fields = {
        "token": secrets.token_urlsafe(18), "version": "0", "request": request_case.id, "is_last": "y", "do": "save",
        "lines-0-day": clock.today().isoformat(), "lines-0-text": "Ticket", "lines-0-amount": "100",
        "lines-0-invoice_number": "12345678", "lines-0-invoice_code": "", "lines-0-file": "",
    }  # fmt: skip
    return {name: value for name, value in (fields | more).items() if value is not None}


def empty(request_case, **more):
    """A form as it is opened, on which nothing is typed yet."""
    return typed(request_case, **{f"lines-0-{name}": "" for name in ("day", "text", "amount", "invoice_number")}, do=None, **more)


def dropped(browser, request_case, *files, **more):
    return post(browser, f"{WRITE}?request={request_case.id}", empty(request_case, **more), files=list(files))


def shown_fields(answer):
    """What the form of the page would send back."""
    found = {}
    for tag in re.findall(r"<(?:input|textarea)[^>]*>", re.sub(r"<template.*?</template>", "", answer.text, flags=re.DOTALL)):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        is_sent = 'type="checkbox"' not in tag or "checked" in tag
        if name and is_sent and 'type="file"' not in tag:
            found[name[1]] = value[1] if value else ""
    return found


def test_an_invoice_that_is_dropped_becomes_a_line_with_what_it_says(cast, client, asked):
    answer = dropped(client(cast.ann), asked, xml())

    case = Case.get(Case.kind == "claim")
    (line,) = lines_of(ClaimLine, case)
    assert (answer.status_code, answer.location) == (303, f"{WRITE}?paper={case.id}#lines")
    assert (line.day.isoformat(), line.amount, line.text) == ("2026-03-30", yuan("100.76"), "杭州湖畔文具有限公司")
    assert (line.invoice_number, line.invoice_code) == (NUMBER, "")
    assert (line.file.name, readings([line.file_id])[line.file_id][0].number) == ("a.xml", NUMBER)
    page = client(cast.ann).get(answer.location)
    assert f"Read from the file: {NUMBER}" in text_of(page)


def test_what_cannot_be_read_becomes_a_line_to_be_filled_in(cast, client, asked):
    dropped(client(cast.ann), asked, (io.BytesIO(_picture()), "receipt.png"))

    (line,) = lines_of(ClaimLine, Case.get(Case.kind == "claim"))
    assert (line.day, line.amount, line.text, line.file.name) == (None, 0, "", "receipt.png")


def test_a_claim_is_sent_from_the_form_it_was_read_into(cast, client, asked):
    ann = client(cast.ann)
    opened = dropped(ann, asked, xml()).location
    shown = shown_fields(ann.get(opened))
    fields = {
        name: value for name, value in shown.items() if name.startswith("lines-") or name in ("token", "version", "is_last")
    }
    fields |= {"do": "submit", "lines-0-text": "Paper", "request": asked.id}

    answer = post(ann, opened.partition("#")[0], fields)

    case = Case.get(Case.kind == "claim")
    assert (answer.status_code, answer.location) == (303, f"/papers/{case.id}")
    assert (case.state, case.amount, lines_of(ClaimLine, case)[0].text) == ("submitted", yuan("100.76"), "Paper")


def test_fin_12_an_invoice_claimed_before_is_found_when_it_is_dropped_and_the_claim_is_linked(cast, client, asked):
    ann = client(cast.ann)
    dropped(ann, asked, xml())
    first = steps.take(cast.ann, Case.get(Case.kind == "claim").id, "submit")

    answer = dropped(ann, asked, xml("again.xml"))

    assert answer.status_code == 422
    assert f"The invoice in again.xml was claimed before, on {first.number}. Open that claim" in text_of(answer)
    assert f'href="/papers/{first.id}"' in answer.text


def test_fin_12_an_invoice_on_another_draft_of_ones_own_is_found_when_it_is_dropped(cast, client, asked, line):
    ann = client(cast.ann)
    dropped(ann, asked, xml())
    first = Case.get(Case.kind == "claim")

    answer = dropped(ann, asked, xml("again.xml", label="01"))

    assert answer.status_code == 422
    assert "The invoice in again.xml stands on another draft of yours" in text_of(answer)
    assert f'href="/papers/{first.id}"' in answer.text
    of_bo = budgets.approved(cast.bo, cast.mei, budgets.budget_line(cast.department("IT"), 5000), 500)
    assert dropped(client(cast.bo), of_bo, xml()).status_code == 303


def test_fin_12_who_may_not_read_the_earlier_claim_sees_its_number_only(cast, client, asked, line):
    dropped(client(cast.ann), asked, xml())
    first = steps.take(cast.ann, Case.get(Case.kind == "claim").id, "submit")
    of_bo = budgets.approved(cast.bo, cast.mei, budgets.budget_line(cast.department("IT"), 5000), 500)

    answer = dropped(client(cast.bo), of_bo, xml("other.xml", label="01"))

    assert f"was claimed before, on {first.number}." in text_of(answer)
    assert f"/papers/{first.id}" not in answer.text


def test_the_same_file_twice_on_one_claim_is_refused(cast, client, asked):
    answer = dropped(client(cast.ann), asked, xml(), xml("b.xml"))

    assert "b.xml is attached to this claim already" in text_of(answer)
    assert len(lines_of(ClaimLine, Case.get(Case.kind == "claim"))) == 1


def test_a_file_of_somebody_elses_paper_is_never_named_by_a_line(cast, client, asked):
    line = budgets.budget_line(cast.department("Marketing"), 500, "OFFICE")
    other = moneys.drafted(cast.hao, budgets.approved(cast.hao, cast.mei, line, 100), 10)
    theirs = attachments.of("case", other.id)[0]

    answer = post(client(cast.ann), f"{WRITE}?request={asked.id}", typed(asked, **{"lines-0-file": theirs.id}))

    case = Case.get(Case.requester == cast.ann, Case.kind == "claim")
    assert (answer.status_code, lines_of(ClaimLine, case)[0].file_id) == (303, None)


def test_the_claim_of_another_is_not_written_on(cast, client, asked):
    case = moneys.drafted(cast.ann, asked, 100)
    steps.take(cast.mei, steps.take(cast.ann, case.id, "submit").id, "return", given="draft", note="which train")

    answers = [client(each).get(f"{WRITE}?paper={case.id}").status_code for each in (cast.mei, cast.bo, cast.ann)]

    assert answers == [403, 404, 200]


def test_a_line_without_number_or_invoice_says_so_beside_its_fields(cast, client, asked):
    answer = post(client(cast.ann), f"{WRITE}?request={asked.id}", typed(asked, do="submit", **{"lines-0-invoice_number": ""}))

    assert answer.status_code == 422
    assert "Write the number of the invoice: what has no invoice is not repaid." in text_of(answer)
    assert "Attach the invoice: what has no invoice is not repaid." in text_of(answer)


def test_while_one_types_what_is_paid_out_and_what_the_file_says_otherwise_are_shown(cast, client, asked):
    moneys.lent(cast, cast.ann, asked, 60)
    ann = client(cast.ann)
    dropped(ann, asked, xml())
    case = Case.get(Case.kind == "claim")
    (line,) = lines_of(ClaimLine, case)

    answer = post(ann, f"/expenses/claims/live?paper={case.id}", typed(asked, **{
        "lines-0-amount": "90", "lines-0-day": "2026-03-31", "lines-0-invoice_number": NUMBER, "lines-0-file": line.file_id,
    }))  # fmt: skip

    said = text_of(answer)
    assert "The amount typed is ¥90.00; the file says ¥100.76 with tax." in said
    assert "The day typed is 31 Mar 2026; the file says 30 Mar 2026." in said
    assert "Taken from the advance ¥60.00" in said
    assert "Paid out to you ¥30.00" in said


def test_above_the_approval_a_supplementary_request_is_offered(cast, client, asked):
    answer = post(client(cast.ann), f"/expenses/claims/live?request={asked.id}", typed(asked, **{"lines-0-amount": "1200"}))

    assert "¥1,200.00 is claimed and ¥1,000.00 is left of what was approved." in text_of(answer)
    assert f'href="/papers/new/spending?supplements={asked.id}"' in answer.text
    form = client(cast.ann).get(f"/papers/new/spending?supplements={asked.id}")
    assert re.search(rf'<option selected value="{asked.id}">{asked.number}', form.text)


def test_spending_before_the_approval_is_said_while_one_types(cast, client, asked):
    Spending.update(approved_at=clock.now()).execute()
    day = (clock.today() - timedelta(days=1)).isoformat()

    answer = post(client(cast.ann), f"/expenses/claims/live?request={asked.id}", typed(asked, **{"lines-0-day": day}))

    assert re.search("Line 1 was spent on .* before the approval of .*: it is not repaid.", text_of(answer))


def test_a_budget_line_that_is_none_is_no_fault_of_the_portal(cast, client, asked):
    answer = post(client(cast.ann), f"/expenses/claims/live?request={asked.id}", typed(asked, **{"lines-0-line": "x"}))

    assert answer.status_code == 200


def test_the_file_of_an_invoice_that_was_typed_by_hand_goes_to_its_line(cast, client, asked):
    more = {"lines-0-invoice_number": NUMBER, "lines-0-text": "Paper for the fair", "do": None}

    post(client(cast.ann), f"{WRITE}?request={asked.id}", typed(asked, **more), files=[xml()])

    (line,) = lines_of(ClaimLine, Case.get(Case.kind == "claim"))
    assert (line.text, line.amount, line.file.name) == ("Paper for the fair", yuan(100), "a.xml")


def test_a_photo_that_says_nothing_goes_to_the_line_that_waits_for_one_and_can_be_freed(cast, client, asked):
    ann = client(cast.ann)
    photo = (io.BytesIO(_picture()), "receipt.png")
    opened = post(ann, f"{WRITE}?request={asked.id}", typed(asked, do=None), files=[photo]).location.partition("#")[0]
    case = Case.get(Case.kind == "claim")
    (line,) = lines_of(ClaimLine, case)
    assert (line.text, line.file.name) == ("Ticket", "receipt.png")

    freed = post(ann, opened, typed(asked, do=None, free="0", version=case.version, **{"lines-0-file": line.file_id}))
    gone = post(ann, opened, typed(asked, do=None, take_off=line.file_id, version=case.version, **{"lines-0-file": ""}))

    assert "Files of this claim that stand on no line:" in text_of(freed)
    assert "receipt.png" not in text_of(gone)
    assert attachments.of("case", case.id) == []


def test_fin_12_a_wrong_number_does_not_let_the_invoice_of_a_file_be_claimed_again(cast, client, asked):
    ann = client(cast.ann)
    opened = dropped(ann, asked, xml()).location.partition("#")[0]
    case = Case.get(Case.kind == "claim")
    file = attachments.of("case", case.id)[0]
    more = {"lines-0-invoice_number": "99999999", "lines-0-file": file.id, "lines-0-day": "2026-03-30", "is_last": None}
    post(ann, opened, typed(asked, do="submit", version=case.version, **more))
    case = Case.get_by_id(case.id)

    answer = dropped(ann, asked, xml("again.xml", label="01"))

    assert case.state == "submitted"
    assert f"The invoice in again.xml was claimed before, on {case.number}." in text_of(answer)


def test_lines_come_and_go_without_a_script(cast, client, asked):
    ann = client(cast.ann)

    more = post(ann, f"{WRITE}?request={asked.id}", typed(asked, do=None, add_line="1"))
    less = post(ann, f"{WRITE}?request={asked.id}", typed(asked, do=None, remove_line="0"))

    assert "lines-1-text" in more.text
    assert 'value="Ticket"' not in less.text
    assert Case.get_or_none(Case.kind == "claim") is None


def test_a_file_whose_line_was_taken_out_can_be_put_on_a_line_again(cast, client, asked):
    ann = client(cast.ann)
    opened = dropped(ann, asked, xml()).location.partition("#")[0]
    case = Case.get(Case.kind == "claim")
    file = attachments.of("case", case.id)[0]

    without = post(ann, opened, typed(asked, version=case.version, **{"lines-0-file": ""}))
    again = post(ann, opened, typed(asked, do=None, line_of=file.id, version=case.version + 1, **{"lines-0-file": ""}))

    assert without.status_code == 303
    assert "Files of this claim that stand on no line:" in text_of(ann.get(opened))
    assert NUMBER in again.text


def test_with_one_approved_request_the_form_opens_on_it_with_several_one_is_chosen(cast, client, asked, line):
    ann = client(cast.ann)
    alone = ann.get(WRITE)
    second = budgets.approved(cast.ann, cast.mei, line, 500, title="Hotel")

    several = ann.get(WRITE)

    assert "Choose invoices or drop them here" in alone.text
    assert {f'href="{WRITE}?request={each.id}"' in several.text for each in (asked, second)} == {True}
    assert "is not repaid: ask first" in client(cast.bo).get(WRITE).text


def test_a_request_leads_to_its_claim(cast, client, asked, line):
    budgets.approved(cast.ann, cast.mei, line, 500, title="Hotel")
    ann = client(cast.ann)

    answer = ann.get(f"/papers/new/claim?request={asked.id}")

    assert (answer.status_code, answer.location) == (303, f"{WRITE}?request={asked.id}")
    assert re.search(rf'<option selected value="{asked.id}">', ann.get(answer.location).text)


def test_a_provisional_request_lets_one_prepare_and_says_so(cast, client, asked):
    Case.update(state="provisional").where(Case.id == asked.id).execute()

    answer = client(cast.ann).get(f"{WRITE}?request={asked.id}")

    assert "it is signed once the consent is confirmed" in text_of(answer)


def signed(browser, case, **lines):
    return post(browser, f"/expenses/claims/{case.id}/sign", {"state": case.state, "version": case.version} | lines)


def test_the_manager_signs_beside_the_invoices_and_may_cut_a_line(cast, client, asked):
    case = moneys.claimed(cast.ann, asked, 100, 200)
    mei = client(cast.mei)
    page = mei.get(f"/expenses/claims/{case.id}/sign")
    assert page.text.count("/files/") >= 2

    answer = signed(mei, case, line_1="100.00", line_2="150")

    assert answer.status_code == 303
    assert [line.approved for line in lines_of(ClaimLine, Case.get_by_id(case.id))] == [yuan(100), yuan(150)]
    assert "¥150.00" in mei.get(f"/papers/{case.id}").text


WRONG = [("201", "From 0 up to what is claimed"), ("abc", "Write an amount in yuan"), ("-1", "From 0 up to what is claimed")]


def test_the_first_page_of_a_pdf_is_seen_beside_its_line(cast, client, asked):
    ann = client(cast.ann)
    dropped(ann, asked, (io.BytesIO(drawn(DIGITAL)), "a.pdf"), xml("b.xml", number="26427000000316294999"))
    pdf, data = attachments.of("case", Case.get(Case.kind == "claim").id)

    first, again, other = (ann.get(f"/files/{each.id}/page") for each in (pdf, pdf, data))

    assert (first.status_code, first.mimetype, first.data[8:12]) == (200, "image/webp", b"WEBP")
    assert first.headers["Cache-Control"] == "no-store"
    assert (again.data == first.data, other.status_code) == (True, 404)
    assert client(cast.bo).get(f"/files/{pdf.id}/page").status_code == 404


@pytest.mark.parametrize(("typed_amount", "why"), WRONG)
def test_a_line_is_granted_from_nothing_up_to_what_is_claimed(cast, client, asked, typed_amount, why):
    case = moneys.claimed(cast.ann, asked, 200)

    answer = signed(client(cast.mei), case, line_1=typed_amount)

    assert answer.status_code == 422
    assert why in text_of(answer)
    assert Case.get_by_id(case.id).state == "submitted"


def test_nobody_else_comes_to_the_page_of_signing(cast, client, asked):
    case = moneys.claimed(cast.ann, asked, 200)

    answers = [client(each).get(f"/expenses/claims/{case.id}/sign").status_code for each in (cast.ann, cast.cai, cast.bo)]

    assert answers == [403, 403, 404]


def test_fin_05_the_cashier_ticks_what_was_looked_at(cast, client, asked):
    case = steps.take(cast.mei, moneys.claimed(cast.ann, asked, 200).id, "sign", given=moneys.Granted())
    cai = client(cast.cai)
    sent = {"step": "check", "state": "signed", "version": case.version, "approval_seen": "y", "sums_agree": "y"}

    refused = post(cai, f"/papers/{case.id}/steps", sent)
    taken = post(cai, f"/papers/{case.id}/steps", sent | {"receipts_valid": "y"})

    assert "Tick that the receipts are valid and complete, or return the claim." in text_of(refused)
    assert (refused.status_code, taken.status_code) == (422, 303)
    said = text_of(cai.get(f"/papers/{case.id}"))
    assert "Checked by Cai" in said
    assert "The receipts are valid, complete and tidy" in said


def test_what_was_typed_otherwise_than_the_file_says_is_shown_to_who_decides(cast, client, asked):
    ann = client(cast.ann)
    opened = dropped(ann, asked, xml()).location.partition("#")[0]
    case = Case.get(Case.kind == "claim")
    file = attachments.of("case", case.id)[0]
    more = {"lines-0-amount": "90", "lines-0-invoice_number": NUMBER, "lines-0-file": file.id, "lines-0-day": "2026-03-30"}
    post(ann, opened, typed(asked, do="submit", version=case.version, **more))

    for person in (cast.mei, cast.cai):
        said = text_of(client(person).get(f"/papers/{case.id}"))
        assert "The amount typed is ¥90.00; the file says ¥100.76 with tax." in said


def test_fin_17_the_claim_prints_on_a_sheet_with_numbered_attachments_and_who_signed_when(cast, client, asked):
    case = moneys.settled(cast, cast.ann, asked, 100, 200)

    said = text_of(client(cast.ann).get(f"/papers/{case.id}/print"))

    assert "Attachment 1" in said and "Attachment 2" in said
    assert "叁佰元整" in said
    assert re.search(r"Submit Ann .* Sign Mei General manager .* Check Cai .* Pay Cai .* Post Lin", said)


def test_fin_16_claims_are_listed_by_step_and_age_for_those_who_watch(cast, client, asked):
    case = moneys.claimed(cast.ann, asked, 100)
    lin = client(cast.lin)

    shown = text_of(lin.get("/expenses/claims"))
    table = lin.get("/expenses/claims?export=csv").text

    assert case.number in shown
    assert table.splitlines()[1].split(",")[-3:] == ["0", "0", "100.00"]
    assert case.number not in text_of(lin.get("/expenses/claims?state=signed"))
    assert client(cast.ann).get("/expenses/claims").status_code == 403


def test_ones_own_claims_advances_and_requests_stand_on_one_page(cast, client, asked):
    lent = moneys.lent(cast, cast.ann, asked, 60)
    case = moneys.claimed(cast.ann, asked, 100)

    said = text_of(client(cast.ann).get("/expenses/mine"))
    first_page = text_of(client(cast.ann).get("/"))

    assert {each in said for each in (asked.number, lent.number, case.number)} == {True}
    assert "Advances and claims not settled" in first_page
    assert case.number not in text_of(client(cast.bo).get("/expenses/mine"))
