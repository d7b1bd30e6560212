"""A budget brought as a table: previewed with every row's error, written whole or not at all."""

from __future__ import annotations

import pytest

from portal import clock, steps
from portal.budget.models import AllotmentLine, figures, line_at
from portal.budget.rules_imports import bring, preview
from portal.cases import Case, lines_of
from portal.imports import Row
from portal.refused import NotYours, Refused
from tests.budgets import asked, budget_line, category, yuan


def row(number, department="Marketing", code="TRAVEL", amount="5000", year="2026"):
    return Row(number, {"year": year, "department": department, "code": code, "allotted": amount})


@pytest.fixture(autouse=True)
def categories(database):
    return category("TRAVEL"), category("OFFICE")


def test_a_preview_shows_the_differences_and_writes_nothing(cast):
    budget_line(cast.department("Marketing"), 1000, year=2026)
    budget_line(cast.department("IT"), 700, year=2026)

    found = preview([row(2), row(3, "信息部", amount="700"), row(4, "办公室", "OFFICE", "80.5")])

    assert [(each.row, each.department.name_en, each.old, each.new) for each in found.differences] == [
        (2, "Marketing", yuan(1000), yuan(5000)),
        (4, "Office", 0, yuan("80.50")),
    ]
    assert (found.year, found.unchanged, found.errors) == (2026, 1, [])
    assert Case.select().count() == 0


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("department", {"department": "Marketin"}),
        ("department", {"department": ""}),
        ("code", {"code": "FOOD"}),
        ("code", {"code": ""}),
        ("allotted", {"amount": "1e309"}),
        ("allotted", {"amount": "NaN"}),
        ("allotted", {"amount": "-1"}),
        ("allotted", {"amount": "1.005"}),
        ("allotted", {"amount": ""}),
        ("year", {"year": "1926"}),
        ("year", {"year": "2026.5"}),
        ("year", {"year": "2027"}),
    ],
)
def test_every_rows_error_is_listed_with_its_number(cast, field, typed):
    found = preview([row(2), row(3, **{"department": "IT"} | typed)])

    assert [(error.row, error.field) for error in found.errors] == [(3, field)]
    assert not found.is_good


def test_a_line_named_twice_is_an_error(cast):
    found = preview([row(2), row(3, "市场部", amount="1")])

    assert [(error.row, error.field) for error in found.errors] == [(3, "code")]


def test_a_line_is_not_lowered_below_what_is_held(cast):
    line = budget_line(cast.department("Marketing"), 1000)
    asked(cast.ann, line, 700)

    found = preview([row(2, amount="699.99", year=str(line.year))])

    assert [(error.row, error.field) for error in found.errors] == [(2, "allotted")]


def test_nothing_is_written_unless_all_rows_are_good(cast):
    with pytest.raises(Refused) as refusal:
        bring(cast.lin, "Budget 2026", [row(2), row(3, "IT", amount="x")], "a token")

    assert str(refusal.value).startswith("Row 3: ")
    assert Case.select().count() == 0


def test_confirming_makes_one_allotment_that_waits_for_the_general_manager(cast):
    case = bring(cast.lin, "Budget 2026", [row(2), row(3, "IT", amount="700")], "a token")

    assert (case.state, case.amount, len(lines_of(AllotmentLine, case))) == ("compiled", yuan(5700), 2)
    assert figures(2026) == []
    with pytest.raises(NotYours):
        steps.take(cast.lin, case.id, "approve")
    steps.take(cast.mei, case.id, "approve")
    assert [line.allotted for line in figures(2026)] == [yuan(5000), yuan(700)]


def test_confirming_twice_makes_one_allotment(cast):
    first = bring(cast.lin, "Budget 2026", [row(2)], "a token")

    assert bring(cast.lin, "Budget 2026", [row(2)], "a token").id == first.id
    assert Case.select().count() == 1


def test_bringing_what_is_there_already_changes_nothing(cast):
    line = budget_line(cast.department("Marketing"), 1000)

    with pytest.raises(Refused) as refusal:
        bring(cast.lin, "Budget", [row(2, amount="1000.00", year=str(line.year))], "a token")

    assert "changes nothing" in str(refusal.value)


@pytest.mark.parametrize("user", ["ann", "cai", "mei", "hao"])
def test_only_the_chief_accountant_brings_a_budget(cast, user):
    with pytest.raises(NotYours):
        bring(getattr(cast, user), "Budget", [row(2), row(3, "IT")], "a token")


def test_a_line_lowered_to_nothing_stays_with_nothing_on_it(cast):
    line = budget_line(cast.department("Marketing"), 1000)
    case = bring(cast.lin, "Budget", [row(2, amount="0", year=str(line.year))], "a token")

    steps.take(cast.mei, case.id, "approve")

    assert line_at(clock.today().year, cast.department("Marketing"), category()).free() == 0
