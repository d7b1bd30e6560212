"""A confidential contract leaks nowhere: every route of the portal is asked by each kind of outsider, and every answer is read.

New routes are asked by themselves: the walk goes over the whole table of routes, with the ids of one thing of each sort, of the
confidential contracts and of every paper and file about them. One contract was confidential from the start; the other became so
when outsiders had borrowed it, decided on it, handed it over, answered for it, witnessed for it and been told of it.
"""

from __future__ import annotations

import io
import re
import secrets
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from portal import attachments, clock, db, steps
from portal.access import contract_archivist, holders
from portal.cases import Case, let_read
from portal.contents import create
from portal.contracts.models import CheckLine, Contract, ContractLink, Intake
from portal.contracts.models_papers import Findings as IncidentFindings
from portal.contracts.models_papers import HandOut, TakeBack, Witnesses, check_content, incident_content, loan_content
from portal.contracts.models_register import intake_content
from portal.contracts.rules_finding import keep_search, read_here, read_waiting
from portal.contracts.rules_intake import Registered
from portal.contracts.rules_links import link
from portal.contracts.rules_loans import remind_borrowers
from portal.contracts.rules_register import amend, change
from portal.contracts.rules_reminders import announce
from portal.contracts.rules_retention import destruction_content
from portal.flow import FLOWS
from portal.history import Event
from portal.kinds import KINDS
from portal.money import Money
from portal.persons import Grant, Person
from tests import archive, posts, whole_company
from tests.cast import NEVER_OLD, Cast
from tests.everybody import person_as, spending
from tests.pdfs import pdf_of
from tests.signing_in import sign_in

pytestmark = pytest.mark.no_database  # who may know is alike on every database: these tests keep their own
template, company = whole_company.template, whole_company.company

TITLE, PARTY, WORD, OWN = "Quellwasser 鼋鼍密约", "Xanthippe 犰狳集团", "Zwirbeltier", "Wandelröschen"
TRACES = ("Quellwasser", "鼋鼍", "密约", "Xanthippe", "犰狳", WORD, OWN)
OUTSIDERS = (
    "nobody", "employee", "requester", "exec_in_charge", "dept_manager_elsewhere", "chief_accountant", "office_clerk", "it_admin",
    "former_head", "former_archivist",
)  # fmt: skip
POSTS = ("exec_in_charge", "chief_accountant", "office_clerk", "it_admin", "purchaser", "warehouse", "ecom_director", "planner")
SEARCHED = ("q", "text", "query", "number", "party", "contract", "code", "id", "place", "former_number", "case", "copy")


