"""What people type, made readable: text, money, dates and choices, each refused with a sentence beside its field."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import Choice as Option
from wtforms.validators import StopValidation, ValidationError

from portal import clock
from portal.db import Table
from portal.languages import here
from portal.money import HIGHEST, Money
from portal.words import Words, _

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_KEY = re.compile(r"[A-Za-z0-9_-]{16,40}", re.ASCII)
_INVISIBLE = {"Cf", "Cc", "Co", "Cs", "Zl", "Zp"}
MOST_ID = 2**31 - 1


class Said(ValidationError):
    """A validation error that is said in the reader's language."""

    def __init__(self, why: Words) -> None:
        super().__init__(why)


class Stop(StopValidation):
    """As Said, and nothing more is asked of the field."""

    def __init__(self, why: Words) -> None:
        super().__init__(why)


def clean(text: str | None, lines: bool = False) -> str:
    """NFC, without control and invisible signs (new lines stay in long texts), without blanks around it."""
    composed = unicodedata.normalize("NFC", text or "").replace("\r\n", "\n").replace("\r", "\n")
    kept = [
        sign for sign in composed if sign == "\u200d" or unicodedata.category(sign) not in _INVISIBLE or (sign == "\n" and lines)
    ]
    whole = "".join(kept).strip()
    return "" if not whole.strip("\u200d ") else whole


def form_key(typed: str | None) -> str:
    """The key made when a form is opened, by which it is taken once; a new one where what came back is none."""
    return typed if typed and _KEY.fullmatch(typed) else secrets.token_urlsafe(18)


def required(form: Any, field: Any) -> None:
    if not field.data and field.data != 0:
        raise Stop(_("Fill this in."))


required.field_flags = {"required": True}  # type: ignore[attr-defined]


class Text(StringField):
    """One line of at most `most` signs."""

    lines = False

    def __init__(self, label: Words, most: int = 120, needed: bool = True, **more: Any) -> None:
        self.most = most
        kwargs = {"maxlength": most} | ({"required": True} if needed else {})
        super().__init__(label, validators=[required] if needed else [], render_kw=kwargs | more.pop("render_kw", {}), **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = clean(valuelist[0] if valuelist else "", self.lines)

    def pre_validate(self, form: Any) -> None:
        if len(self.data or "") > self.most:
            raise Stop(_("At most %(most)s characters; these are %(are)s.", most=self.most, are=len(self.data or "")))


class LongText(Text, TextAreaField):
    lines = True

    def __init__(self, label: Words, most: int = 2000, needed: bool = False, rows: int = 3, **more: Any) -> None:
        super().__init__(label, most, needed, render_kw={"rows": rows}, **more)


class Amount(StringField):
    """Money in yuan, as people type it; `data` is Money or None, `typed` what stood there."""

    def __init__(self, label: Words, needed: bool = True, least: int = 1, **more: Any) -> None:
        self.least = least
        kwargs = {"inputmode": "decimal", "autocomplete": "off", "maxlength": 16, "class": "in num"} | (
            {"required": True} if needed else {}
        )
        super().__init__(label, validators=[required] if needed else [], render_kw=kwargs, **more)

    def process_data(self, value: Any) -> None:
        self.data = value
        self.typed = "" if value is None else str(Money(value))

    def process_formdata(self, valuelist: list[str]) -> None:
        self.typed = clean(valuelist[0] if valuelist else "")[:40]
        self.data = None
        if self.typed:
            try:
                self.data = Money.parse(self.typed)
            except ValueError:
                self.wrong: Words | None = _("Write an amount in yuan, such as 1200 or 12.50.")

    def pre_validate(self, form: Any) -> None:
        if getattr(self, "wrong", None):
            raise Stop(self.wrong)  # type: ignore[arg-type]
        if self.data is not None and self.data < self.least:
            raise Stop(_("The amount must be more than zero."))
        if self.data is not None and self.data >= HIGHEST:
            raise Stop(_("That is more than the portal can count."))

    def _value(self) -> str:
        return self.typed


class Day(DateField):
    """A day as YYYY-MM-DD between 2000 and 2100; `typed` what stood there."""

    def __init__(self, label: Words, needed: bool = True, **more: Any) -> None:
        self.typed = ""
        kwargs = {"min": "2000-01-01", "max": "2100-12-31"} | ({"required": True} if needed else {})
        super().__init__(label, validators=[required] if needed else [], render_kw=kwargs, **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.typed = clean(valuelist[0] if valuelist else "")[:20]
        self.data = read_day(self.typed)

    def pre_validate(self, form: Any) -> None:
        if self.typed and self.data is None:
            raise Stop(_("Write a real day as year-month-day, such as 2026-11-30."))

    def _value(self) -> str:
        return self.typed or (self.data.isoformat() if self.data else "")


def read_day(typed: str) -> date | None:
    if not _DAY.fullmatch(typed):
        return None
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None


class Moment(StringField):
    """A day and a time of Shanghai as the browser's own field sends them: `2026-11-30T09:00`; `data` is the moment or None."""

    def __init__(self, label: Words, needed: bool = True, **more: Any) -> None:
        self.typed = ""
        kwargs: dict[str, Any] = {"type": "datetime-local", "min": "2000-01-01T00:00", "max": "2100-12-31T23:59"}
        kwargs |= {"required": True} if needed else {}
        super().__init__(label, validators=[required] if needed else [], render_kw=kwargs, **more)

    def process_data(self, value: Any) -> None:
        self.data = value
        self.typed = "" if value is None else f"{clock.local(value):%Y-%m-%dT%H:%M}"

    def process_formdata(self, valuelist: list[str]) -> None:
        self.typed = clean(valuelist[0] if valuelist else "")[:20]
        self.data = read_moment(self.typed)

    def pre_validate(self, form: Any) -> None:
        if self.typed and self.data is None:
            raise Stop(_("Write a day and a time, such as 2026-11-30 09:00."))

    def _value(self) -> str:
        return self.typed


def read_moment(typed: str) -> datetime | None:
    """`2026-11-30T09:00`, or with a blank between, as a moment of Shanghai; nothing where it is none."""
    found = re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}):([0-9]{2})(:00)?", typed, re.ASCII)
    day = read_day(found[1]) if found else None
    if not found or day is None or int(found[2]) > 23 or int(found[3]) > 59:
        return None
    return datetime.combine(day, time(int(found[2]), int(found[3])), clock.SHANGHAI)


