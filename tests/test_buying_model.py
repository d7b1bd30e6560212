"""Whatever is bought in whatever order, shelf, budget, queue and books agree, as a plain model of the steps taken says."""

from __future__ import annotations

import pytest

from portal import attachments
from tests.buying_company import BuyingCompany
from tests.buying_model import Buying


@pytest.fixture(autouse=True)
def files(tmp_path):
    attachments.keep_in(tmp_path)


@pytest.mark.parametrize("seed", range(6))
def test_shelf_budget_and_books_agree_after_every_step(cast, seed):
    model = Buying(cast, seed, allotted=500 if seed % 2 else 2500)

    for n in range(120):
        model.play()
        model.agrees()
        if n % 12 == 0:
            model.clean()

    model.clean()


@pytest.mark.parametrize("seed", range(4))
def test_those_who_wait_and_those_who_buy_nearby_agree_with_it(cast, seed):
    model = BuyingCompany(cast, seed, allotted=600 if seed % 2 else 2500)

    for n in range(150):
        model.play()
        model.agrees()
        if n % 13 == 0:
            model.clean()

    model.clean()
