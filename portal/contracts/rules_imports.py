"""An existing register brought as a table: what each row would do is shown first, then it is written whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from portal import db
from portal.contracts.models import Contract, Nature
from portal.contracts.models_register import COLUMNS, Listed, listed
from portal.contracts.rules_loans_brought import LOAN_COLUMNS, BroughtLoan, bring_loan, read_loan
from portal.contracts.rules_natures import only_the_archivist
from portal.contracts.rules_register import OPTIONAL, change, check, number_of, register
from portal.imports import Row, RowError, RowErrors, each
from portal.money import Money
from portal.persons import LANGUAGES, Department, Person
from portal.refused import Mistyped, Refused
from portal.words import Words, _

T = TypeVar("T")
BROUGHT: dict[str, Words] = {name: label for name, label in COLUMNS.items() if name != "state"} | LOAN_COLUMNS
NEEDED = ("title", "parties", "signed_on", "department", "responsible", "room", "pages")
ALSO_CALLED: dict[str, tuple[str, ...]] = {  # as people head their own tables, beside the words of the portal
    "number": ("编号", "合同编号", "合同号", "Number", "Contract no."),
    "former_number": ("旧编号", "原编号", "原合同编号", "Old number"),
    "nature": ("项目性质", "性质", "Nature"),
    "title": ("合同名称", "合同标题", "名称", "标题", "Title"),
    "parties": ("对方单位", "签约方", "相对方", "合同相对方", "签约单位", "对方名称", "Party", "Counterparty"),
    "amount": ("合同金额", "金额（元）", "合同金额（元）"),
    "signed_on": ("签订日期", "签约日期", "签署日期", "签订日", "Signed", "Date signed"),
    "starts": ("开始日期", "生效日期", "起始日期", "Starts", "Start"),
    "ends": ("结束日期", "终止日期", "到期日", "到期日期", "届满日期", "Ends", "End"),
    "department": ("所属部门", "归口部门", "承办部门", "经办部门", "Department"),
    "responsible": ("责任人", "经办人", "负责人", "Responsible"),
    "room": ("库房", "房间", "档案室", "存放位置", "存放地点"),
    "cabinet": ("柜号", "档案柜"),
    "box": ("盒号", "档案盒"),
    "fire_proof": ("Fireproof",),
    "damp_proof": ("防潮",),
    "originals": ("正本份数", "原件份数", "份数"),
    "pages": ("Pages", "总页数"),
    "keywords": ("关键字",),
    "confidential": ("保密", "机密", "是否保密", "Secret"),
    "language": ("语言", "语种"),
    "group_file": ("团号",),
    "note": ("Notes", "Remarks"),
    "lent_on": ("借出日期", "借阅日期"),
    "due_on": ("应还日", "归还期限"),
    "loan_form": ("借阅方式",),
    "purpose": ("借阅用途",),
}
NO_END = {"长期", "长期有效", "无固定期限", "永久", "无", "/", "-", "—", "–"}  # written where a contract has no last day
YES, NO = {"yes", "true", "1", "是", "y"}, {"no", "false", "0", "否", "n", ""}
PATTERN = re.compile(r"([0-9]{4})-([A-Z][A-Z0-9]{1,7})-([0-9]{4,6})", re.ASCII)
_PARTIES = re.compile(r"[;；\n]")
_LONGEST = {
    "title": 200,
    "room": 40,
    "cabinet": 40,
    "box": 40,
    "keywords": 200,
    "group_file": 60,
    "note": 500,
    "former_number": 60,
}
_TELLING = ("number", "former_number", "title", "parties", "signed_on")  # a row that has none of these is no contract
_TEXTS = ("cabinet", "box", "keywords", "group_file", "note")
_YES_OR_NO = ("fire_proof", "damp_proof", "confidential")


@dataclass(frozen=True)
class Difference:
    """What a row means: a new contract, or what changes of one that is there; `changed` is field -> (before, after) as shown."""

    row: int
    number: str  # the one it keeps or has; empty where it gets a new one
    seq: int | None
    values: dict[str, Any]
    parties: list[str]
    contract: Listed | None
    changed: dict[str, tuple[str, str]]
    loan: BroughtLoan | None
    alike: Words | str = ""  # of a new one without a number: the contract, or the row, of the same title, day and parties

    @property
    def kind(self) -> str:
        return "new" if self.contract is None else "changed" if self.changed or self.loan else "same"


@dataclass(frozen=True)
class Preview:
    """What a file would do. Contracts it does not name stay as they are."""

    differences: list[Difference]
    unchanged: int
    errors: list[RowError]
    passed_over: tuple[int, ...] = ()  # rows that tell of no contract, such as a sum below the others

    @property
    def is_good(self) -> bool:
        return not self.errors and bool(self.differences)

    def count(self, kind: str) -> int:
        return sum(each.kind == kind for each in self.differences)

    @property
    def kept(self) -> int:
        return sum(each.contract is None and each.seq is not None for each in self.differences)

    @property
    def loans(self) -> int:
        return sum(each.loan is not None for each in self.differences)


def preview(person: Person, rows: Iterable[Row]) -> Preview:
    """Every row's error with its number, and the differences of the rows that are good."""
    only_the_archivist(person)
    told = list(rows)
    passed_over = tuple(row.number for row in told if not any(map(row.text, _TELLING)))
    read, errors = each((row for row in told if row.number not in passed_over), _Known().read)
    differing = [one for one in read if one.kind != "same"]
    return Preview(differing, len(read) - len(differing), errors, passed_over)