class Whole(IntegerField):
    """A whole number between `least` and `most`; `typed` what stood there."""

    def __init__(self, label: Words, least: int = 0, most: int = MOST_ID, needed: bool = True, **more: Any) -> None:
        self.least, self.most, self.typed = least, most, ""
        kwargs = {"min": least, "max": most, "inputmode": "numeric"} | ({"required": True} if needed else {})
        super().__init__(label, validators=[required] if needed else [], render_kw=kwargs, **more)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.typed = clean(valuelist[0] if valuelist else "")[:20]
        self.data = int(self.typed) if re.fullmatch(r"-?[0-9]{1,10}", self.typed, re.ASCII) else None

    def pre_validate(self, form: Any) -> None:
        if (self.typed and self.data is None) or (self.data is not None and not self.least <= self.data <= self.most):
            raise Stop(_("Write a whole number from %(least)s to %(most)s.", least=self.least, most=self.most))

    def _value(self) -> str:
        return self.typed or ("" if self.data is None else str(self.data))


class Choice(SelectField):
    """One of the choices, which are (value, Words or text) pairs; the empty one stands first unless a value is set."""

    choices: Any  # the pairs, or what answers them when they are shown

    def __init__(
        self, label: Words, choices: Iterable[Any] | Callable[[], Any] = (), needed: bool = True, coerce: Any = str, **more: Any
    ) -> None:
        kwargs = {"required": True} if needed else {}
        self.empty: Words = more.pop("empty", _("Choose …"))
        super().__init__(
            label, choices=[], coerce=_or_none(coerce), validators=[required] if needed else [],
            render_kw=kwargs | more.pop("render_kw", {}), validate_choice=False, **more,
        )  # fmt: skip
        self.choices = choices

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and not any(value == self.data for value, *_rest in self.iter_choices()):
            raise Stop(_("Choose one of the list."))

    def iter_choices(self) -> Any:
        """Pairs with their words as the reader reads them, the empty one first."""
        choices = self.choices() if callable(self.choices) else self.choices or ()
        yield Option("", here(self.empty), self.data is None, {})
        for value, label, *_rest in choices:
            yield Option(value, here(label), value == self.data, {})


class Either(RadioField):
    """One of two or three, side by side."""

    def __init__(self, label: Any, choices: Any, **more: Any) -> None:
        super().__init__(label, choices=[], validate_choice=False, **more)
        self.choices = choices

    def iter_choices(self) -> Any:
        for value, label in self.choices or ():
            yield Option(value, here(label), value == self.data, {})

    def pre_validate(self, form: Any) -> None:
        if self.data not in dict(self.choices or ()):
            raise Stop(_("Choose one of the list."))


def _or_none(coerce: Any) -> Any:
    def read(value: Any) -> Any:
        if value in (None, ""):
            return None
        if coerce is int:
            return int(value) if re.fullmatch(r"[0-9]{1,10}", str(value), re.ASCII) and 0 < int(value) <= MOST_ID else -1
        return coerce(value)

    return read


