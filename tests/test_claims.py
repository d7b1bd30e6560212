"""Claims keep the company's rules on every road: what is repaid, to whom, once, and never twice (FIN-05, 06, 11 to 17)."""

from __future__ import annotations

import secrets
from contextlib import nullcontext
from datetime import timedelta

import pytest

from portal import attachments, checks, clock, contents, db, steps
from portal.access import post
from portal.books.models import CashEntry, balance, month_of, payables_of, unposted
from portal.cases import Case, lines_of
from portal.expenses.models_claims import clean_number, earlier_claim, number_key, sums_of
from portal.expenses.models_money import Advance, Claim, ClaimLine, standing
from portal.expenses.rules import SPENDING
from portal.expenses.rules_claims import CLAIM, Granted, claim_content
from portal.expenses.rules_consents import PhoneConsent, enter_absence
from portal.expenses.rules_months import own_papers
from portal.papers.rules import take_together
from portal.refused import Mistyped, NotYours, Refused
from tests import budgets, moneys
from tests.at_once import at_once
from tests.budgets import yuan


@pytest.fixture(autouse=True)
def files(tmp_path):
    attachments.keep_in(tmp_path)


@pytest.fixture
def line(cast):
    return budgets.budget_line(cast.department("Marketing"), 5000)


@pytest.fixture
def asked(cast, line):
    return budgets.approved(cast.ann, cast.mei, line, 1000)


@pytest.fixture
def books_agree():
    """Whatever a test does, the checks find nothing afterwards."""
    yield
    assert checks.findings() == []


pytestmark = pytest.mark.usefixtures("books_agree")


def supplement(cast, asked, line, amount):
    """A request that supplements another, approved."""
    content = budgets.content(cast.ann, line, amount)
    content.detail["supplements"] = asked
    case = contents.create(SPENDING, cast.ann, content, secrets.token_hex(8))
    return steps.take(cast.mei, steps.take(cast.ann, case.id, "submit").id, "approve")


def row(line, amount, **more):
    return {
        "day": clock.today(), "line": line, "text": "Ticket", "amount": yuan(amount), "invoice_code": "",
        "invoice_number": f"{secrets.randbelow(10**8):08d}", "file": None,
    } | more  # fmt: skip


def filed(case, person, rows, asked, is_last=True):
    """The draft with an invoice for each row that has none."""
    for each in rows:
        each["file"] = each["file"] or moneys.invoice(case, person, secrets.token_hex(8))
    return contents.edit(person, case.id, claim_content(asked, rows, is_last), case.version)


def drafted(person, asked, *rows, is_last=True):
    case = contents.create(CLAIM, person, claim_content(asked, list(rows), is_last), secrets.token_hex(8))
    return filed(case, person, list(rows), asked, is_last)


def paid(cast, case, amount=None):
    """All that is open, or a part of it."""
    (payable,) = payables_of(case)
    more = {"parts": ((payable.id, yuan(amount)),)} if amount else {}
    return steps.take(cast.cai, case.id, "pay", given=moneys.by_bank(**more))


# ---- what may be claimed --------------------------------------------------------------------------------------------


def test_fin_13_what_was_spent_without_an_approval_is_not_repaid(cast, line):
    draft = budgets.draft(cast.ann, line)
    case = moneys.drafted(cast.ann, draft, 100)

    with pytest.raises(Refused, match="is not approved: spending without an approval slip is not repaid; who spent it bears it"):
        steps.take(cast.ann, case.id, "submit")


def test_after_the_last_claim_the_request_takes_no_other(cast, asked):
    second = moneys.drafted(cast.ann, asked, 100)
    moneys.settled(cast, cast.ann, asked, 300)

    with pytest.raises(Refused, match="is closed: its last claim was settled"):
        steps.take(cast.ann, second.id, "submit")


def test_fin_13_spending_on_the_day_of_the_approval_counts_as_after_it(cast, asked):
    case = moneys.claimed(cast.ann, asked, 100, day=clock.today())

    assert case.state == "submitted"


def test_fin_13_bex_01_spending_before_the_approval_is_not_repaid(cast, asked):
    case = moneys.drafted(cast.ann, asked, 100, day=clock.today() - timedelta(days=1))

    with pytest.raises(Refused, match=r"before the approval of .* it is not repaid"):
        steps.take(cast.ann, case.id, "submit")


