"""Pages on which people ask for what the desk needs, and on which the office answers what the catalogue lacks."""

from __future__ import annotations

from typing import Any

from flask import request

from portal import kinds
from portal.access import any_of, everyone, supplies_custodian
from portal.cases import Case
from portal.fields import clean
from portal.flow import FLOWS
from portal.inbox.models import WORKING_LISTS, WorkingList
from portal.kinds import Kind
from portal.persons import Person
from portal.refused import Mistyped, NotThere, Refused
from portal.stock.models import Item
from portal.supplies import models_wishes, rules_wishes
from portal.supplies.forms_draws import Filled, WrittenElsewhere, filled_basket, put_back
from portal.supplies.models import Suggestion
from portal.supplies.models_catalogue import catalogue, categories, entries
from portal.supplies.models_wishes import Basket, open_suggestions, standing, suggested
from portal.supplies.rules_wishes import ANSWERS, MAY_ANSWER, WISH, wish_content
from portal.supplies.views_catalogue import SUPPLIES, pages
from portal.typed import Typed
from portal.web import (
    NAVIGATION,
    Link,
    asked,
    find,
    find_case,
    go,
    go_to,
    is_fragment,
    key,
    me,
    my_posts,
    page,
    page_key,
    tell,
    with_filters,
)
from portal.words import Name, Words, _

SHOWN = 48
NAVIGATION.append(Link(_("Ask for supplies"), "supplies.shop", "package", SUPPLIES, place=40))
NAVIGATION.append(Link(_("Suggestions"), "supplies.suggestions", "message-square", SUPPLIES))
WORKING_LISTS += [
    WorkingList(_("Wishes to take over"), "wish", "submitted", any_of(supplies_custodian), "package", "/supplies/desk"),
    WorkingList(
        _("Suggestions to answer"), "wish", "suggested", MAY_ANSWER, "message-square", "/supplies/suggestions", open_suggestions
    ),
]


# ---- asking ---------------------------------------------------------------------------------------------------------


@pages.form("/supplies/shop", may=everyone)
def shop() -> Any:
    """The catalogue with the basket beside it; what was asked before comes back by `copy`, a wish sent back by `paper`."""
    paper = key(request.args["paper"]) if "paper" in request.args else None
    if request.method == "POST":
        return _sent(paper)
    basket = models_wishes.basket(me().id, paper)
    if paper is not None and basket is None:
        raise NotThere()
    more = models_wishes.content_of(find_case(request.args["copy"]).id) if "copy" in request.args else None
    return _shop(basket or Basket(), _with(basket or Basket(), more), out=request.args.get("out", ""))


def _with(basket: Basket, more: Basket | None) -> Filled:
    """What is in the basket, and what an earlier wish asked for that is not."""
    items, texts = dict(basket.items), list(basket.texts)
    if more is not None:
        items |= {item: n for item, n in more.items.items() if item not in items}
        texts += [text for text in more.texts if text not in texts]
    return Filled(items, texts, basket.note)


def _sent(paper: int | None) -> Any:
    typed = Typed(request.form)
    filled = filled_basket(typed, request.form)
    before = models_wishes.basket(me().id, paper) or Basket()
    basket = rules_wishes.basket_of(me(), paper)
    if typed.wrong:
        return _shop(before, filled, typed, status=422)
    try:
        return _done(filled, basket, _taken_out(before, filled))
    except Refused as refusal:
        return _shop(before, filled, typed, refusal.why, refusal.status)


def _taken_out(before: Basket, filled: Filled) -> str:
    """What was in the basket and is not any more, with its quantity, so that one click puts it back."""
    return next((f"{item}-{n}" for item, n in before.items.items() if item not in filled.items), "")


def _done(filled: Filled, basket: Case | None, out: str) -> Any:
    content = wish_content(me(), filled.items, filled.texts, filled.note)
    if request.form.get("do") == "submit":
        moved = rules_wishes.submit_wish(me(), content, basket.id if basket else None)
        tell(_("%(number)s was submitted. You are told when it is there.", number=moved.number or ""))
        return go("papers.show", case_id=moved.id)
    kept = rules_wishes.fill_basket(me(), content, basket) if content.lines or basket else None
    if request.form.get("do") == "again":
        kept = rules_wishes.from_last_time(me())
    if is_fragment():
        shown = models_wishes.basket(me().id, kept.id if kept else None) or Basket()
        return _shop(shown, _with(shown, None), out=out)
    return go_to(f"{with_filters(after=request.args.get('after'), out=out)}#basket")