class Secret:
    """A confidential contract of Marketing's with everything that can hang on it, and `later`, which became confidential."""

    def __init__(self) -> None:
        cast = Cast()
        self.former_head = former("former_head", "dept_manager", cast.department("Marketing"))
        self.former_archivist = former("former_archivist", "contract_archivist")
        self.keeper = Person.get_by_id(holders(contract_archivist.key)[0].id)
        values = {"confidential": True, "amount": Money(7_654_321), "signed_on": date(1987, 6, 5), "keywords": WORD, "room": OWN}
        self.contract = archive.contract(cast, TITLE, PARTY, **values)
        self.open_contract = archive.contract(cast, "Plain paper", "Plain Ltd", signed_on=date(1987, 6, 6))
        self.number = self.contract.number
        self.scan = attachments.store("contract", self.contract.id, "scan", f"{WORD}.pdf", io.BytesIO(pdf_of(WORD)), self.keeper)
        read_waiting()
        self._tie(cast)
        self.loan = self._lend(cast)
        self._read(cast)
        self.later = Later(self)
        self.papers = [self.loan, self._lend_former_head(), self._incident(), self._check(), *self.later.papers]
        self.files = [self.scan, *(file for case in self.papers for file in attachments.of("case", case.id))]
        self.later.becomes_confidential()
        for person in (self.former_head, self.former_archivist):
            Grant.update(revoked_at=clock.now()).where(Grant.person == person).execute()

    def _tie(self, cast: Cast) -> None:
        """To a contract and to a paper that others see."""
        self.paper = spending(cast)
        amend(self.keeper, self.contract.id, self._events(), clock.today(), f"More {WORD}", None, None, 2)
        link(self.keeper, self.contract.id, self._events(), self.open_contract.number, WORD)
        ContractLink.create(contract=self.contract, case=self.paper, note=WORD)

    def _events(self) -> int:
        return Contract.get_by_id(self.contract.id).events

    def _lend(self, cast: Cast) -> Case:
        """Hao, whose department owns it, has a copy; it is overdue, and he was reminded."""
        case = borrowed(cast.hao, self.contract, (cast.mei, "approve"), (self.keeper, "hand_out", HandOut(3)))
        overdue(case)
        return case

    def _lend_former_head(self) -> Case:
        """Who headed the department then."""
        case = borrowed(self.former_head, self.contract, (Cast().mei, "approve"), (self.keeper, "hand_out", HandOut(3)))
        attachments.store("case", case.id, "paper", f"{WORD}.pdf", io.BytesIO(pdf_of(WORD)), self.former_head)
        return case

    def _read(self, cast: Cast) -> None:
        read_here(self.keeper, self.contract.id, cast.hao, WORD)
        keep_search(cast.hao, WORD, f"q={WORD}")

    def _incident(self) -> Case:
        content = incident_content(self.contract, "damaged", self.contract.department, f"Wet {WORD}")
        case = create(FLOWS["incident"], self.keeper, content, secrets.token_hex(8))
        return steps.take(self.keeper, case.id, "submit")

    def _check(self) -> Case:
        running = Case.get_or_none(Case.kind == "archive_check", Case.closed_at.is_null(), Case.state != "draft")
        if running is None:
            case = create(FLOWS["archive_check"], self.keeper, check_content(), secrets.token_hex(8))
            running = steps.take(self.keeper, case.id, "begin")
        return running

    @property
    def asked_for(self) -> list[str]:
        """What an outsider may have heard of it, written so that the answer's own words can be told from the question."""
        return [self.number.lower(), self.later.contract.number.lower(), "xanthippe", "quellwasser"]

    def traces_in(self, text: str) -> list[str]:
        return [trace for trace in (*TRACES, self.number, self.later.contract.number, "76,543.21", "76543.21") if trace in text]


