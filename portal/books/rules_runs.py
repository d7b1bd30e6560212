"""Payment runs: each line is paid by the step of its own paper, a paper a transaction; what cannot be paid says why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from portal import access, checks, clock, db, history, notices, steps
from portal.access import cashier
from portal.books.models import Payable
from portal.books.models_payments import Moved, Payment, why_not_paid_by
from portal.books.models_queue import MOST_AT_ONCE, apart_for, still_payable
from portal.books.models_runs import PaymentRun, PaymentRunLine
from portal.cases import Case, next_number
from portal.money import Money
from portal.persons import Person
from portal.refused import Mistyped, NotYours, Refused
from portal.words import Words, _, to_json

LONGEST_PREFIX = 70
checks.NUMBERED.append("SELECT number FROM payment_runs")


@dataclass(frozen=True)
class Run(Moved):
    """What is to be paid together: payable -> amount. `reference` is what the references of its lines begin with."""

    lines: tuple[tuple[int, Money], ...] = ()

    def check(self) -> None:
        super().check()
        if len(self.reference) > LONGEST_PREFIX:
            raise Mistyped(_("That is too long: at most %(most)s characters.", most=LONGEST_PREFIX), "reference")
        if not self.lines:
            raise Mistyped(_("Choose what is to be paid."))
        if len(self.lines) > MOST_AT_ONCE:
            raise Mistyped(_("At most %(most)s lines can be paid together.", most=MOST_AT_ONCE))
        if len({key for key, _amount in self.lines}) != len(self.lines):
            raise Mistyped(_("A line stands twice."))
        there = {each.id: each for each in still_payable([key for key, _amount in self.lines])}
        for key, amount in self.lines:
            if key in there and not 0 < amount <= there[key].open:
                raise Mistyped(_("At most %(open)s is open.", open=there[key].open), f"amount-{key}")


def pay_together(person: Person, run: Run, token: str) -> PaymentRun:
    """Pays the lines; the same token pays once. Raises NotYours, Mistyped, Refused before anything is paid; after that each line
    of the run answers for itself."""
    try:
        made = _begin(person, run, token)
    except NotYours as refusal:
        history.refuse("pay together", person, str(refusal))
        raise
    go_on(person, made.id)
    return made


@db.transaction
def _begin(person: Person, run: Run, token: str) -> PaymentRun:
    """Writes what is to be paid, before anything is: a run that was broken off can go on."""
    if cashier.key not in access.posts_of(person):
        raise NotYours(_("The cashier pays."))
    if before := PaymentRun.find("token = ?", token):
        return _made_before(before, person, run)
    run.check()
    known = {each.id for each in Payable.select(Payable.id).where(Payable.id.in_([key for key, _amount in run.lines]))}
    if not known:
        raise Mistyped(_("Choose what is to be paid."))
    made = PaymentRun.add(
        number=next_number("PR"), fund=run.fund, day=run.day, method=run.method, reference=run.reference, by=person,
        at=clock.now(), token=token,
    )  # fmt: skip
    for n, (key, amount) in enumerate((line for line in run.lines if line[0] in known), 1):
        PaymentRunLine.add(run=made, n=n, payable=key, amount=amount)
    return made


def _made_before(made: PaymentRun, person: Person, run: Run) -> PaymentRun:
    lines = tuple((line.payable_id, line.amount) for line in PaymentRunLine.where("run_id = ? ORDER BY n", made.id))
    told = (made.by_id, made.fund_id, made.day, made.method, made.reference, lines)
    if told != (person.id, run.fund, run.day, run.method, run.reference, run.lines):
        raise Refused(_("This form was sent before with other contents. Open a new form."))
    return made


def go_on(person: Person, run_id: int) -> None:
    """Tries what was not tried yet of a run, paper by paper: by who began it."""
    run = PaymentRun.get_by_id(run_id)
    if run.by_id != person.id:
        raise NotYours(_("Who began a payment run goes on with it."))
    cases = db.rows(
        """SELECT p.case_id, MIN(l.n) FROM payment_run_lines l JOIN payables p ON p.id = l.payable_id
           WHERE l.run_id = ? AND l.entry_id IS NULL AND l.why = '' GROUP BY p.case_id ORDER BY MIN(l.n)""",
        run_id,
    )
    for case_id, _n in cases:
        _set_apart(run, case_id, person)
        try:
            _pay(run, case_id, person)
        except Refused as refusal:
            _keep_why(run, case_id, refusal.why)


@db.transaction
def _set_apart(run: PaymentRun, case_id: int, person: Person) -> None:
    """Separation is asked per line: these wait, the others of the paper go on."""
    for line in _untried(run, case_id):
        if why := why_not_paid_by(line.payable, person):
            _say(line, why)


@db.transaction
def _pay(run: PaymentRun, case_id: int, person: Person) -> None:
    lines = _untried(run, case_id)
    if not lines:  # the same run, sent twice: the other one paid them
        return
    parts = tuple((line.payable_id, line.amount) for line in lines)
    given = Payment(run.fund_id, run.day, run.method, run.reference, parts, _references(run, lines))
    steps.take(person, case_id, "pay", given=given)
    for line in lines:
        (entry,) = db.rows("SELECT MAX(id) FROM cash_entries WHERE payable_id = ?", line.payable_id)[0]
        db.run("UPDATE payment_run_lines SET entry_id = ? WHERE id = ? AND entry_id IS NULL AND why = ''", entry, line.id)


def _references(run: PaymentRun, lines: list[PaymentRunLine]) -> tuple[tuple[int, str], ...]:
    prefix = run.reference or run.number
    return tuple((line.payable_id, f"{prefix}-{line.n}") for line in lines)


def _untried(run: PaymentRun, case_id: int) -> list[PaymentRunLine]:
    return PaymentRunLine.where(
        """run_id = ? AND entry_id IS NULL AND why = '' AND payable_id IN (SELECT id FROM payables WHERE case_id = ?)
           ORDER BY n""",
        run.id,
        case_id,
    )


@db.transaction
def _keep_why(run: PaymentRun, case_id: int, why: Words) -> None:
    for line in _untried(run, case_id):
        _say(line, why)


def _say(line: PaymentRunLine, why: Words) -> None:
    db.run("UPDATE payment_run_lines SET why = ? WHERE id = ? AND entry_id IS NULL AND why = ''", to_json(why), line.id)


# ---- lines that stand apart -----------------------------------------------------------------------------------------

_CONFIRM = """
UPDATE payables SET confirmed_by_id = ?
WHERE id = ? AND confirmed_by_id IS NULL AND withdrawn_at IS NULL AND paid < amount RETURNING id
"""


def confirm_line(person: Person, payable_id: int) -> Payable:
    """One confirmation by another named role, and the line may be paid. Raises NotYours (recorded), Refused."""
    try:
        return _confirm(person, payable_id)
    except NotYours as refusal:
        history.refuse("confirm_line", person, str(refusal))
        raise


@db.transaction
def _confirm(person: Person, payable_id: int) -> Payable:
    if all(each.id != payable_id for each in apart_for(person.id, access.posts_of(person))):
        raise _why_not_confirmed(person, payable_id)
    if not db.row(_CONFIRM, person.id, payable_id):
        raise Refused(_CONFIRMED_ALREADY)
    payable = Payable.get_by_id(payable_id)
    case = Case.get_by_id(payable.case_id)
    told = {"payable": payable.id, "payee": payable.payee}
    history.record(case, "confirm_line", person, before=case.state, after=case.state, version=case.version, data=told)
    text = _("%(who)s confirmed the line of %(payee)s on %(number)s.", who=person.called, payee=payable.payee, number=case.number)
    notices.tell(set(access.holder_ids(cashier.key)) - {person.id}, "confirmed", text, case)
    return payable


_CONFIRMED_ALREADY = _("This line waits for no confirmation any more. Reload to see it.")


def _why_not_confirmed(person: Person, payable_id: int) -> Refused:
    payable = Payable.find("id = ?", payable_id)
    if payable is None or payable.confirmed_by_id or payable.barred == "," or not payable.open:
        return Refused(_CONFIRMED_ALREADY)
    if payable.person_id == person.id:
        return NotYours(_("This line pays you: somebody else confirms it."))
    return NotYours(_("The general manager confirms these lines; his own, the leader in charge or the chief accountant."))


# ---- check ----------------------------------------------------------------------------------------------------------

_UNLIKE = """
SELECT r.number, l.n FROM payment_run_lines l JOIN payment_runs r ON r.id = l.run_id JOIN cash_entries e ON e.id = l.entry_id
WHERE e.payable_id <> l.payable_id OR e.amount <> -l.amount OR e.fund_id <> r.fund_id OR e.day <> r.day OR e.by_id <> r.by_id
ORDER BY l.id
"""
_UNCONFIRMED = """
SELECT k.number, p.n FROM payables p JOIN cases k ON k.id = p.case_id
WHERE p.barred <> ',' AND p.confirmed_by_id IS NULL AND p.paid > 0 ORDER BY p.id
"""


@checks.register
def verify() -> Iterator[str]:
    """A sentence for every line of a run that the journals tell otherwise, and for every line paid without its confirmation."""
    for number, n in db.rows(_UNLIKE):
        yield f"payment run {number}: the journals say something else of line {n}"
    for number, n in db.rows(_UNCONFIRMED):
        yield f"{number}: line {n} stands apart and was paid without a confirmation"