def test_a_claim_is_ones_own(cast, asked):
    with pytest.raises(Mistyped, match="Choose one of your own approved requests"):
        moneys.drafted(cast.hao, asked, 100)


def test_only_the_budget_lines_of_the_request_and_its_supplements_may_be_named(cast, asked):
    other = budgets.budget_line(cast.department("Marketing"), 500, "OFFICE")

    with pytest.raises(Mistyped, match="Choose a budget line of the request"):
        drafted(cast.ann, asked, row(other, 100))


COMPLETE = "Line 1 is not complete: it needs a day, a text and an amount"
LACKING = [
    ({"day": None}, COMPLETE), ({"text": ""}, COMPLETE), ({"amount": 0}, COMPLETE), ({"invoice_number": ""}, "no invoice number"),
]  # fmt: skip


@pytest.mark.parametrize(("lacking", "why"), LACKING)
def test_a_draft_may_lack_what_a_claim_that_is_sent_must_have(cast, asked, line, lacking, why):
    case = drafted(cast.ann, asked, row(line, 100) | lacking)

    with pytest.raises(Refused, match=why):
        steps.take(cast.ann, case.id, "submit")


def test_fin_12_a_line_without_its_invoice_is_not_repaid(cast, asked, line):
    case = contents.create(CLAIM, cast.ann, claim_content(asked, [row(line, 100)]), secrets.token_hex(8))

    with pytest.raises(Refused, match="Line 1 has no invoice attached: what has no invoice is not repaid"):
        steps.take(cast.ann, case.id, "submit")


def test_fin_12_where_the_manager_accepted_none_a_gift_needs_no_invoice(cast, line):
    gift = budgets.submit(cast.ann, budgets.business(cast.ann, line), secrets.token_hex(8))
    asked = steps.take(cast.mei, gift.id, "approve_without_invoice")
    rows = [row(line, 100, invoice_number=""), row(line, 50, invoice_number="")]
    case = contents.create(CLAIM, cast.ann, claim_content(asked, rows), secrets.token_hex(8))

    assert steps.take(cast.ann, case.id, "submit").state == "submitted"


def test_fin_12_without_an_invoice_no_more_is_repaid_than_was_accepted_so(cast, line):
    gift = budgets.submit(cast.ann, budgets.business(cast.ann, line, 100), secrets.token_hex(8))
    asked = steps.take(cast.mei, gift.id, "approve_without_invoice")
    more = budgets.submit(cast.ann, budgets.business(cast.ann, line, 80, supplements=asked), secrets.token_hex(8))
    steps.take(cast.mei, more.id, "approve")

    def claim(*amounts):
        rows = [row(line, amount, invoice_number="") for amount in amounts]
        case = contents.create(CLAIM, cast.ann, claim_content(asked, rows, is_last=False), secrets.token_hex(8))
        return steps.take(cast.ann, case.id, "submit")

    with pytest.raises(Refused, match="Line 2 has no invoice number"):
        claim(90, 20)
    assert claim(70).state == "submitted"
    with pytest.raises(Refused, match="Line 1 has no invoice number"):
        claim(40)


def test_fin_13_several_claims_together_stay_within_the_approval(cast, asked):
    moneys.claimed(cast.ann, asked, 700, is_last=False)

    case = moneys.drafted(cast.ann, asked, 301)

    with pytest.raises(Refused, match=r"301\.00 is claimed and 300\.00 is left"):
        steps.take(cast.ann, case.id, "submit")


def test_fin_13_the_excess_is_claimed_on_a_supplementary_request_on_another_line(cast, asked, line):
    office = budgets.budget_line(cast.department("Marketing"), 500, "OFFICE")
    more = supplement(cast, asked, office, 200)

    case = drafted(cast.ann, asked, row(line, 1000), row(office, 200))
    case = steps.take(cast.mei, steps.take(cast.ann, case.id, "submit").id, "sign", given=Granted())
    case = paid(cast, steps.take(cast.cai, case.id, "check", given=moneys.LOOKED_AT))
    steps.take(cast.lin, case.id, "post")

    assert (budgets.figures_now(line).spent, budgets.figures_now(office).spent) == (yuan(1000), yuan(200))
    assert [Case.get_by_id(each.id).state for each in (asked, more)] == ["closed", "closed"]


def test_a_request_that_supplements_another_is_claimed_on_that_one(cast, asked, line):
    more = supplement(cast, asked, line, 200)

    with pytest.raises(Mistyped, match=f"It belongs to {asked.number}: claim on that one"):
        moneys.drafted(cast.ann, more, 100)