def _shop(
    basket: Basket, filled: Filled, typed: Typed | None = None, why: Words | None = None, status: int = 200, out: str = ""
) -> Any:
    known = {line.item: line for line in basket.lines if line.item}
    taken_out = put_back(out)
    wanted = {*filled.items, *taken_out} - set(known)
    missing = entries(wanted) if wanted else {}
    lines = [
        (item, (known.get(item) or missing.get(item)), n) for item, n in filled.items.items() if item in known or item in missing
    ]
    values: dict[str, Any] = {
        "taken_out": [(missing[item], n) for item, n in taken_out.items() if item in missing and item not in filled.items],
        "basket": basket, "lines": lines, "texts": filled.texts, "note": filled.note, "typed": typed or Typed({}), "why": why,
        "has_asked": bool(basket.number) or rules_wishes.last_wish(me()) is not None, "path": request.full_path.rstrip("?"),
    }  # fmt: skip
    if is_fragment() and request.method == "POST":
        return page("supplies/shop.html", status, fragment="supplies/_basket.html", **values)
    return page("supplies/shop.html", status, **values, **_shelves(filled))


def _shelves(filled: Filled) -> dict[str, Any]:
    """What there is to choose from."""
    chosen = categories()
    category = asked("category", [str(each.id) for each in chosen])
    words = clean(request.args.get("q"))[:100]
    found = catalogue(words, int(category) if category else None, after=clean(request.args.get("after"))[:40], limit=SHOWN + 1)
    return {
        "rows": found[:SHOWN],
        "chosen": filled.items,
        "older": with_filters(after=found[SHOWN - 1].code) if len(found) > SHOWN else "",
        "newest": with_filters() if "after" in request.args else "",
        "words": words,
        "category": category,
        "chips": [(each.called, with_filters(category="" if category == str(each.id) else each.id), category == str(each.id))
                  for each in chosen],
        "is_narrowed": bool(words or category),
    }  # fmt: skip


# ---- the wish itself ------------------------------------------------------------------------------------------------


def body(case: Case, person: Person) -> dict[str, Any]:
    """Where each line stands."""
    return {
        "wished_lines": standing(case),
        "is_open": case.state == "submitted",
        "answers": ANSWERS,
        "draw_states": FLOWS["draw"].states,
        "may_answer": MAY_ANSWER.allows(my_posts()),
    }


kinds.register(
    Kind(
        flow=WISH,
        form=WrittenElsewhere,
        folder="supplies",
        new=_("Ask for supplies"),
        about=_("What your desk needs, out of the catalogue: the custodian of your department takes it over."),
        extra=body,
        write="/supplies/shop",
    )
)


# ---- suggestions ----------------------------------------------------------------------------------------------------


@pages.get("/supplies/suggestions", may=MAY_ANSWER)
def suggestions() -> Any:
    """What people miss in the catalogue: open ones first, answered ones by page."""
    return _suggestions()


def _suggestions(typed: Typed | None = None, at: int = 0, status: int = 200) -> Any:
    answered = suggested(answered=True, before=page_key(), limit=51)
    return page(
        "supplies/suggestions.html",
        status,
        rows=suggested(answered=False) if "before" not in request.args else [],
        answered=answered[:50],
        older=with_filters(before=answered[49].id) if len(answered) > 50 else "",
        newest=with_filters() if "before" in request.args else "",
        items=_items(),
        answers=ANSWERS,
        typed=typed or Typed({}),
        at=at,
    )


def _items() -> list[tuple[str, Name]]:
    return [(each.code, each.called) for each in catalogue()]


@pages.post("/supplies/suggestions/<suggestion_id>", may=MAY_ANSWER)
def answer(suggestion_id: str) -> Any:
    suggestion = find(Suggestion, suggestion_id)
    typed = Typed(request.form)
    code = typed.text("item").partition(" ")[0]
    item = Item.get_or_none(Item.code == code) if code else None
    shown = typed.number("events", most=10_000) or 0
    try:
        rules_wishes.answer_suggestion(me(), suggestion.id, shown, typed.text("answer"), typed.text("note"), item)
    except Mistyped as refusal:
        typed.wrong[refusal.field or "answer"] = refusal.why
        return _suggestions(typed, suggestion.id, 422)
    tell(_("Answered: who suggested it is told."))
    return go("supplies.suggestions")
