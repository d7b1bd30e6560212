"""Whatever is done in whatever order, budget, advances, queue and books agree, as a plain model of the steps taken says."""

from __future__ import annotations

import pytest

from portal import attachments
from tests.money_model import Company, Model


@pytest.fixture(autouse=True)
def files(tmp_path):
    attachments.keep_in(tmp_path)


@pytest.mark.parametrize("seed", range(6))
def test_budget_advances_and_books_agree_after_every_step(cast, seed):
    model = Model(cast, seed)

    for n in range(45):
        model.play()
        model.agrees()
        if n % 9 == 0:
            model.clean()

    model.clean()


@pytest.mark.parametrize("seed", range(4))
def test_fin_07_months_close_over_whatever_was_done_and_keep_their_figures(cast, clock, seed):
    """Exceptions run out, requests lapse, consent is withdrawn, runs pay, months close and are opened again."""
    clock.set("2026-03-10 10:00")
    company = Company(cast, seed, clock)

    for n in range(70):
        company.play()
        company.agrees()
        if n % 14 == 0:
            company.clean()

    company.close_month()
    company.agrees()
    company.clean()