class Later:
    """A contract with papers of every sort, in which outsiders had a part while it was not confidential."""

    def __init__(self, secret: Secret) -> None:
        cast, self.keeper = Cast(), secret.keeper
        intake = self._handed_over(cast.ann)
        self.contract = Contract.get_by_id(Intake.get_by_id(intake.id).contract_id)
        destruction = self._witnessed(cast)
        hand_out, back = (self.keeper, "hand_out", HandOut(3)), (self.keeper, "take_back", TakeBack(3, "good", "returned"))
        lent = borrowed(cast.ann, self.contract, (cast.hao, "approve"), hand_out)
        overdue(lent)
        elsewhere = person_as("dept_manager_elsewhere")
        returned = borrowed(cast.bo, self.contract, (elsewhere, "approve"), hand_out, back)
        longer = borrowed(person_as("it_admin"), self.contract, (person_as("exec_in_charge"), "approve"), hand_out)
        longer = steps.take(person_as("it_admin"), longer.id, "ask_longer", note=f"For {WORD}")
        wished = borrowed(person_as("employee"), self.contract)
        self._talked_about(returned, elsewhere)
        incident = self._incident(secret.former_archivist, cast)
        self._told(secret)
        self.papers = [intake, destruction, lent, returned, longer, wished, incident]

    def _handed_over(self, person: Person) -> Case:
        """By Ann, with a file that became its scan. The chief accountant is responsible for it."""
        case = create(FLOWS["intake"], person, intake_content(TITLE, PARTY, note=WORD), secrets.token_hex(8))
        file = attachments.store("case", case.id, "paper", f"{WORD}.pdf", io.BytesIO(pdf_of(WORD)), person)
        case = steps.take(person, case.id, "submit")
        values = archive.described(
            Cast(), TITLE, amount=Money(7_654_321), signed_on=date(1987, 6, 5), keywords=WORD, room=OWN, responsible=Cast().lin
        )
        return steps.take(self.keeper, case.id, "register", given=Registered(values, [PARTY], [file.id]))

    def _witnessed(self, cast: Cast) -> Case:
        """Sam was to see it destroyed."""
        content = destruction_content(self.contract.department, [self.contract], f"Old {WORD}")
        case = create(FLOWS["destruction"], self.keeper, content, secrets.token_hex(8))
        for person, step, given in (
            (self.keeper, "submit", None),
            (cast.hao, "endorse", None),
            (cast.mei, "approve", None),
            (self.keeper, "call_witnesses", Witnesses(cast.sam, cast.bo)),
        ):
            case = steps.take(person, case.id, step, given=given)
        return case

    def _talked_about(self, case: Case, other: Person) -> None:
        steps.comment(case.requester, case.id, f"More of {WORD}", [other])

    def _incident(self, former: Person, cast: Cast) -> Case:
        """Opened by who kept the archive then; Sam was to answer for it."""
        content = incident_content(self.contract, "damaged", cast.department("IT"), f"Wet {WORD}")
        case = steps.take(former, create(FLOWS["incident"], former, content, secrets.token_hex(8)).id, "submit")
        return steps.take(former, case.id, "hand_in", given=IncidentFindings(f"Wet {WORD}", WORD, cast.sam, WORD))

    def _told(self, secret: Secret) -> None:
        """In notices, on lists, and by ties from another contract and from a paper."""
        Contract.update(ends=clock.today() + timedelta(days=30)).where(Contract.id == self.contract.id).execute()
        announce.work()
        read_here(self.keeper, self.contract.id, person_as("employee"), WORD)
        link(self.keeper, secret.open_contract.id, Contract.get_by_id(secret.open_contract.id).events, self.contract.number, WORD)
        ContractLink.create(contract=self.contract, case=secret.paper, note=WORD)
        check = secret._check()
        missing = {"expected": "here", "result": "missing", "note": WORD, "at": clock.now(), "by": self.keeper}
        CheckLine.create(case=check, contract=self.contract, **missing)
        let_read(check, {f"#{secret.former_archivist.id}"})

    def becomes_confidential(self) -> None:
        change(self.keeper, self.contract.id, Contract.get_by_id(self.contract.id).events, confidential=True)


def former(user: str, role: str, department: Any = None) -> Person:
    """Somebody of IT who holds the post for now."""
    person = Person.create(
        user=user, name=user, name_en=user, department=Cast().department("IT"), level="back_office", password_set_at=NEVER_OLD
    )
    posts.grant(person, role, department)
    return person


def borrowed(person: Person, contract: Contract, *taken: tuple[Any, ...]) -> Case:
    """A copy, as far as these steps led: who, which, and what was given."""
    content = loan_content(contract, "copy", f"Talks with {PARTY}")
    case = steps.take(person, create(FLOWS["loan"], person, content, secrets.token_hex(8)).id, "submit")
    for who, step, *given in taken:
        case = steps.take(who, case.id, step, given=given[0] if given else None)
    return case


def overdue(case: Case) -> None:
    """The borrower was reminded, and the head heard."""
    db.run("UPDATE loans SET due_on = ? WHERE case_id = ?", "1999-01-01", case.id)
    remind_borrowers.work()


@pytest.fixture(scope="module")
def secret(template: Any) -> Secret:
    """It stands in the database that each test copies."""
    url, folder, _things = template
    db.connect(url)
    attachments.keep_in(folder)
    made = Secret()
    db.run("PRAGMA wal_checkpoint(TRUNCATE)")
    db.disconnect()
    return made


def browser_of(app: Any, column: str) -> Any:
    browser = app.test_client()
    browser.set_cookie("language", "en")
    if column != "nobody":
        sign_in(app, browser, person_as(column))
    return browser


def read_out(answer: Any) -> str:
    """Everything an answer says: what a workbook packs is unpacked, a PDF's streams too."""
    if answer.data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
            return "\n".join(packed.read(name).decode(errors="replace") for name in packed.namelist())
    if answer.data.startswith(b"%PDF"):
        from pypdf import PdfReader

        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.data)).pages)
    heads = " ".join(f"{name}: {value}" for name, value in answer.headers)
    return f"{heads}\n{answer.data.decode(errors='replace')}"


# ---- every route ----------------------------------------------------------------------------------------------------