# ---- invoices -------------------------------------------------------------------------------------------------------


def test_an_invoice_number_is_the_same_however_it_is_spelled():
    spelled = ["12345678", " 1234 5678 ", "No.12345678", "№１２３４５６７８", "0012345678", "1234-5678", "发票号码：12345678"]

    assert {number_key(clean_number(each)) for each in spelled} == {"12345678"}


def test_fin_12_an_invoice_is_repaid_once(cast, asked, line):
    first = steps.take(cast.ann, drafted(cast.ann, asked, row(line, 100, invoice_number="12345678"), is_last=False).id, "submit")
    second = drafted(cast.ann, asked, row(line, 100, invoice_number="0012345678"))

    with pytest.raises(Refused, match=f"The invoice of line 1 was claimed before, on {first.number}"):
        steps.take(cast.ann, second.id, "submit")


def test_fin_12_the_same_number_under_another_code_is_another_invoice(cast, asked, line):
    one, other = (row(line, 100, invoice_number="12345678", invoice_code=code) for code in ("011002100111", "011002100222"))
    steps.take(cast.ann, drafted(cast.ann, asked, one, is_last=False).id, "submit")

    assert steps.take(cast.ann, drafted(cast.ann, asked, other).id, "submit").state == "submitted"
    assert earlier_claim("", "12345678", None) is not None


def test_fin_12_the_same_file_is_repaid_once_whatever_number_is_typed(cast, asked, line):
    kept = secrets.token_hex(8)
    for n in (1, 2):
        case = contents.create(CLAIM, cast.ann, claim_content(asked, [row(line, 100)], n == 2), secrets.token_hex(8))
        case = filed(case, cast.ann, [row(line, 100, file=moneys.invoice(case, cast.ann, kept))], asked, n == 2)
        if n == 1:
            steps.take(cast.ann, case.id, "submit")

    with pytest.raises(Refused, match="was claimed before"):
        steps.take(cast.ann, case.id, "submit")


def test_fin_12_two_lines_of_one_claim_are_never_on_one_invoice(cast, asked, line):
    case = drafted(cast.ann, asked, row(line, 100, invoice_number="12345678"), row(line, 50, invoice_number="1234 5678"))

    with pytest.raises(Refused, match="Lines 1 and 2 are on the same invoice"):
        steps.take(cast.ann, case.id, "submit")


def test_two_invoices_on_one_photo_are_two_lines(cast, asked, line):
    case = contents.create(CLAIM, cast.ann, claim_content(asked, [row(line, 100)]), secrets.token_hex(8))
    photo = moneys.invoice(case, cast.ann, "both")
    case = filed(case, cast.ann, [row(line, 100, file=photo), row(line, 50, file=photo)], asked)

    assert steps.take(cast.ann, case.id, "submit").state == "submitted"


def test_the_invoices_of_a_rejected_claim_may_be_claimed_again(cast, asked, line):
    number = {"invoice_number": "12345678"}
    first = steps.take(cast.ann, drafted(cast.ann, asked, row(line, 100, **number)).id, "submit")
    steps.take(cast.mei, first.id, "reject", note="not for us")

    assert steps.take(cast.ann, drafted(cast.ann, asked, row(line, 100, **number)).id, "submit").state == "submitted"


@pytest.mark.parametrize("queue", [True, False], ids=["queue", "no queue"])
def test_fin_12_of_two_claims_on_one_invoice_at_the_same_moment_one_passes(cast, asked, line, monkeypatch, queue):
    if not queue:
        monkeypatch.setattr(db, "queue", nullcontext())
    numbers = {"invoice_number": "12345678"}
    one, other = (drafted(cast.ann, asked, row(line, 100, **numbers), is_last=False) for _each in range(2))
    ann = cast.ann

    answers = at_once(*[lambda case=case: steps.take(ann, case.id, "submit") for case in (one, other)])

    assert sorted(isinstance(each, Refused) for each in answers) == [False, True]
    assert sorted(Case.get_by_id(each.id).state for each in (one, other)) == ["draft", "submitted"]


