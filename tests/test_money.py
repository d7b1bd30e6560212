"""GEN-07: amounts are whole fen; what is typed is read by one rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.money import Money, in_capitals, split, total

pytestmark = pytest.mark.no_database


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("12.50", 1250),
        ("12.5", 1250),
        ("12", 1200),
        ("0", 0),
        ("0.01", 1),
        ("1,200.5", 120050),
        ("¥ 12.50", 1250),
        (" 7 ", 700),
        ("-3.10", -310),
        ("9999999999.99", 999999999999),
    ],
)
def test_yuan_are_read_as_people_type_them(typed, fen):
    read = Money.parse(typed)

    assert (read, type(read)) == (fen, Money)


@pytest.mark.parametrize(
    "typed",
    [
        "", "1.005", "1e309", "NaN", "inf", "1_000", "１２", "٣", ".5", "5.", "1,20", "12,00.50", "--1", "+1", "1 000",
        "10000000000", "0x10", "12.5元", "\x001", "1" * 1000,
    ],
)  # fmt: skip
def test_anything_else_is_not_money(typed):
    with pytest.raises(ValueError):
        Money.parse(typed)


@given(st.integers(-(10**12) + 1, 10**12 - 1))
def test_money_is_read_back_from_its_own_text(fen):
    assert Money.parse(str(Money(fen))) == fen


@given(st.integers(-(10**12), 10**12), st.integers(-(10**12), 10**12))
def test_money_stays_money(a, b):
    results = [Money(a) + b, b + Money(a), Money(a) - b, b - Money(a), Money(a) * 3, 3 * Money(a), -Money(a), abs(Money(a))]

    assert results == [a + b, a + b, a - b, b - a, 3 * a, 3 * a, -a, abs(a)]
    assert {type(each) for each in results} == {Money}


@pytest.mark.parametrize(
    "wrong",
    [lambda: Money(1) + 0.5, lambda: Money(1) * 1.5, lambda: Money(1) + True, lambda: Money(3) / 2, lambda: Money(3) // 2],
)
def test_money_never_meets_a_float_and_is_never_divided(wrong):
    with pytest.raises(TypeError):
        wrong()


@given(st.integers(0, 10**12), st.lists(st.integers(0, 1000), min_size=1, max_size=20).filter(any))
def test_parts_sum_to_the_amount(fen, weights):
    parts = split(Money(fen), weights)

    assert total(parts) == fen
    whole = sum(weights)
    assert all(abs(int(part) * whole - fen * weight) < whole for part, weight in zip(parts, weights, strict=True))


def test_odd_fen_go_to_the_largest_remainders():
    assert split(Money(100), [1, 1, 1]) == [34, 33, 33]
    assert split(Money(5), [3, 1]) == [4, 1]


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (287850, "贰仟捌佰柒拾捌元伍角整"),
        (0, "零元整"),
        (100, "壹元整"),
        (1, "壹分"),
        (10100001, "壹拾万壹仟元零壹分"),
        (-100, "负壹元整"),
    ],
)
def test_amounts_in_capital_numerals_read_as_on_cheques(fen, text):
    assert in_capitals(Money(fen)) == text


@given(st.integers(1, 10**12 - 1))
def test_every_amount_has_capital_numerals(fen):
    numerals = in_capitals(Money(fen))

    assert numerals[-1] in "整分"
    assert set(numerals) <= set("零壹贰叁肆伍陆柒捌玖拾佰仟万亿元角分整")
