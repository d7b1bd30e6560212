"""Pages of purchases nearby: written, entered and reviewed in the browser, refused with the sentence, listed and exported."""

from __future__ import annotations

import csv
import io
import re
import secrets
from datetime import timedelta

import pytest

from portal import attachments, clock, steps
from portal.cases import Case, lines_of
from portal.persons import Person
from portal.purchasing.models import NearbyLine, NearbyPurchase
from tests import budgets, catalogue, moneys, nearby
from tests.budgets import yuan


@pytest.fixture(autouse=True)
def everybody_reads_english(cast, tmp_path):
    attachments.keep_in(tmp_path)
    Person.update(language="en").execute()
    catalogue.custodian(cast.ann)


@pytest.fixture
def line(cast):
    return budgets.budget_line(cast.department("Marketing"), 5000)


def post(browser, path, data, headers=None):
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/password").text)[1]
    return browser.post(path, data=data | {"csrf_token": token}, headers=headers)


def text_of(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", re.sub("</?bdi>", "", answer.text)))


def typed(line, **more):
    """What a browser sends of an application with one line in words."""
    fields = {
        "token": secrets.token_urlsafe(18), "version": "0", "do": "submit", "title": "Screws",
        "reason": "The fair opens tomorrow", "line": line.id,
        "expected_date": (clock.today() + timedelta(days=1)).isoformat(), "lines-0-text": "Screws",
        "lines-0-item": "", "lines-0-quantity": "20", "lines-0-estimate": "45.50",
    }  # fmt: skip
    return fields | more


def taking(case, step, **more):
    """What the button of a step sends."""
    case = Case.get_by_id(case.id)
    return {"step": step, "state": case.state, "version": case.version} | more


def entered(spent="100", **more):
    return {"bought_on": clock.today().isoformat(), "shop": "Corner shop", "bought_1": "2", "spent_1": spent} | more


# ---- the application ------------------------------------------------------------------------------------------------


def test_an_application_is_sent_from_its_form(cast, client, line):
    answer = post(client(cast.ann), "/papers/new/nearby", typed(line))

    case = Case.get(Case.kind == "nearby")
    assert (answer.status_code, answer.location) == (303, f"/papers/{case.id}")
    assert (case.state, case.amount) == ("submitted", yuan("45.50"))
    page = text_of(client(cast.ann).get(f"/papers/{case.id}"))
    assert "The fair opens tomorrow" in page and "Screws" in page


def test_what_is_missing_stands_beside_its_field(cast, client, line):
    lacking = typed(line, **{"reason": "", "lines-0-text": ""})

    answer = post(client(cast.ann), "/papers/new/nearby", lacking)

    assert answer.status_code == 422
    assert "Choose an item, or say in words what it is." in text_of(answer)
    assert not Case.select().where(Case.kind == "nearby").exists()


def test_a_draft_may_lack_its_line_and_its_reason(cast, client, line):
    answer = post(client(cast.ann), "/papers/new/nearby", typed(line, do="save", reason="") | {"line": ""})

    assert (answer.status_code, Case.get(Case.kind == "nearby").state) == (303, "draft")


def test_an_item_of_the_catalogue_is_asked_for_and_changed(cast, client, line):
    pen = catalogue.supply(cast)
    post(client(cast.ann), "/papers/new/nearby", typed(line, do="save", **{"lines-0-item": pen.id, "lines-0-text": ""}))
    case = Case.get(Case.kind == "nearby")

    form = client(cast.ann).get(f"/papers/{case.id}/edit")
    assert re.search(rf'<option[^>]*value="{pen.id}"[^>]*selected|<option[^>]*selected[^>]*value="{pen.id}"', form.text)
    changed = typed(line, version="1", **{"lines-0-item": pen.id, "lines-0-text": "", "lines-0-quantity": "7"})
    post(client(cast.ann), f"/papers/{case.id}/edit", changed)

    assert [(each.item_id, each.quantity) for each in lines_of(NearbyLine, Case.get_by_id(case.id))] == [(pen.id, 7)]


def test_the_head_is_asked_why_the_custodian_is_away(cast, client, line):
    form = client(cast.hao).get("/papers/new/nearby")
    assert "Why the custodian is away" in text_of(form)
    assert "Why the custodian is away" not in text_of(client(cast.ann).get("/papers/new/nearby"))

    refused = post(client(cast.hao), "/papers/new/nearby", typed(line, away=""))
    post(client(cast.hao), "/papers/new/nearby", typed(line, away="On leave"))

    assert refused.status_code == 422 and "you file only while" in text_of(refused)
    assert NearbyPurchase.get().away == "On leave"


def test_who_does_not_keep_the_supplies_is_told_who_does(cast, client, line):
    answer = client(cast.bo).get("/papers/new/nearby")

    assert answer.status_code == 403
    assert "Nobody manages the supplies of" in text_of(answer)


def test_the_rail_says_what_the_line_has_left(cast, client, line):
    fits = post(client(cast.ann), "/papers/rail/nearby", typed(line))
    beyond = post(client(cast.ann), "/papers/rail/nearby", typed(line, **{"lines-0-estimate": "9000"}))

    assert "It fits the budget: the head's approval holds ¥45.50." in fits.text.replace("&#39;", "'")
    assert "Over budget by ¥4,000.00." in beyond.text


# ---- what was bought ------------------------------------------------------------------------------------------------


def test_without_a_receipt_the_button_says_what_is_missing(cast, client, line):
    case = nearby.approved(cast, line)

    page = client(cast.ann).get(f"/papers/{case.id}")
    answer = post(client(cast.ann), f"/papers/{case.id}/steps", taking(case, "buy", **entered()))

    assert "Attach the receipt first." in text_of(page)
    assert answer.status_code == 409
    assert "Attach the receipt first." in text_of(answer)


@pytest.mark.parametrize("headers", [None, {"HX-Request": "true"}], ids=["page", "fragment"])
def test_sup_14_a_purchase_before_its_approval_is_refused_on_page_and_fragment(cast, client, line, headers):
    case = nearby.approved(cast, line)
    moneys.invoice(case, cast.ann, "receipt")
    early = entered(bought_on=(clock.today() - timedelta(days=1)).isoformat())

    answer = post(client(cast.ann), f"/papers/{case.id}/steps", taking(case, "buy", **early), headers)

    assert answer.status_code == 422
    assert "it is not repaid." in text_of(answer) and 'value="Corner shop"' in answer.text
    assert Case.get_by_id(case.id).state == "approved"


def test_what_was_bought_is_entered_and_shown(cast, client, line):
    case = nearby.approved(cast, line)
    moneys.invoice(case, cast.ann, "receipt")

    answer = post(client(cast.ann), f"/papers/{case.id}/steps", taking(case, "buy", **entered("88.80")))

    assert (answer.status_code, Case.get_by_id(case.id).state) == (303, "bought")
    page = text_of(client(cast.sam).get(f"/papers/{case.id}"))
    assert "Corner shop" in page and "88.80" in page and "Pass the review" in page
    assert client(cast.sam).get(f"/papers/{case.id}/print").status_code == 200


def test_an_answer_begins_with_what_was_entered(cast, client, line):
    case = nearby.objected(cast, nearby.bought(cast, line))

    page = client(cast.ann).get(f"/papers/{case.id}")

    assert 'value="Corner shop"' in page.text and 'value="100.00"' in page.text
    assert "Who needs so many screws?" in text_of(page)


# ---- claims and the inbox -------------------------------------------------------------------------------------------


def test_sup_15_the_claim_says_that_it_waits_for_the_review(cast, client, line):
    case = nearby.bought(cast, line)
    claim = moneys.claimed(cast.ann, case, 100)

    page = text_of(client(cast.mei).get(f"/papers/{claim.id}"))
    signing = client(cast.mei).get(f"/expenses/claims/{claim.id}/sign")
    sent = post(client(cast.mei), f"/expenses/claims/{claim.id}/sign", {"state": "submitted", "version": claim.version})

    told = f"The office has not reviewed {case.number} yet: before that nothing is repaid on it."
    assert told in page
    assert signing.status_code == 403 and told in text_of(signing)
    assert sent.status_code == 409 and told in text_of(sent)


def test_several_are_reviewed_together_but_not_ones_own(cast, client, line):
    catalogue.custodian(cast.sam)
    office = budgets.budget_line(cast.department("Office"), 500)
    own = steps.take(cast.mei, nearby.filed(cast.sam, office).id, "approve")
    moneys.invoice(own, cast.sam, "receipt")
    own = steps.take(cast.sam, own.id, "buy", given=nearby.purchase(own))
    other = nearby.bought(cast, line)
    papers = [f"{each.id}:{each.state}:{each.version}" for each in (own, other)]

    answer = post(client(cast.sam), "/papers/steps", {"step": "pass", "paper": papers})

    assert answer.status_code in (200, 409)
    assert [Case.get_by_id(each.id).state for each in (own, other)] == ["bought", "reviewed"]


def test_the_office_finds_what_to_review_on_its_list(cast, client, line):
    case = nearby.bought(cast, line)

    page = client(cast.sam).get("/purchasing/nearby?month=all&state=bought")

    assert f'href="/papers/{case.id}"' in page.text
    assert "/purchasing/nearby?month=all&amp;state=bought" in client(cast.sam).get("/").text


# ---- the list -------------------------------------------------------------------------------------------------------


def test_the_export_has_the_rows_of_the_screen(cast, client, line):
    first = nearby.reviewed(cast, line, 100)
    nearby.objected(cast, nearby.bought(cast, line, 70))
    steps.take(cast.mei, steps.take(cast.hao, nearby.filed(cast.ann, line, 30).id, "approve").id, "approve")

    for query in ("", "?state=reviewed", f"?department={cast.department('IT').id}", "?month=all&state=objected"):
        screen = client(cast.sam).get(f"/purchasing/nearby{query}")
        sheet = client(cast.sam).get(f"/purchasing/nearby{query}{'&' if query else '?'}export=csv")
        rows = list(csv.reader(io.StringIO(sheet.text.lstrip("\ufeff"))))[1:]
        shown = re.findall(r'class="id">(NP-[0-9-]+)<', screen.text)
        assert [row[0] for row in rows] == shown
        assert [row[8] for row in rows] == re.findall(r'pr num"><b>¥([0-9.]+)<', screen.text)
    assert client(cast.sam).get("/purchasing/nearby?export=xlsx").status_code == 200
    assert first.number in client(cast.sam).get("/purchasing/nearby?state=reviewed").text


def test_a_head_sees_those_of_the_own_department_only(cast, client, line):
    case = nearby.bought(cast, line)
    other = budgets.budget_line(cast.department("IT"), 500)
    catalogue.custodian(cast.bo)
    elsewhere = nearby.filed(cast.bo, other)

    page = client(cast.hao).get("/purchasing/nearby").text

    assert case.number in page
    assert elsewhere.number not in page