def test_what_is_changed_after_a_return_is_asked_anew(cast, asked, line):
    taken = steps.take(cast.ann, drafted(cast.ann, asked, row(line, 100, invoice_number="11111111"), is_last=False).id, "submit")
    case = steps.take(cast.ann, drafted(cast.ann, asked, row(line, 100, invoice_number="22222222")).id, "submit")
    case = steps.take(cast.mei, case.id, "return", given="draft", note="the other one")
    case = filed(case, cast.ann, [row(line, 100, invoice_number="11111111")], asked)

    with pytest.raises(Refused, match=f"claimed before, on {taken.number}"):
        steps.take(cast.ann, case.id, "submit")


def test_signing_is_no_step_for_several_papers_together(cast, asked):
    case = moneys.claimed(cast.ann, asked, 100)

    (decided,) = take_together(cast.mei, "sign", [(case, case.state, case.version)])

    assert (decided.status, Case.get_by_id(case.id).state) == (409, "submitted")


# ---- consent by telephone -------------------------------------------------------------------------------------------


@pytest.fixture
def consented(cast, line):
    """Recorded by the head of Ann's department while the general manager is away."""
    enter_absence(cast.sam, cast.mei, clock.today(), clock.today(), "", secrets.token_hex(8))
    case = budgets.asked(cast.ann, line, 1000)
    return steps.take(cast.hao, case.id, "record_consent", given=PhoneConsent(clock.now(), "phone", "Go ahead"))


def test_fin_15_on_consent_by_telephone_a_claim_is_prepared_and_not_signed(cast, consented):
    case = moneys.claimed(cast.ann, consented, 100)

    with pytest.raises(Refused, match=f"has not confirmed the consent by telephone on {consented.number}"):
        steps.take(cast.mei, case.id, "sign", given=Granted())


def test_fin_15_once_confirmed_it_goes_its_way(cast, consented):
    case = moneys.claimed(cast.ann, consented, 100)
    steps.take(cast.mei, consented.id, "confirm_consent")

    case = steps.take(cast.mei, case.id, "sign", given=Granted())

    assert steps.take(cast.cai, case.id, "check", given=moneys.LOOKED_AT).state == "payable"


def test_fin_15_nothing_further_is_paid_once_the_consent_is_withdrawn(cast, consented):
    case = moneys.claimed(cast.ann, consented, 100)
    steps.take(cast.mei, consented.id, "withdraw_consent", note="I never said so")

    with pytest.raises(Refused, match="is not approved any more: nothing further is paid on it"):
        steps.take(cast.mei, case.id, "sign", given=Granted())


def test_fin_14_who_recorded_the_consent_does_not_pay_on_it(cast, consented):
    case = moneys.claimed(cast.ann, consented, 100)
    steps.take(cast.mei, consented.id, "confirm_consent")
    case = steps.take(cast.cai, steps.take(cast.mei, case.id, "sign", given=Granted()).id, "check", given=moneys.LOOKED_AT)
    budgets.grant(cast.hao, "cashier")

    with pytest.raises(Refused, match="You recorded the consent by telephone"):
        steps.take(cast.hao, case.id, "pay", given=moneys.by_bank())


# ---- signing, checking ----------------------------------------------------------------------------------------------


def test_what_is_cut_is_not_paid_and_stays_free(cast, asked, line):
    case = moneys.claimed(cast.ann, asked, 300, 200)
    case = steps.take(cast.mei, case.id, "sign", given=Granted(((2, yuan(50)),)))
    case = steps.take(cast.cai, case.id, "check", given=moneys.LOOKED_AT)

    assert [each.amount for each in payables_of(case)] == [yuan(350)]

    steps.take(cast.lin, paid(cast, case).id, "post")
    assert (budgets.figures_now(line).spent, budgets.figures_now(line).left) == (yuan(350), yuan(4650))


def test_nothing_is_not_signed(cast, asked):
    case = moneys.claimed(cast.ann, asked, 300)

    with pytest.raises(Mistyped, match="Nothing would be left of it: reject the claim instead"):
        steps.take(cast.mei, case.id, "sign", given=Granted(((1, yuan(0)),)))


def test_after_a_return_signature_and_cuts_are_given_anew(cast, asked):
    case = steps.take(cast.mei, moneys.claimed(cast.ann, asked, 300).id, "sign", given=Granted(((1, yuan(100)),)))
    case = steps.take(cast.cai, case.id, "return", given="draft", note="Paste them neatly")

    assert [line.approved for line in lines_of(ClaimLine, case)] == [None]
    with pytest.raises(Refused, match="returned it for correction first"):
        steps.take(cast.cai, case.id, "check", ("signed", case.version), given=moneys.LOOKED_AT)

    case = steps.take(cast.mei, steps.take(cast.ann, case.id, "submit").id, "sign", given=Granted())
    assert [line.approved for line in lines_of(ClaimLine, case)] == [yuan(300)]