class _Known:
    """What there is already, and what the rows before have named."""

    def __init__(self) -> None:
        self.natures = {name: each for each in Nature.select() for name in (each.code, each.name, each.name_en) if name}
        self.code = next((each.code for each in self.natures.values() if each.active), "PRJ")
        self.departments = {name: each for each in Department.select() for name in (each.name, each.name_en) if name}
        self.people = _people()
        there = listed(["contract_archivist"])
        self.contracts = {each.number: each for each in there}
        self.former = {each.former_number: each for each in there if each.former_number}
        self.taken = {(each.signed_on.year, each.code, int(each.number.rpartition("-")[2])) for each in there}
        self.seen: dict[str, int] = {}
        self.alike: dict[Any, Words | str] = {(each.title, each.signed_on, *each.parties): each.number for each in there}

    def read(self, row: Row) -> Difference:
        there, wrong = self._there(row), _Wrong()
        wrong.of(self._once, row, there)
        values = self._values(row, there, wrong)
        parties = wrong.of(_parties, row)
        days = {field: wrong.of(_day, row, field) for field in ("lent_on", "due_on")}
        contract = Contract.get_by_id(there.id) if there else None
        loan = wrong.of(read_loan, row, self.people, _as_told(contract, values), days)
        wrong.raise_all()
        number, seq = ("", None) if there else self._kept(row, values)
        try:
            check(OPTIONAL | values, parties, contract)
        except Mistyped as refusal:
            raise RowError(row.number, refusal.field or "", refusal.why) from None
        changed = _changed(there, values, parties) if there else {}
        if there and there.state == "destroyed" and changed:
            raise RowError(row.number, "", _("It was destroyed: its record stays as it is."))
        alike = "" if there or number else self._alike(row, values, parties)
        return Difference(row.number, there.number if there else number, seq, values, parties, there, changed, loan, alike)

    def _alike(self, row: Row, values: dict[str, Any], parties: list[str]) -> Words | str:
        """What has the same title, day and parties: perhaps the same contract, brought twice."""
        key = (values["title"], values["signed_on"], *parties)
        known = self.alike.get(key, "")
        self.alike.setdefault(key, _("row %(row)s", row=row.number))
        return known

    def _there(self, row: Row) -> Listed | None:
        """The contract the row means: by its number, or by the number it had before."""
        for typed in filter(None, (row.text("number"), row.text("former_number"))):
            if found := self.contracts.get(typed) or self.former.get(typed):
                return found
        return None

    def _once(self, row: Row, there: Listed | None) -> None:
        key = there.number if there else row.text("number") or row.text("former_number")
        if key and key in self.seen:
            raise RowError(row.number, "number", _("Row %(row)s has the same number.", row=self.seen[key]))
        if key:
            self.seen[key] = row.number

    def _kept(self, row: Row, values: dict[str, Any]) -> tuple[str, int | None]:
        """The number it keeps, because it fits and is free; another one stays as its former number."""
        typed = row.text("number")
        year, code = values["signed_on"].year, values["nature"].code
        fits = PATTERN.fullmatch(typed)
        if fits and typed == number_of(year, code, int(fits[3])):
            key = (year, code, int(fits[3]))
            if key not in self.taken and key[2] > 0:
                self.taken.add(key)
                return typed, key[2]
        if typed and not values["former_number"]:
            values["former_number"] = typed[:60]
        return "", None

    def _values(self, row: Row, there: Listed | None, wrong: _Wrong) -> dict[str, Any]:
        for field, most in _LONGEST.items():
            wrong.of(_short, row, field, most)
        values: dict[str, Any] = {
            "title": wrong.of(row.needed, "title"), "room": wrong.of(row.needed, "room"),
            "signed_on": wrong.of(row.day, "signed_on"),
            "department": wrong.of(_one_of, row, "department", self.departments, _("There is no department %(name)s.")),
            "responsible": wrong.of(self._person, row), "pages": wrong.of(row.whole, "pages"),
            "former_number": row.text("former_number") or (there.former_number if there else ""),
            "nature": wrong.of(self._nature, row, there),
        }  # fmt: skip
        for field in (name for name in ("starts", "ends") if name in row.values):
            values[field] = None if row.text(field) in NO_END else wrong.of(_day, row, field)
        if "amount" in row.values:
            values["amount"] = wrong.of(row.money, "amount") if row.text("amount") else None
        for field in (name for name in _TEXTS if name in row.values):
            values[field] = row.text(field)
        for field in (name for name in _YES_OR_NO if name in row.values):
            values[field] = wrong.of(_yes, row, field)
        if row.text("originals"):
            values["originals"] = wrong.of(row.whole, "originals")
        if row.text("language"):
            values["language"] = wrong.of(_language, row)
        return values

    def _nature(self, row: Row, there: Listed | None) -> Nature:
        typed, fits = row.text("nature"), PATTERN.fullmatch(row.text("number"))
        meant = typed or (fits[2] if fits else "") or (there.code if there else "")
        found = self.natures.get(meant)
        if not meant:
            raise RowError(row.number, "nature", _("Write the code or the name of the nature, such as %(code)s.", code=self.code))
        if found is None:
            raise RowError(row.number, "nature", _("There is no nature %(name)s in the code list.", name=meant))
        if there and there.code != found.code:
            raise RowError(row.number, "nature", _("The nature stands in its number and stays."))
        if not there and not found.active:
            raise RowError(row.number, "nature", _("%(name)s is not in use any more.", name=found.called))
        return found

    def _person(self, row: Row) -> Person:
        typed = row.needed("responsible")
        found = self.people.get(typed.casefold())
        if found is None:
            raise RowError(row.number, "responsible", _("There is nobody called %(name)s, or more than one.", name=typed))
        return found