class PortalForm(FlaskForm):
    """A form of the portal; the token against forged forms is checked for the whole application."""

    class Meta:
        csrf = False

    def say(self, why: Words, field: str | None) -> None:
        """Puts a refusal beside the field it names, or above the form."""
        target = self._fields.get(field or "")
        if target is None:
            self.form_errors.append(why)
        else:
            target.errors = [*target.errors, why]


class LineForm(Form):
    """One line of a paper; a line in which nothing is typed counts as none."""

    def is_blank(self) -> bool:
        return not any(getattr(field, "typed", None) or field.data not in (None, "", False) for field in self)


class Lines(FieldList):
    """The lines of a paper, as rows of a table that grows. It is a paper's field `lines`."""

    def __init__(self, label: Words, line: type[LineForm], most: int = 100, needed: bool = True, **more: Any) -> None:
        self.most, self.needed, self.line = most, needed, line
        super().__init__(FormField(line), label, min_entries=1, max_entries=most + 1, **more)

    def _extract_indices(self, prefix: str, formdata: Any) -> Iterator[int]:
        """The numbers of lines as the form itself writes them: other digits, or more of them, are no line."""
        for name in formdata:
            if found := re.fullmatch(rf"{re.escape(prefix)}-([0-9]{{1,9}})-\w+", name, re.ASCII):
                yield int(found[1])

    def add(self) -> None:
        """One more line, as long as there is room for one."""
        if len(self.entries) < self.most:
            self.append_entry()

    def filled(self) -> list[Any]:
        """The forms of the lines in which something is typed."""
        return [entry.form for entry in self.entries if not entry.form.is_blank()]

    def put(self, lines: Iterable[dict[str, Any]]) -> None:
        """Shows these lines instead, or an empty one."""
        self.entries: list[Any] = []
        self.last_index = -1
        for line in lines:
            self.append_entry(line)
        if not self.entries:
            self.append_entry()

    def blank(self) -> LineForm:
        """The row that the page's script copies; it puts the number for `__n__`."""
        return self.line(prefix=f"{self.name}-__n__-")

    def remove(self, index: str) -> None:
        """Takes out the line of that number; one always stays."""
        self.entries = [entry for entry in self.entries if entry.id.rpartition("-")[2] != index]
        if not self.entries:
            self.append_entry()

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        self.errors = []
        filled = [entry for entry in self.entries if not entry.form.is_blank()]
        self.entries = filled or self.entries[:1]
        right = [entry.validate(form) for entry in filled]
        if not filled and self.needed:
            self.errors = [_("Write at least one line.")]
        if len(filled) > self.most:
            self.errors = [_("That is too long: at most %(most)s lines.", most=self.most)]
        return all(right) and not self.errors


class PaperForm(PortalForm):
    """The contents of a paper: a token made when the form is opened, the version shown, and what the kind adds.

    `live` is the address that draws the kind's rail anew while one types, for a kind that wants another than the common one."""

    live = ""
    token = HiddenField(default=lambda: secrets.token_urlsafe(18))
    version = HiddenField(default="0")
    title = Text(_("Title"), most=120)

    def prepare(self, person: Any) -> None:
        """Sets the choices that depend on who writes the paper."""

    def content(self, person: Any) -> Any:
        """What was typed, as Content. Kinds answer their own."""
        raise NotImplementedError

    def fill(self, case: Any, paper: Any, lines: list[Any]) -> None:
        """Puts the contents of a paper into the form, to change them or to start a new one like it."""
        self.title.data = case.title
        for name, field in self._fields.items():
            if name == "lines":
                names = list(field.entries[0].form._fields)
                field.put({each: getattr(line, each) for each in names} for line in lines)
            elif name not in ("title", "token", "version") and hasattr(paper, name):
                value = getattr(paper, name)
                field.process_data(value.get_id() if isinstance(value, Table) else value)

    def allow_gaps(self) -> None:
        """A draft may still lack what a submitted paper must have, but its title."""
        for name, field in self._fields.items():
            if name == "lines":
                field.needed = False
            elif name != "title":
                field.validators = [each for each in field.validators if each is not required]

    def wrongs(self) -> list[tuple[str, Any, Any]]:
        """Each thing to correct with the id and the label of its field, for the summary above the form."""
        found: list[tuple[str, Any, Any]] = [("", "", why) for why in self.form_errors]
        for field in self:
            if field.name != "lines":
                found += [(field.id, field.label.text, why) for why in field.errors]
                continue
            found += [("lines", "", why) for why in field.errors if isinstance(why, Words)]
            found += [(cell.id, cell.label.text, why) for entry in field.entries for cell in entry.form for why in cell.errors]
        return found