def addresses(app: Any, secret: Secret, things: dict[str, Any], method: str) -> Iterator[tuple[str, str]]:
    """Each route with everything that can stand in it: rule and path."""
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()) and rule.rule != "/sign-out":
            for path in filled(rule.rule, secret, things):
                yield rule.rule, path


def filled(rule: str, secret: Secret, things: dict[str, Any]) -> Iterator[str]:
    paths = [rule]
    for name in re.findall(r"<(?:\w+:)?(\w+)>", rule):
        paths = [re.sub(r"<[^>]+>", str(value), path, count=1) for path in paths for value in values_for(name, secret, things)]
    yield from dict.fromkeys(paths)


def values_for(name: str, secret: Secret, things: dict[str, Any]) -> list[Any]:
    if name in ("kind", "form", "name"):
        return ["csv", "xlsx", "loan", "incident", *(KINDS if name == "kind" else ())]
    if name == "contract_id":
        return [secret.contract.id, secret.later.contract.id, secret.open_contract.id]
    if name == "file_id":
        return [file.id for file in secret.files]
    if name == "case_id":
        return [*(paper.id for paper in secret.papers), secret.paper.id]
    sort = name.removesuffix("_id").replace("_", " ")
    return [things[sort].id if sort in things else secret.contract.id]


@pytest.mark.parametrize("column", OUTSIDERS)
def test_con_07_no_page_export_or_file_tells_an_outsider_of_a_confidential_contract(
    company: Any, template: Any, secret: Secret, column: str
) -> None:
    browser = browser_of(company, column)
    paths = [path for _rule, path in addresses(company, secret, template[2], "GET")]

    told = walked(browser, secret, [*paths, *beside(secret)])

    assert told == {}


def beside(secret: Secret) -> Iterator[str]:
    """The other ways to a paper: beside the inbox, as a pane, and as what a new one begins with; and the tabs of lists."""
    for case in secret.papers:
        yield from (f"/papers/{case.id}?pane=1", f"/inbox?paper={case.id}", f"/papers/new/{case.kind}?copy={case.id}")
    yield from (f"/inbox?tab={tab}" for tab in ("mine", "decided", "returned"))
    yield from (f"/contracts/loans?tab={tab}" for tab in ("overdue", "red", "closed"))


@pytest.mark.slow
@pytest.mark.parametrize("is_in_posts", [False, True], ids=["who holds nothing", "who holds every other post"])
def test_con_07_no_question_makes_a_page_tell_of_a_confidential_contract(
    company: Any, template: Any, secret: Secret, is_in_posts: bool
) -> None:
    for role in POSTS if is_in_posts else ():
        posts.grant(person_as("employee"), role)
    browser = browser_of(company, "employee")
    asked = [path + each for rule, path in addresses(company, secret, template[2], "GET") for each in questions(rule, secret)]

    told = walked(browser, secret, asked)

    assert told == {}


def walked(browser: Any, secret: Secret, paths: list[str]) -> dict[str, list[str]]:
    """What each answer tells of it, and what broke."""
    told = {}
    for path in paths:
        answer = browser.get(path)
        found = [answer.status] if answer.status_code >= 500 else secret.traces_in(read_out(answer))
        if found:
            told[path] = found
    return told


def questions(rule: str, secret: Secret) -> Iterator[str]:
    """Lists are asked for each thing one may have heard of it, by every name a search has; the archive's by each filter alone."""
    if "<" in rule and "/export/" not in rule:
        return
    for heard in secret.asked_for:
        yield "?" + urlencode({"q": heard} if rule == "/contracts" else dict.fromkeys(SEARCHED, heard))
    if rule.startswith("/contracts"):
        yield "?" + urlencode({"q": secret.asked_for[0]})
        one, last = str(secret.contract.id), f"1987-06-05.{secret.contract.id + 1}"
        alone = {
            "number": secret.number.lower(), "party": "xanthippe", "year": "1987", "least": "76543.2", "state": "on_loan",
            "department": str(secret.contract.department_id), "before": last, "id": one, "contract": one, "tab": "overdue",
            "by": "party", "place": OWN.lower(),
        }  # fmt: skip
        yield from ("?" + urlencode([each]) for each in alone.items())