def test_fin_05_the_cashier_returns_untidy_papers_with_a_word(cast, asked):
    case = steps.take(cast.mei, moneys.claimed(cast.ann, asked, 300).id, "sign", given=Granted())

    with pytest.raises(Mistyped, match="Say why"):
        steps.take(cast.cai, case.id, "return", given="draft")


@pytest.mark.parametrize("role", ["cashier", "chief_accountant"])
def test_nobody_checks_or_posts_ones_own_claim(cast, asked, role):
    budgets.grant(cast.ann, role)
    case = steps.take(cast.mei, moneys.claimed(cast.ann, asked, 300).id, "sign", given=Granted())
    if role == "chief_accountant":
        case = paid(cast, steps.take(cast.cai, case.id, "check", given=moneys.LOOKED_AT))

    step = ("check", moneys.LOOKED_AT) if role == "cashier" else ("post", None)

    with pytest.raises(NotYours):
        steps.take(cast.ann, case.id, step[0], given=step[1])


def test_the_managers_own_claim_is_signed_by_another_who_does_not_post_it(cast, line):
    office = budgets.budget_line(cast.department("Office"), 500)
    asked = steps.take(cast.lin, budgets.asked(cast.mei, office, 100).id, "approve")
    case = moneys.claimed(cast.mei, asked, 100)

    with pytest.raises(NotYours):
        steps.take(cast.mei, case.id, "sign", given=Granted())
    case = steps.take(cast.lin, case.id, "sign", given=Granted())
    case = paid(cast, steps.take(cast.cai, case.id, "check", given=moneys.LOOKED_AT))

    with pytest.raises(NotYours):
        steps.take(cast.lin, case.id, "post")
    assert [Case.get_by_id(each.id).mark for each in (asked, case)] == ["in_stead", "in_stead"]
    _about, listed = own_papers(month_of(clock.today()))
    assert [number for number, _title in listed] == [asked.number, case.number]


def test_what_the_manager_decides_is_not_marked_and_a_return_takes_the_mark_off(cast, line, client):
    assert moneys.checked(cast, cast.ann, budgets.approved(cast.ann, cast.mei, line, 100), 100).mark == ""
    office = budgets.budget_line(cast.department("Office"), 500)
    case = moneys.claimed(cast.mei, steps.take(cast.lin, budgets.asked(cast.mei, office, 100).id, "approve"), 100)
    case = steps.take(cast.lin, case.id, "sign", given=Granted())
    assert "代总经理审批的单据" in client(cast.mei).get(f"/papers/{case.id}").text

    assert steps.take(cast.cai, case.id, "return", note="untidy", given="draft").mark == ""


# ---- payment --------------------------------------------------------------------------------------------------------


def test_a_claim_paid_in_parts_stays_payable_and_is_settled_at_the_end(cast, asked, line):
    lent = moneys.lent(cast, cast.ann, asked, 200)
    case = paid(cast, moneys.checked(cast, cast.ann, asked, 800), 250)

    assert (case.state, budgets.figures_now(line).spent) == ("payable", 0)
    assert standing(Advance.get_by_id(lent.id)).held == yuan(200)
    assert checks.findings() == []

    case = steps.take(cast.lin, case.id, "post_part")
    assert (case.state, unposted(case), checks.findings()) == ("payable", [], [])

    case = paid(cast, case)
    assert (case.state, budgets.figures_now(line).spent, budgets.figures_now(line).held) == ("paid", yuan(800), 0)

    case = steps.take(cast.lin, case.id, "post")
    assert (case.state, balance(moneys.bank().id)) == ("posted", -yuan(800))
    assert Case.get_by_id(lent.id).state == "settled"


def test_what_was_paid_in_part_goes_back_no_more(cast, asked):
    case = paid(cast, moneys.checked(cast, cast.ann, asked, 800), 250)

    with pytest.raises(Refused, match="A part of it was paid already: it can no longer go back"):
        steps.take(cast.cai, case.id, "return", given="draft", note="wait")


