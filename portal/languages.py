"""Words become text here, in the language and formats of who reads them; only pages, prints and the outbox call it."""

from __future__ import annotations

import gettext
import io
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from portal import clock
from portal.money import Money
from portal.persons import LANGUAGES
from portal.words import Name, Words, _, _n

CATALOGUES = Path(__file__).parent / "locale"
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
TRADITIONAL = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")


reading: ContextVar[str] = ContextVar("reading", default="en")  # the language of who reads what is made now


def here(value: Any) -> str:
    """A value as text for who reads now."""
    return text(value, reading.get())


def chosen(accepted: list[str]) -> str:
    """The language of the house that fits the browser's list best: `zh-TW` and the like read the traditional signs."""
    for asked in (each.lower() for each in accepted):
        if asked.startswith(TRADITIONAL):
            return "zh-Hant"
        if asked.startswith("zh"):
            return "zh-Hans"
        if asked.startswith("en"):
            return "en"
    return "zh-Hans"


def is_language(code: str) -> bool:
    return code in LANGUAGES


def say(words: Words, language: str) -> str:
    """The sentence with its values in the reader's language and formats."""
    sentence = translated(words, language)
    return sentence % {name: text(value, language) for name, value in words.values.items()} if words.values else sentence


def text(value: Any, language: str) -> str:
    """One value as it stands in a sentence."""
    kind = type(value)
    if kind is Name:
        return value.name_en or value.name if language == "en" else value.name
    if kind is Money:
        return money(value)
    if kind is Words:
        return say(value, language)
    if isinstance(value, datetime):
        return moment(value, language)
    if isinstance(value, date):
        return day(value, language)
    return str(value)


def translated(words: Words, language: str) -> str:
    if words.plural is not None:
        return _catalogue(language).ngettext(words.message, words.plural, words.values["n"])
    return plainly(words.message, language)


@cache
def plainly(message: str, language: str) -> str:
    """A sentence without values."""
    return _catalogue(language).gettext(message)


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    path = CATALOGUES / language.replace("-", "_") / "LC_MESSAGES" / "portal.po"
    if language == "en" or not path.exists():
        return gettext.NullTranslations()
    ready = path.with_suffix(".mo")
    if ready.exists() and ready.stat().st_mtime >= path.stat().st_mtime:
        return gettext.GNUTranslations(ready.open("rb"))
    return gettext.GNUTranslations(io.BytesIO(_compile(path, ready)))


def _compile(path: Path, ready: Path) -> bytes:
    """The catalogue as gettext reads it; kept beside its source where that can be written."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source))
    try:
        ready.write_bytes(compiled.getvalue())
    except OSError:  # an installation that is not ours to write to
        return compiled.getvalue()
    return compiled.getvalue()


# ---- formats --------------------------------------------------------------------------------------------------------


def money(amount: int | None) -> str:
    """¥1,234.50, alike in every language."""
    if amount is None:
        return ""
    yuan, fen = divmod(abs(int(amount)), 100)
    return f"{'−' if amount < 0 else ''}¥{yuan:,}.{fen:02d}"


def number(value: int) -> str:
    return f"{value:,}"


def day(value: date | None, language: str) -> str:
    """19 Nov 2026 · 2026年11月19日; of a moment the day it is here."""
    if value is None:
        return ""
    value = _here(value)
    if language == "en":
        return f"{value.day} {MONTHS[value.month - 1]} {value.year}"
    return f"{value.year}年{value.month}月{value.day}日"


def short_day(value: date, language: str) -> str:
    """Thu 19 Nov · 11月19日, with the year where it is not this one; of a moment the day it is here."""
    value = _here(value)
    if value.year != clock.today().year:
        return day(value, language)
    if language == "en":
        return f"{DAYS[value.weekday()]} {value.day} {MONTHS[value.month - 1]}"
    return f"{value.month}月{value.day}日"


def _here(value: date) -> date:
    return clock.local(value).date() if isinstance(value, datetime) else value


def moment(value: datetime | None, language: str) -> str:
    if value is None or value >= clock.FAR_FUTURE:
        return ""
    here = clock.local(value)
    return f"{day(here.date(), language)}{', ' if language == 'en' else ' '}{here:%H:%M}"


def short_moment(value: datetime, language: str) -> str:
    """Today only the time, else the day and the time."""
    here = clock.local(value)
    if here.date() == clock.today():
        return f"{here:%H:%M}"
    return f"{short_day(here.date(), language)} {here:%H:%M}"


def month(year: int, number_of_month: int, language: str) -> str:
    return f"{MONTHS[number_of_month - 1]} {year}" if language == "en" else f"{year}年{number_of_month}月"


def ago(value: datetime) -> Words:
    """How long ago, in the largest unit that is at least one."""
    seconds = int((clock.now() - value).total_seconds())
    if seconds < 60:
        return _("just now")
    if seconds < 3600:
        return _n("%(n)s minute ago", "%(n)s minutes ago", n=seconds // 60)
    if seconds < 86400:
        return _n("%(n)s hour ago", "%(n)s hours ago", n=seconds // 3600)
    return _n("%(n)s day ago", "%(n)s days ago", n=seconds // 86400)


def left(due: datetime) -> Words:
    """How long until a deadline, or how late it is: in days of the calendar, as lists of what is late count them. What is left of
    the last two days is said in hours."""
    gap = due - clock.now()
    late = gap < timedelta(0)
    seconds = int(abs(gap.total_seconds()))
    if seconds < (86400 if late else 2 * 86400):
        hours = max(1, seconds // 3600)
        return _n("%(n)s hour late", "%(n)s hours late", n=hours) if late else _n("%(n)s hour left", "%(n)s hours left", n=hours)
    if late:
        return _n("%(n)s day late", "%(n)s days late", n=(clock.today() - clock.local(due).date()).days)
    return _n("%(n)s day left", "%(n)s days left", n=seconds // 86400)


def size(size_bytes: int) -> str:
    """12.3 MB: figures a person compares, in steps of 1024."""
    amount, unit = float(size_bytes), "B"
    for larger in ("KB", "MB", "GB"):
        if amount < 1024:
            break
        amount, unit = amount / 1024, larger
    return f"{amount:.0f} {unit}" if amount >= 100 or unit == "B" else f"{amount:.1f} {unit}"
