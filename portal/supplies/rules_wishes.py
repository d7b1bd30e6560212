"""Wishes: what people need for their desk, and what the catalogue lacks; a draw takes them over (SUP-02, SUP-13)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from portal import access, clock, contents, db, history, languages, notices, steps
from portal.access import any_of, dept_manager, office_clerk, office_manager, requester, supplies_custodian, system
from portal.cases import Case, let_read
from portal.contents import Content
from portal.flow import IN_TIME, REJECT, RETURN, WITHDRAW, Act, Flow, objection, route, state, step
from portal.persons import Person
from portal.refused import Mistyped, NotYours, Refused, SomebodyWasFirst
from portal.stock.models import Item
from portal.supplies.models import Draw, Suggestion, Wish, WishLine
from portal.supplies.models_catalogue import KIND
from portal.supplies.models_draws import lines_of_wish, links_of_draw, links_of_wish, shares, uncovered
from portal.words import Words, _

MOST_LINES, MOST_QUANTITY, MOST_SUGGESTED = 100, 10_000, 5
ANSWERS: dict[str, Words] = {"added": _("Added to the catalogue"), "declined": _("Declined")}
MAY_ANSWER = any_of(office_clerk, office_manager)


# ---- what is typed --------------------------------------------------------------------------------------------------


def wish_content(person: Person, items: dict[int, int], texts: Iterable[str] = (), note: str = "") -> Content:
    """The contents of a wish: how many of which item, in the order in which they were chosen, and what the catalogue lacks."""
    found = {each.id: each for each in Item.where(f"id IN ({db.marks(list(items) or [0])})", *(items or [0]))}
    lines: list[dict[str, Any]] = [
        {"item": found.get(item), "text": "", "quantity": quantity} for item, quantity in items.items() if quantity > 0
    ]
    lines += [{"item": None, "text": text, "quantity": 1} for text in texts if text]
    names = [line["text"] or languages.here(line["item"].called) for line in lines if line["text"] or line["item"]]
    title = ", ".join(names) or languages.here(_("Empty basket"))
    return Content(title if len(title) <= 120 else title[:119] + "…", {"note": note}, lines, department=person.department)


def check_wish(_person: Person, content: Content) -> None:
    if len(content.lines) > MOST_LINES:
        raise Mistyped(_("That is too long: at most %(most)s lines.", most=MOST_LINES), "lines")
    if len(content.detail["note"]) > 500:
        raise Mistyped(_("That is too long: at most %(most)s characters.", most=500), "note")
    seen = set()
    for line in content.lines:
        item, text, quantity = line["item"], line["text"], line["quantity"]
        if not isinstance(quantity, int) or not 0 < quantity <= MOST_QUANTITY:
            raise Mistyped(_("Write a whole number from %(least)s to %(most)s.", least=1, most=MOST_QUANTITY), "lines")
        if len(text) > 200:
            raise Mistyped(_("That is too long: at most %(most)s characters.", most=200), "text")
        if text and item is None:
            continue
        if item is None or text or item.kind != KIND or not item.active:
            raise Mistyped(_("Choose from the catalogue; what it lacks is suggested in words."), "lines")
        if item.id in seen:
            raise Mistyped(_("%(item)s stands there twice.", item=item.called), "lines")
        seen.add(item.id)
    if len(content.lines) - len(seen) > MOST_SUGGESTED:
        raise Mistyped(_("At most %(most)s suggestions in one wish.", most=MOST_SUGGESTED), "text")


# ---- the basket -----------------------------------------------------------------------------------------------------


def basket_of(person: Person, case_id: int | None = None) -> Case | None:
    """The wish a person is writing: the one named, for it came back to be corrected, or the newest draft never submitted."""
    condition = "kind = 'wish' AND state = 'draft' AND requester_id = ? AND "
    if case_id is not None:
        return Case.find(condition + "id = ?", person.id, case_id)
    return Case.find(condition + "number IS NULL ORDER BY id DESC LIMIT 1", person.id)


def last_wish(person: Person) -> Case | None:
    """The wish that was submitted last, to ask for the same again."""
    return Case.find("kind = 'wish' AND requester_id = ? AND number IS NOT NULL ORDER BY id DESC LIMIT 1", person.id)


@db.transaction
def fill_basket(person: Person, content: Content, case: Case | None = None) -> Case:
    """Keeps what is in the basket."""
    basket = basket_of(person, case.id if case else None)
    if basket is None:
        return contents.create(WISH, person, content, secrets.token_urlsafe(18))
    return contents.edit(person, basket.id, content, basket.version)


@db.transaction
def add_to_basket(person: Person, more: dict[int, int], case_id: int | None = None) -> Case:
    """Puts so many more of these items into the basket."""
    basket = basket_of(person, case_id)
    items, texts = in_basket(basket)
    for item, quantity in more.items():
        items[item] = min(items.get(item, 0) + quantity, MOST_QUANTITY)
    note = Wish.get_by_id(basket.id).note if basket else ""
    return fill_basket(person, wish_content(person, items, texts, note), basket)


def in_basket(basket: Case | None) -> tuple[dict[int, int], list[str]]:
    """The items with their quantities, and what is suggested."""
    lines = lines_of_wish(basket) if basket else []
    return {line.item_id: line.quantity for line in lines if line.item_id}, [line.text for line in lines if line.text]


@db.transaction
def from_last_time(person: Person, wish: Case | None = None) -> Case:
    """Puts what was wished before into the basket, as far as it is still in the catalogue."""
    before = wish or last_wish(person)
    if before is None or before.kind != "wish":
        raise Refused(_("You have not asked for anything yet."))
    lines = {line.item_id: line.quantity for line in lines_of_wish(before) if line.item_id}
    active = {each.id for each in Item.where(f"active AND id IN ({db.marks(list(lines) or [0])})", *(lines or [0]))}
    items, _texts = in_basket(basket_of(person))
    return add_to_basket(person, {item: n for item, n in lines.items() if item in active and item not in items})


@db.transaction
def submit_wish(person: Person, content: Content, case_id: int | None = None) -> Case:
    """Keeps the basket and submits it."""
    basket = fill_basket(person, content, basket_of(person, case_id))
    return steps.take(person, basket.id, "submit", (basket.state, basket.version))


# ---- guards and effects ---------------------------------------------------------------------------------------------


@objection(_("the basket is empty"))
def empty_basket(act: Act) -> Words | None:
    return None if act.lines else _("Your basket is empty: put something into it first.")


@objection(_("an item is not in the catalogue any more"))
def gone_from_catalogue(act: Act) -> Words | None:
    items = [line.item_id for line in act.lines if line.item_id] or [0]
    gone = Item.find(f"NOT active AND id IN ({db.marks(items)}) ORDER BY id", *items)
    return _("%(item)s is not in use any more.", item=gone.called) if gone else None


@objection(_("part of it has been taken over into a draw"))
def taken_over(act: Act) -> Words | None:
    link = next((link for link in links_of_wish(act.case.id) if link.wish == act.case.id and link.is_alive), None)
    return _("%(number)s took over part of it already.", number=link.number) if link else None


@route(_("it asks for something in the catalogue"))
def asks_for_items(act: Act) -> bool:
    return any(line.item_id for line in act.lines) or not act.lines


@route(_("it only suggests what the catalogue lacks"))
def only_suggests(act: Act) -> bool:
    return not asks_for_items(act)


def suggest(act: Act) -> None:
    """What the catalogue lacks goes to the office, which may read the wish then."""
    if any(line.text for line in act.lines):
        let_read(act.case, {office_clerk.key, office_manager.key})
    for line in act.lines:
        if line.text and not Suggestion.find("wish_line_id = ?", line.id):
            made = Suggestion.create(wish_line=line)
            history.record(made, "add", act.person, data={"text": line.text, "wish": act.case.id})


# ---- the flow -------------------------------------------------------------------------------------------------------

WHOLE = [empty_basket, gone_from_catalogue]
OPEN = [taken_over]
RETURN_WISH = step("return", RETURN.to, note=True, unless=OPEN)
REJECT_WISH = step("reject", REJECT.to, note=True, unless=OPEN, look="danger")
WITHDRAW_WISH = step("withdraw", "draft", who=requester, unless=OPEN, look="quiet")

WISH = Flow(
    "wish",
    state(
        "draft",
        requester,
        step("submit", "submitted", when=[asks_for_items], unless=WHOLE, then=[suggest], look="primary"),
        step("submit", "suggested", when=[only_suggests], unless=WHOLE, then=[suggest], look="primary"),
        label=_("In the basket"),
        editable=True,
    ),
    state(
        "submitted",
        supplies_custodian.or_else(dept_manager),
        step("file", "filed", who=system, label=_("Take over"), said=_("It was taken over into a draw")),
        RETURN_WISH,
        REJECT_WISH,
        WITHDRAW_WISH,
        label=_("With the custodian"),
        due=IN_TIME,
        carries_out=True,
        gives_way=True,
    ),
    state(
        "suggested",
        office_clerk,
        step("answer", "answered", who=system, label=_("Answer"), said=_("The office answered")),
        WITHDRAW,
        label=_("With the office"),
        due=IN_TIME,
        carries_out=True,
    ),
    state(
        "filed",
        step("arrive", "arrived", who=system, label=_("Arrive"), said=_("It is there: fetch it from the custodian")),
        step("fall_short", "unmet", who=system, label=_("Fall short"), said=_("Nothing of it came")),
        step("reopen", "submitted", who=system, label=_("Reopen"), said=_("Its draw ended, so it waits for the custodian again")),
        label=_("In a draw"),
    ),
    state("arrived", label=_("On the desk"), tone="green"),
    state("unmet", label=_("Nothing came"), tone="amber"),
    state("answered", label=_("Answered")),
    state("rejected", tone="red"),
    prefix="SW",
    label=_("Wish"),
    detail=Wish,
    lines=WishLine,
    reads=(supplies_custodian, dept_manager),
    checks=(check_wish,),
    icon="package",
    about=_("Everybody asks for what the desk needs; the custodian of the department takes it over into a draw."),
    rules=("SUP-02", "SUP-16"),
)  # fmt: skip


# ---- as draws move --------------------------------------------------------------------------------------------------


def take_over(act: Act) -> None:
    """Wishes of which every line is in a draw now wait no longer."""
    for wish_id in sorted({link.wish for link in links_of_draw(act.case.id)}):
        wish = Case.get_by_id(wish_id)
        if wish.state == "submitted" and not uncovered(wish, also=act.case.id):
            steps.take(None, wish.id, "file")


def give_back(act: Act) -> None:
    for wish_id in sorted({link.wish for link in links_of_draw(act.case.id)}):
        if Case.get_by_id(wish_id).state == "filed":
            steps.take(None, wish_id, "reopen")


def bring_to_desks(act: Act) -> None:
    """Wishes of which every part has come are done; who wished is told."""
    Draw.update(received_at=clock.now()).where(Draw.case == act.case).execute()
    wishes = sorted({link.wish for link in links_of_draw(act.case.id)})
    for wish_id in wishes:
        links = [link for link in links_of_wish(wish_id) if link.wish == wish_id and link.is_alive]
        if Case.get_by_id(wish_id).state == "filed" and all(
            link.state == "received" or link.draw == act.case.id for link in links
        ):
            steps.take(None, wish_id, "arrive" if _came(wish_id) else "fall_short")


def _came(wish_id: int) -> int:
    """How many pieces of a wish came in all."""
    came, others = 0, links_of_wish(wish_id)
    for link in others:
        if link.wish == wish_id and link.is_alive:
            same = [each for each in others if (each.draw, each.item) == (link.draw, link.item)]
            came += shares(same, link.issued - link.declined)[link.wish_line]
    return came


def nothing_more(_act: Act) -> None:
    """A draw that was received stays so."""


# ---- suggestions ----------------------------------------------------------------------------------------------------


@db.transaction
def answer_suggestion(
    person: Person, suggestion_id: int, events: int, answer: str, note: str = "", item: Item | None = None
) -> Suggestion:
    """The office answers once: added, and as which item, or declined, and why. Who suggested it is told."""
    if not MAY_ANSWER.allows(access.posts_of(person)):
        raise NotYours(_("Only the office answers suggestions."))
    suggestion = Suggestion.get_by_id(suggestion_id)
    line = suggestion.wish_line
    wish = line.case
    if suggestion.events != events or suggestion.answer or line.version != wish.version or wish.state in ("draft", "rejected"):
        raise SomebodyWasFirst(_("This changed meanwhile. Reload to see it."))
    _check_answer(answer, note, item)
    values = {"answer": answer, "note": note, "item": item, "answered_by": person, "answered_at": clock.now()}
    Suggestion.update(**values).where(Suggestion.id == suggestion.id).execute()
    data = {"answer": answer, "note": note, "item": item.id if item else None}
    history.record(suggestion, "answer", person, data=data)
    _tell_answer(line, answer, note, item)
    if wish.state == "suggested" and not _unanswered(wish):
        steps.take(None, wish.id, "answer")
    return Suggestion.get_by_id(suggestion_id)


def _check_answer(answer: str, note: str, item: Item | None) -> None:
    if answer not in ANSWERS:
        raise Mistyped(_("Choose one of the list."), "answer")
    if answer == "declined" and not note:
        raise Mistyped(_("Say why, so that the others can follow."), "note")
    if len(note) > 500:
        raise Mistyped(_("That is too long: at most %(most)s characters.", most=500), "note")
    if answer == "added" and (item is None or item.kind != KIND or not item.active):
        raise Mistyped(_("Name the item of the catalogue that was added."), "item")


def _tell_answer(line: WishLine, answer: str, note: str, item: Item | None) -> None:
    if answer == "added":
        assert item is not None
        text = _("Your suggestion “%(text)s” is in the catalogue now: %(item)s.", text=line.text, item=item.called)
    else:
        text = _("Your suggestion “%(text)s” was declined: %(why)s", text=line.text, why=note)
    notices.tell([line.case.requester_id], "suggestion", text, line.case)


def _unanswered(wish: Case) -> bool:
    lines = [line.id for line in lines_of_wish(wish) if line.text] or [0]
    return Suggestion.find(f"wish_line_id IN ({db.marks(lines)}) AND answer = ''", *lines) is not None
