"""The door, one's own page, and the pages where departments, people, grants and policies are kept."""

from __future__ import annotations

from typing import Any

from flask import Response, g, request
from flask_login import current_user, login_user, logout_user

from portal import languages, sessions
from portal.access import everyone
from portal.people import rules
from portal.people.forms import PasswordForm, SignInForm
from portal.persons import Person
from portal.refused import Mistyped, Refused
from portal.web import Pages, address, filled, go_to, inside, me, my_session, page, public, tell, typed
from portal.words import _

pages = Pages("people")


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
    token = sessions.begin(person, address(), request.user_agent.string)
    login_user(Token(token))
    g.signed_in = sessions.find(token)
    g._login_user = g.signed_in.person
    g.pop("posts", None)


@pages.post("/sign-out", may=everyone)
def sign_out() -> Response:
    sessions.end(me(), session_id=my_session().id)
    logout_user()
    return go_to("/sign-in")


@pages.post("/language", may=public)
def language() -> Response:
    """The switch at the door and in the menu: kept on the person, and for the door in the browser."""
    chosen = request.form.get("language", "")
    answer = go_to(inside(request.form.get("next")))
    if languages.is_language(chosen):
        answer.set_cookie("language", chosen, max_age=31536000, httponly=True, samesite="Lax")
        if current_user.is_authenticated:
            rules.set_language(me(), chosen)
    return answer


@pages.form("/password", may=everyone)
def change_password() -> Any:
    form = filled(PasswordForm)
    if request.method == "GET":
        return page("people/password.html", form=form, next=inside(request.args.get("next")))
    try:
        if form.validate():
            _change(form)
            tell(_("Your password has been changed."))
            return go_to(inside(request.form.get("next")))
    except Refused as refusal:
        form.say(refusal.why, getattr(refusal, "field", None))
    return page("people/password.html", 422, form=form, next=inside(request.form.get("next")))


def _change(form: PasswordForm) -> None:
    if form.new.data != form.again.data:
        raise Mistyped(_("The two new passwords differ."), "again")
    if not sessions.is_own_password(me(), form.old.data or "", address()):
        raise Mistyped(_("This is not your password."), "old")
    rules.change_password(me(), form.new.data or "", my_session().id)