# ---- what is sent ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["employee", "requester", "dept_manager_elsewhere", "chief_accountant"])
def test_con_07_what_an_outsider_sends_meets_a_contract_that_is_not_there(
    company: Any, template: Any, secret: Secret, column: str
) -> None:
    """Each answer is the one that an id nobody has gets, and nothing was written."""
    browser, differing = browser_of(company, column), []
    before = Event.select().count(), Case.select().count(), counted("readings"), counted("contract_links")

    for rule, path in addresses(company, secret, template[2], "POST"):
        found = re.search(rf"/({secret.contract.id}|{secret.later.contract.id})\b", path)
        if "<contract_id>" not in rule or not found:
            continue
        answers = [browser.post(each, data={"form": "copy"}) for each in (path, path.replace(found[0], "/987654"))]
        if {answer.status_code for answer in answers} - {403, 404} or answers[0].status_code != answers[1].status_code:
            differing.append((path, *(answer.status_code for answer in answers)))
        assert secret.traces_in(read_out(answers[0])) == []

    assert differing == []
    assert (Event.select().count(), Case.select().count(), counted("readings"), counted("contract_links")) == before


@pytest.mark.parametrize("column", ["requester", "office_clerk", "it_admin", "former_head", "former_archivist"])
def test_con_07_what_is_sent_to_a_paper_of_ones_own_is_answered_without_a_word_of_it(
    company: Any, template: Any, secret: Secret, column: str
) -> None:
    """A comment, a file, a step that is not open any more, other contents."""
    browser, before = browser_of(company, column), Event.select().count()
    sent = {"note": "And now?", "step": "approve", "state": "submitted", "version": "1", "purpose": "Work", "title": "Work"}
    told: dict[str, Any] = {}

    for rule, path in addresses(company, secret, template[2], "POST"):
        if "<case_id>" in rule and not path.startswith(f"/papers/{secret.paper.id}"):
            answer = browser.post(path, data=sent)
            if found := secret.traces_in(read_out(answer)) or (answer.status if answer.status_code >= 500 else ""):
                told[path] = found

    assert told == {}
    assert Event.select().count() == before


def counted(table: str) -> int:
    return db.row(f"SELECT COUNT(*) FROM {table}")[0]  # type: ignore[index]


@pytest.mark.parametrize("heard", ["number", "id"])
def test_con_07_a_loan_of_what_one_may_not_know_of_is_refused_as_of_what_is_not_there(
    company: Any, secret: Secret, heard: str
) -> None:
    browser, before = browser_of(company, "employee"), Case.select().count()
    value = secret.number if heard == "number" else str(secret.contract.id)
    nothing = re.sub(r"[0-9]+$", "9876", secret.number) if heard == "number" else "987654"

    opened = [browser.get(f"/papers/new/loan?contract={each}") for each in (value, nothing)]
    sent = [browser.post(f"/papers/new/loan?contract={each}", data=typed(each)) for each in (value, nothing)]

    assert opened[0].status_code == opened[1].status_code
    assert sent[0].status_code == sent[1].status_code != 303
    assert alike(sent[0], value) == alike(sent[1], nothing)
    assert Case.select().count() == before


def typed(contract: str) -> dict[str, str]:
    return {"contract": contract, "number": contract, "form": "copy", "purpose": "Work", "send": "submit"}


def alike(answer: Any, asked: str) -> str:
    """The page without what was typed and without keys that differ each time."""
    text = re.sub(r'value="[^"]*"|content="[^"]*"|"X-CSRFToken": "[^"]*"|contract=[\w-]+', "", answer.text)
    return re.sub(r"\s+", " ", text.replace(asked, "") if len(asked) > 4 else text)


def test_con_07_who_may_know_of_it_finds_it(company: Any, secret: Secret) -> None:
    """The walk looks for the right words: those who may know meet each of them."""
    for column in ("gm", "contract_archivist", "dept_manager"):
        browser = browser_of(company, column)
        page, found = browser.get(f"/contracts/{secret.contract.id}"), browser.get("/contracts?q=quellwasser")
        assert secret.traces_in(page.text), column
        assert secret.number in found.text, column
    assert secret.traces_in(read_out(browser_of(company, "gm").get("/contracts/export/xlsx")))
