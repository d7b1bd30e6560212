"""Amounts of money: whole fen, never a float (GEN-07)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from peewee import BigIntegerField

HIGHEST = 10**12  # fen; amounts stay below ten thousand million yuan
_TYPED = re.compile(r"(-?)([0-9]{1,10})(?:\.([0-9]{1,2}))?", re.ASCII)


class Money(int):
    """Whole fen. Adds to and subtracts from money, is multiplied by whole numbers, and divides by nothing: see `split`."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Money:
        """Reads yuan as people type them: "1200", "1,200.5", "¥12.50". Raises ValueError for anything else."""
        typed = text.strip().removeprefix("¥").strip()
        if "," in typed:
            if not re.fullmatch(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]{1,2})?", typed, re.ASCII):
                raise ValueError(text)
            typed = typed.replace(",", "")
        found = _TYPED.fullmatch(typed)
        if not found:
            raise ValueError(text)
        sign, yuan, fen = found.groups()
        amount = int(yuan) * 100 + int((fen or "0").ljust(2, "0"))
        return cls(-amount if sign else amount)

    def __add__(self, other: int) -> Money:
        return Money(int(self) + _whole(other))

    __radd__ = __add__

    def __sub__(self, other: int) -> Money:
        return Money(int(self) - _whole(other))

    def __rsub__(self, other: int) -> Money:
        return Money(_whole(other) - int(self))

    def __mul__(self, times: int) -> Money:
        return Money(int(self) * _whole(times))

    __rmul__ = __mul__

    def __neg__(self) -> Money:
        return Money(-int(self))

    def __abs__(self) -> Money:
        return Money(abs(int(self)))

    def __truediv__(self, other: Any) -> Any:
        raise TypeError("money is split, not divided")

    __floordiv__ = __rtruediv__ = __truediv__

    def __str__(self) -> str:
        yuan, fen = divmod(abs(int(self)), 100)
        return f"{'-' if self < 0 else ''}{yuan}.{fen:02d}"

    def __repr__(self) -> str:
        return f"Money({int(self)})"


def _whole(other: int) -> int:
    if not isinstance(other, int) or isinstance(other, bool):
        raise TypeError(f"money goes with whole numbers, not {other!r}")
    return int(other)


def total(amounts: Iterable[Money]) -> Money:
    return sum(amounts, Money(0))


def split(amount: Money, weights: list[int]) -> list[Money]:
    """The amount in parts by weight; odd fen go to the largest remainders, so the parts sum to the amount."""
    whole = sum(weights)
    parts = [int(amount) * weight // whole for weight in weights]
    remainders = sorted(range(len(weights)), key=lambda i: int(amount) * weights[i] % whole, reverse=True)
    for i in remainders[: int(amount) - sum(parts)]:
        parts[i] += 1
    return [Money(part) for part in parts]


def in_capitals(amount: Money) -> str:
    """The amount in Chinese capital numerals, as on cheques: 贰仟捌佰柒拾捌元伍角整."""
    import cn2an

    if not amount:
        return "零元整"
    numerals = cn2an.an2cn(str(abs(amount)), "rmb")
    if not numerals.endswith("分") and not numerals.endswith("整"):
        numerals += "整"
    return f"负{numerals}" if amount < 0 else numerals


class MoneyField(BigIntegerField):
    def db_value(self, value: Any) -> int | None:
        return None if value is None else int(value)

    def python_value(self, value: Any) -> Money | None:
        return None if value is None else Money(value)