def test_going_back_from_the_queue_frees_the_advance_and_withdraws_what_is_payable(cast, asked):
    lent = Advance.get_by_id(moneys.lent(cast, cast.ann, asked, 200).id)
    case = moneys.checked(cast, cast.ann, asked, 800)
    assert standing(lent).held == yuan(200)

    case = steps.take(cast.cai, case.id, "return", given="signed", note="the sums")

    claim = Claim.get_by_id(case.id)
    assert (standing(lent).open, payables_of(case)) == (yuan(200), [])
    assert (claim.approved, claim.from_advance, claim.checked_by, claim.sums_agree) == (None, 0, None, False)

    case = steps.take(cast.cai, case.id, "check", given=moneys.LOOKED_AT)
    assert [each.amount for each in payables_of(case)] == [yuan(600)]
    steps.take(cast.lin, paid(cast, case).id, "post")


def test_an_advance_as_large_as_the_claim_leaves_nothing_to_pay(cast, asked, line):
    lent = moneys.lent(cast, cast.ann, asked, 300)

    case = moneys.checked(cast, cast.ann, asked, 300)

    assert (case.state, payables_of(case), budgets.figures_now(line).spent) == ("paid", [], yuan(300))
    assert (steps.take(cast.lin, case.id, "post").state, Case.get_by_id(lent.id).state) == ("posted", "settled")


def test_of_an_advance_larger_than_the_claim_the_rest_is_due_back(cast, asked):
    lent = moneys.lent(cast, cast.ann, asked, 500)

    case = moneys.settled(cast, cast.ann, asked, 300)

    advance = Advance.get_by_id(lent.id)
    assert (case.state, standing(advance).open, advance.due_on) == ("posted", yuan(200), clock.today())
    moneys.brought_back(cast, lent, 200)
    assert steps.take(cast.lin, lent.id, "post_part").state == "settled"


def test_of_a_claim_that_is_not_the_last_the_advance_stays_lent(cast, asked):
    lent = moneys.lent(cast, cast.ann, asked, 500)

    moneys.settled(cast, cast.ann, asked, 300, is_last=False)
    case = moneys.checked(cast, cast.ann, asked, 400)

    assert Advance.get_by_id(lent.id).recalled_at is None
    assert [each.amount for each in payables_of(case)] == [yuan(200)]
    steps.take(cast.lin, paid(cast, case).id, "post")
    assert Case.get_by_id(asked.id).state == "closed"


def test_the_request_is_closed_when_the_last_of_its_claims_is_through(cast, asked, line):
    under_way = moneys.checked(cast, cast.ann, asked, 200, is_last=False)
    moneys.settled(cast, cast.ann, asked, 300)
    assert Case.get_by_id(asked.id).state == "approved"

    paid(cast, under_way)

    assert Case.get_by_id(asked.id).state == "closed"
    assert (budgets.figures_now(line).held, budgets.figures_now(line).spent) == (0, yuan(500))


def test_what_one_sees_before_it_is_checked_is_what_is_paid_out(cast, asked):
    moneys.lent(cast, cast.ann, asked, 500)
    moneys.settled(cast, cast.ann, asked, 100, is_last=False)
    case = moneys.claimed(cast.ann, asked, 600)

    sums = sums_of(asked.id, case.amount, case.id)

    assert (sums.approved, sums.claimed, sums.left) == (yuan(1000), yuan(100), yuan(300))
    assert (sums.advance, sums.paid_out, sums.stays_open) == (yuan(400), yuan(200), 0)


@pytest.mark.parametrize("queue", [True, False], ids=["queue", "no queue"])
def test_two_cashiers_paying_at_once_pay_once(cast, asked, monkeypatch, queue):
    if not queue:
        monkeypatch.setattr(db, "queue", nullcontext())
    budgets.grant(cast.bo, "cashier")
    case = moneys.checked(cast, cast.ann, asked, 800)
    people, given = (cast.cai, cast.bo), moneys.by_bank()

    answers = at_once(*[lambda who=who: steps.take(who, case.id, "pay", ("payable", case.version), given) for who in people])

    assert sorted(isinstance(each, Refused) for each in answers) == [False, True]
    assert [each.amount for each in CashEntry.where("case_id = ?", case.id)] == [-yuan(800)]
    assert balance(moneys.bank().id) == -yuan(800)


def test_who_reads_a_claim(cast, asked):
    case = moneys.claimed(cast.ann, asked, 100)

    posts = {each for (each,) in db.rows("SELECT post FROM readers WHERE case_id = ?", case.id)}

    assert {post("gm"), post("cashier"), post("chief_accountant"), f"#{cast.ann.id}"} <= posts
    assert f"#{cast.bo.id}" not in posts
