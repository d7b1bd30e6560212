"""What people type into a claim, line by line, with what its invoices say; and what is given with a signature or a check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from wtforms import BooleanField, HiddenField

from portal.attachments import Attachment
from portal.budget.models import BudgetLine
from portal.cases import Case
from portal.contents import Content
from portal.expenses.models_claims import Checklist, clean_number, differing, meant, number_key, readings
from portal.expenses.models_money import ClaimLine, covered_by
from portal.facts import KINDS, Read
from portal.fields import Amount, Choice, Day, LineForm, Lines, PaperForm, Text, clean, required
from portal.kinds import StepForm
from portal.languages import here
from portal.money import Money, total
from portal.persons import Person
from portal.words import Words, _

Choices = list[tuple[int, Words]]


class Number(Text):
    """A number or code of an invoice, as it is copied from paper or screen."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = clean_number(clean(valuelist[0] if valuelist else ""))


class ClaimLineForm(LineForm):
    """`file` is the id of an attachment of this claim, and of nothing else."""

    day = Day(_("Spent on"))
    line = Choice(_("Budget line"), coerce=int)
    text = Text(_("What for"), most=200)
    amount = Amount(_("Amount"))
    invoice_number = Number(_("Invoice number"), most=30, needed=False, render_kw={"inputmode": "text", "autocomplete": "off"})
    invoice_code = Number(_("Invoice code"), most=20, needed=False, render_kw={"inputmode": "numeric", "autocomplete": "off"})
    file = HiddenField(_("File"))

    def is_blank(self) -> bool:
        """A budget line alone is no spending."""
        return not any(getattr(field, "typed", None) or field.data for field in self if field.short_name != "line")


class ClaimForm(PaperForm):
    """A claim on its own page; `prepare_for` is called before anything is read of it."""

    title = None  # type: ignore[assignment]
    is_draft = False
    request = Choice(_("Approved request"), coerce=int)
    is_last = BooleanField(_("It is the last claim of this request"), default=True)
    lines = Lines(_("Lines"), ClaimLineForm)
    files: dict[int, Attachment]
    known: dict[int, tuple[Read, ...]]

    def prepare_for(
        self, requests: list[tuple[int, Words]], budget_lines: list[tuple[int, Words]], files: Iterable[Attachment]
    ) -> None:
        self.request.choices = requests
        self.files = {each.id: each for each in files}
        self.known = readings(self.files)
        self.offered_lines = budget_lines
        for entry in self.lines.entries:
            self._offer(entry.form)

    def _offer(self, line: Any) -> None:
        line.line.choices = self.offered_lines
        others = line.line.data is None or (len(self.offered_lines) == 1 and line.line.data != self.offered_lines[0][0])
        if others and self.offered_lines:
            line.line.data = self.offered_lines[0][0]

    def blank_line(self) -> Any:
        """The row that the page's script copies."""
        line = self.lines.blank()
        self._offer(line)
        return line

    def append(self, rows: Iterable[dict[str, Any]]) -> None:
        """Further lines, in the place of empty ones."""
        kept = [entry for entry in self.lines.entries if not entry.form.is_blank()]
        self.lines.entries = kept
        for row in rows:
            self.lines.append_entry(row)
            self._offer(self.lines.entries[-1].form)
        if not self.lines.entries:
            self.add_line()

    def add_line(self) -> None:
        self.lines.add()
        self._offer(self.lines.entries[-1].form)

    # ---- read ---------------------------------------------------------------------------------------------------------

    def file_of(self, line: Any) -> Attachment | None:
        """The file a line names, if it is one of this claim's."""
        named = str(line.file.data or "")
        return self.files.get(int(named)) if named.isascii() and named.isdigit() and len(named) < 11 else None

    def amount(self) -> Money:
        """What the lines come to as far as they can be read."""
        return total(entry.amount.data for entry in self.lines.filled() if entry.amount.data)

    def rows(self) -> list[dict[str, Any]]:
        return [
            {
                "day": entry.day.data,
                "line": BudgetLine.get_or_none(BudgetLine.id == entry.line.data),
                "text": entry.text.data or "",
                "amount": Money(entry.amount.data or 0),
                "invoice_code": entry.invoice_code.data or "",
                "invoice_number": entry.invoice_number.data or "",
                "file": self.file_of(entry),
            }
            for entry in self.lines.filled()
        ]

    def allow_gaps(self) -> None:
        super().allow_gaps()
        self.is_draft = True
        for entry in self.lines.entries:
            for field in entry.form:
                field.validators = [each for each in field.validators if each is not required]

    def validate(self, extra_validators: Any = None) -> bool:
        is_right = super().validate(extra_validators)
        return is_right if self.is_draft else self._has_invoices() and is_right

    def _has_invoices(self) -> bool:
        """Each line with its invoice, where nothing was accepted without one: else the rule itself looks (FIN-12)."""
        request_id = self.request.data if self.request.data in {value for value, _label in self.request.choices} else None
        if request_id is None or any(each.no_invoice for each in covered_by(request_id)):
            return True
        lacking = 0
        for entry in self.lines.filled():
            if not entry.invoice_number.data:
                entry.invoice_number.errors = [*entry.invoice_number.errors, NUMBER_MISSING]
                lacking += 1
            if self.file_of(entry) is None:
                entry.file.errors = [*entry.file.errors, FILE_MISSING]
                lacking += 1
        return not lacking

    def content(self, person: Person) -> Content:
        raise AssertionError("a claim is put together by its page")

    def fill(self, case: Case, paper: Any, lines: list[Any]) -> None:
        self.request.data, self.is_last.data = paper.request_id, paper.is_last
        self.lines.put(as_typed(line) for line in lines)

    # ---- what is said beside the lines ---------------------------------------------------------------------------------

    def notes(self) -> list[Beside]:
        """For each line, in order, what its file says and what is not as the file says it."""
        return [self.note(entry.form) for entry in self.lines.entries]

    def note(self, line: Any) -> Beside:
        file = self.file_of(line)
        read = meant(line.invoice_number.data or "", self.known.get(file.id, ()) if file else ())
        return Beside(_as_line(line, 0, file), read, tuple(differing(_as_line(line), read)))

    def as_lines(self) -> list[ClaimLine]:
        """The lines as they would be kept, as far as they can be read."""
        offered = dict(self.offered_lines)
        numbered = enumerate(self.lines.filled(), 1)
        return [_as_line(line, n, self.file_of(line)) for n, line in numbered if line.line.data in offered]

    def take(self, file: Attachment, found: tuple[Read, ...], today: Any) -> None:
        """A file that was read becomes lines, or belongs to the line that has its number already; one that says nothing goes
        with the first line that waits for its invoice."""
        waiting = [each for each in self.lines.filled() if self.file_of(each) is None]
        for row in prefilled(file, found, today):
            named = number_key(row.get("invoice_number", ""))
            own = next((each for each in waiting if not named or number_key(each.invoice_number.data or "") == named), None)
            if own is None:
                self.append([row])
            else:
                own.file.data = file.id
                waiting.remove(own)

    def loose_files(self) -> list[Attachment]:
        """Files of the claim that no line names."""
        named = {file.id for entry in self.lines.entries if (file := self.file_of(entry.form))}
        return [each for key, each in self.files.items() if key not in named and each.purpose == "invoice"]


