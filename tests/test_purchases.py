"""From low stock to the paid invoice: applications, orders, receipts, invoices, and what each of them refuses."""

from __future__ import annotations

import pytest

from portal import attachments, checks
from portal.stock.models import levels
from tests import budgets, buying
from tests.catalogue import supply


@pytest.fixture(autouse=True)
def files(tmp_path):
    attachments.keep_in(tmp_path)


@pytest.fixture
def company(cast):
    """The office is manned, and a pen costs 2 yuan."""
    buying.office(cast)
    buying.quote(supply(cast), 2)
    return cast


@pytest.fixture
def line(company):
    return budgets.budget_line(company.department("Marketing"), 1000, "OFFICE")


@pytest.fixture
def office_line(company):
    return budgets.budget_line(company.department("Office"), 1000, "OFFICE")


def test_the_chain_from_application_to_posted_invoice(company, line):
    pen = supply(company)

    case = buying.bought(company, company.ann, line, (pen, 100, 250))

    assert case.state == "closed"
    figures = budgets.figures_now(line)
    assert (figures.spent, figures.held) == (20000, 0)
    assert levels([pen.id])[pen.id].on_hand == 100
    assert checks.findings() == []
