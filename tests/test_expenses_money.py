"""From the approved slip to the posted claim: advances, claims, payments and vouchers agree (FIN-05, FIN-06, FIN-11 to 16)."""

import pytest

from portal import attachments, checks, steps
from portal.books import rules as books  # noqa: F401
from portal.books.models import VoucherLine, balance, payables_of, title_for
from portal.books.models_queue import payable_now
from portal.cases import Case
from portal.expenses.models_money import Advance, Claim, standing
from portal.refused import NotYours, Refused
from tests import budgets, moneys
from tests.budgets import yuan


@pytest.fixture(autouse=True)
def files(tmp_path):
    attachments.keep_in(tmp_path)


@pytest.fixture
def line(cast):
    return budgets.budget_line(cast.department("Marketing"), 5000)


@pytest.fixture
def request_of_ann(cast, line):
    return budgets.approved(cast.ann, cast.mei, line, 1000)


def on_title(purpose: str) -> int:
    return sum(each.amount for each in VoucherLine.select().where(VoucherLine.title == title_for(purpose)))


def test_a_claim_is_signed_checked_paid_and_posted_and_the_books_agree(cast, line, request_of_ann):
    case = moneys.settled(cast, cast.ann, request_of_ann, 300, 500)

    assert case.state == "posted"
    assert Case.get_by_id(request_of_ann.id).state == "closed"
    assert balance(moneys.bank().id) == -yuan(800)
    assert (on_title("spending"), on_title("bank"), on_title("staff")) == (yuan(800), -yuan(800), 0)
    figures = budgets.figures_now(line)
    assert (figures.spent, figures.held, figures.left) == (yuan(800), 0, yuan(4200))
    assert checks.findings() == []


def test_fin_11_an_advance_is_settled_by_a_claim_and_the_difference_is_paid_out(cast, line, request_of_ann):
    lent = moneys.lent(cast, cast.ann, request_of_ann, 600)
    case = moneys.checked(cast, cast.ann, request_of_ann, 800)

    assert [each.amount for each in payables_of(case)] == [yuan(200)]
    assert standing(Advance.get_by_id(lent.id)).held == yuan(600)

    case = steps.take(cast.cai, case.id, "pay", given=moneys.by_bank())
    case = steps.take(cast.lin, case.id, "post")

    assert Case.get_by_id(lent.id).state == "settled"
    assert (on_title("advances"), on_title("staff"), on_title("spending"), on_title("bank")) == (0, 0, yuan(800), -yuan(800))
    assert checks.findings() == []


def test_fin_11_what_is_left_of_an_advance_is_due_back_with_the_last_claim(cast, line, request_of_ann, clock):
    lent = moneys.lent(cast, cast.ann, request_of_ann, 600)
    case = moneys.settled(cast, cast.ann, request_of_ann, 450)

    advance = Advance.get_by_id(lent.id)
    assert (case.state, advance.recalled_at is not None, standing(advance).open) == ("posted", True, yuan(150))

    moneys.brought_back(cast, lent, 50)
    back = moneys.brought_back(cast, lent, 100)
    assert (back.state, standing(advance).open) == ("outstanding", 0)
    steps.take(cast.lin, lent.id, "post_part")

    assert Case.get_by_id(lent.id).state == "settled"
    assert on_title("advances") == 0
    assert checks.findings() == []


def test_fin_11_an_advance_not_paid_yet_is_called_off_with_the_last_claim(cast, line, request_of_ann):
    waiting = moneys.advance(cast.ann, request_of_ann, 200)

    moneys.settled(cast, cast.ann, request_of_ann, 700)

    assert Case.get_by_id(request_of_ann.id).state == "closed"
    assert (Case.get_by_id(waiting.id).state, payable_now()) == ("cancelled", [])
    assert checks.findings() == []


def test_fin_11_the_rest_of_an_advance_paid_in_part_is_called_off_with_the_last_claim(cast, line, request_of_ann):
    lent = moneys.advance(cast.ann, request_of_ann, 400)
    (payable,) = payables_of(lent)
    steps.take(cast.cai, lent.id, "pay", given=moneys.by_bank(parts=((payable.id, yuan(100)),)))

    moneys.settled(cast, cast.ann, request_of_ann, 600)

    assert (Case.get_by_id(lent.id).state, payable_now()) == ("paid", [])
    assert steps.take(cast.lin, lent.id, "post").state == "settled"
    assert checks.findings() == []


def test_fin_06_who_paid_never_posts_the_same_paper(cast, request_of_ann):
    budgets.grant(cast.bo, "cashier")
    case = steps.take(cast.cai, moneys.checked(cast, cast.ann, request_of_ann, 100).id, "pay", given=moneys.by_bank())

    with pytest.raises(NotYours):
        steps.take(cast.cai, case.id, "post")


def test_fin_13_a_claim_above_the_approved_amount_is_refused(cast, request_of_ann):
    case = moneys.drafted(cast.ann, request_of_ann, 900, 101)

    with pytest.raises(
        Refused, match=r"1001\.00 is claimed and 1000\.00 is left of what was approved\. The excess needs a supplementary"
    ):
        steps.take(cast.ann, case.id, "submit")


def test_the_cashier_keeps_what_was_looked_at_with_name_and_time(cast, request_of_ann):
    case = moneys.checked(cast, cast.ann, request_of_ann, 100)

    claim = Claim.get_by_id(case.id)
    assert (claim.checked_by, claim.approval_seen, claim.sums_agree, claim.receipts_valid) == (cast.cai, True, True, True)