NUMBER_MISSING = _("Write the number of the invoice: what has no invoice is not repaid.")
FILE_MISSING = _("Attach the invoice: what has no invoice is not repaid.")


@dataclass(frozen=True)
class Beside:
    """What stands beside a line: what was read from its file, and where the two differ."""

    line: ClaimLine
    read: Read | None
    differences: tuple[Words, ...] = ()

    @property
    def file(self) -> Attachment | None:
        return self.line.file


class ChecklistForm(StepForm):
    """What the cashier has looked at (FIN-05, FIN-17)."""

    approval_seen = BooleanField(_("The approval is present"))
    sums_agree = BooleanField(_("The sums agree"))
    receipts_valid = BooleanField(_("The receipts are valid, complete and tidy"))

    def given(self) -> Checklist:
        return Checklist(bool(self.approval_seen.data), bool(self.sums_agree.data), bool(self.receipts_valid.data))


def _as_line(line: Any, n: int = 0, file: Attachment | None = None) -> ClaimLine:
    return ClaimLine(
        n=n, day=line.day.data, line=line.line.data, amount=line.amount.data or 0, invoice_code=line.invoice_code.data or "",
        invoice_number=line.invoice_number.data or "", file=file,
    )  # fmt: skip


def as_typed(line: ClaimLine) -> dict[str, Any]:
    """A line as the form shows it."""
    return {
        "day": line.day, "line": line.line_id, "text": line.text, "amount": line.amount or None,
        "invoice_number": line.invoice_number, "invoice_code": line.invoice_code, "file": line.file_id,
    }  # fmt: skip


def prefilled(file: Attachment, found: tuple[Read, ...], today: Any) -> list[dict[str, Any]]:
    """A line for each invoice of the file, with what it says; an empty one where it says nothing."""
    return [
        {
            "day": read.day if read.day and read.day <= today else None,
            "text": read.seller or (here(KINDS[read.kind]) if read.kind in KINDS else ""),
            "amount": read.amount, "invoice_number": read.number, "invoice_code": read.code, "file": file.id,
        }
        for read in found
    ] or [{"file": file.id}]  # fmt: skip
