"""The door: signing in and out, the language, and one's own password."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, g, request, session
from flask_login import current_user, login_user, logout_user

from portal import access, languages, sessions
from portal.access import everyone
from portal.fields import PortalForm
from portal.people import models, rules
from portal.people.forms import PasswordForm, SignInForm
from portal.people.rules_grants import grant_label
from portal.persons import Grant, Person
from portal.refused import Mistyped, NotThere, NotYours, Refused
from portal.web import Pages, address, filled, go_to, inside, me, my_session, page, public, tell, typed
from portal.words import _

pages = Pages("people")


def done(form: PortalForm, deed: Callable[[], Any]) -> Any:
    """What the deed answers; None where the form or the rules object: then the form says it."""
    if not form.validate():
        return None
    try:
        return deed()
    except (NotYours, NotThere):
        raise
    except Refused as refusal:
        form.say(refusal.why, getattr(refusal, "field", None))
    return None


class Token:
    """What Flask-Login keeps in the browser: the token of the session, and nothing of the person."""

    is_authenticated = is_active = True

    def __init__(self, token: str) -> None:
        self.token = token

    def get_id(self) -> str:
        return self.token


@pages.form("/sign-in", may=public)
def sign_in() -> Any:
    form = filled(SignInForm)
    onward = inside(request.values.get("next"))
    if request.method == "GET" or not form.validate():
        status = 200 if request.method == "GET" else 422
        return page("people/sign_in.html", status, form=form, next=onward, kept=_kept())
    try:
        person = sessions.sign_in(form.user.data, form.password.data, address())
    except Refused as refusal:
        form.say(refusal.why, getattr(refusal, "field", None))
        return page("people/sign_in.html", refusal.status, form=form, next=onward, kept=_kept())
    _begin(person)
    if kept := _kept():
        return page("shared/send_again.html", kept=kept, action=onward, signed_in=True)
    return go_to(onward)


def _kept() -> list[tuple[str, str]]:
    """What was typed before the session ended, carried through the sign-in form."""
    return [(name, value) for name, value in typed() if name not in ("user", "password", "next")]


def _begin(person: Person) -> None:
    """A new session under a new token (requirement 8); the language chosen at the door stays."""
    if current_user.is_authenticated:
        sessions.end(me(), session_id=my_session().id)
    session.clear()
    g.pop("csrf_token", None)
    token = sessions.begin(person, address(), request.user_agent.string)
    login_user(Token(token))
    g.signed_in = sessions.find(token)
    g._login_user = g.signed_in.person
    g.pop("posts", None)


@pages.app_context_processor
def at_the_door() -> dict[str, Any]:
    """What the sign-in page asks for, wherever it is shown from."""
    return {
        "administrators": lambda: access.holders("it_admin"),
        "demo_accounts": _demo_accounts,
        "demo_password": rules.demo_password,
        "grant_label": grant_label,
    }


def _demo_accounts() -> list[tuple[Person, list[Grant]]]:
    """Somebody in each role, for who tries out the demo company; nobody of a real one."""
    return models.one_of_each_role() if rules.is_demo() else []


@pages.post("/sign-out", may=everyone)
def sign_out() -> Response:
    sessions.end(me(), session_id=my_session().id)
    logout_user()
    session.clear()
    return go_to("/sign-in")


@pages.post("/language", may=public)
def language() -> Response:
    """The switch at the door and in the menu: kept on the person, and for the door in the browser."""
    chosen = request.form.get("language", "")
    answer = go_to(inside(request.form.get("next")))
    if languages.is_language(chosen):
        answer.set_cookie("language", chosen, max_age=31536000, httponly=True, samesite="Lax", secure=request.is_secure)
        if current_user.is_authenticated:
            rules.set_language(me(), chosen)
    return answer


@pages.form("/password", may=everyone)
def change_password() -> Any:
    form = filled(PasswordForm)
    onward = inside(request.values.get("next"))
    if request.method == "POST" and done(form, lambda: _change(form)):
        tell(_("Your password has been changed."))
        return go_to(onward)
    status = 200 if request.method == "GET" else 422
    return page("people/password.html", status, form=form, next=onward, must=me().must_change_password)


def _change(form: PasswordForm) -> bool:
    if form.new.data != form.again.data:
        raise Mistyped(_("The two new passwords differ."), "again")
    if not sessions.is_own_password(me(), form.old.data or "", address()):
        raise Mistyped(_("This is not your password."), "old")
    rules.change_password(me(), form.new.data or "", my_session().id)
    return True