def _as_told(contract: Contract | None, values: dict[str, Any]) -> Contract:
    """Who may know of it is asked of the contract as the row has it."""
    told = Contract(**contract.__data__) if contract else Contract()
    told.department = values.get("department") or told.department_id
    told.confidential = values.get("confidential", told.confidential)
    return told


class _Wrong:
    """The mistakes of a row, gathered so that all are said at once."""

    def __init__(self) -> None:
        self._found: list[RowError] = []

    def of(self, reads: Callable[..., T], *told: Any, **more: Any) -> T:
        """What is read, or nothing where that is a mistake: `raise_all` comes before it is used."""
        try:
            return reads(*told, **more)
        except RowError as error:
            self._found.append(error)
            return None  # type: ignore[return-value]

    def raise_all(self) -> None:
        if self._found:
            raise RowErrors(self._found)


def _short(row: Row, field: str, most: int) -> None:
    if len(row.text(field)) > most:
        raise RowError(row.number, field, _("That is too long: at most %(most)s characters.", most=most))


def _people() -> dict[str, Person]:
    """Everybody by user name, and by name where only one is called so."""
    people = list(Person.select())
    called: dict[str, list[Person]] = {}
    for each_one in people:
        for name in {each_one.name.casefold(), each_one.name_en.casefold()} - {""}:
            called.setdefault(name, []).append(each_one)
    return {name: found[0] for name, found in called.items() if len(found) == 1} | {
        each_one.user: each_one for each_one in people
    }


def _one_of(row: Row, field: str, known: dict[str, Any], why: Words) -> Any:
    typed = row.needed(field)
    if typed not in known:
        raise RowError(row.number, field, why.having(name=typed))
    return known[typed]


def _day(row: Row, field: str) -> date | None:
    return row.day(field) if row.text(field) else None


def _yes(row: Row, field: str) -> bool:
    typed = row.text(field).casefold()
    if typed not in YES | NO:
        raise RowError(row.number, field, _("Write yes or no."))
    return typed in YES


def _language(row: Row) -> str:
    typed = row.text("language")
    found = {name.casefold(): key for key, called in LANGUAGES.items() for name in (key, called)}
    if typed.casefold() not in found:
        raise RowError(row.number, "language", _("Choose one of the list."))
    return found[typed.casefold()]


def _parties(row: Row) -> list[str]:
    return [name.strip() for name in _PARTIES.split(row.needed("parties")) if name.strip()]


def _changed(there: Listed, values: dict[str, Any], parties: list[str]) -> dict[str, tuple[str, str]]:
    """What differs, as a preview shows it."""
    before: dict[str, Any] = there._asdict() | {
        "department": there.department.name, "responsible": there.responsible_user, "parties": "；".join(there.parties),
    }  # fmt: skip
    after: dict[str, Any] = values | {
        "department": values["department"].name, "responsible": values["responsible"].user, "parties": "；".join(parties),
    }  # fmt: skip
    return {
        field: (_shown(before[field]), _shown(after[field]))
        for field in COLUMNS
        if field in after and field != "nature" and before[field] != after[field]
    }


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "✓" if value else "–"
    return "" if value is None else str(Money(value)) if isinstance(value, Money) else str(value)


# ---- written --------------------------------------------------------------------------------------------------------


@db.transaction
def bring(person: Person, rows: list[Row]) -> Preview:
    """Writes all rows, or none; what was looked at is looked at once more."""
    found = preview(person, rows)
    if found.errors:
        raise Refused(_("Row %(row)s: %(why)s", row=found.errors[0].row, why=found.errors[0].words))
    for one in sorted(found.differences, key=lambda one: one.seq is None):  # numbers that are kept come first
        contract_id = _write(person, one)
        if one.loan:
            bring_loan(person, contract_id, one.loan)
    return found


def _write(person: Person, one: Difference) -> int:
    if one.contract is None:
        return register(person, one.values, one.parties, seq=one.seq).id
    if one.changed:
        contract = Contract.get_by_id(one.contract.id)
        values = {name: value for name, value in one.values.items() if name in one.changed}
        change(person, contract.id, contract.events, parties=one.parties, **values)
    return one.contract.id
