"""One's own page: what the portal knows of me, how it looks to me, and where I am signed in."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from portal import access, passwords, sessions
from portal.access import everyone
from portal.people import rules
from portal.people.models import grants_of
from portal.people.views_door import pages
from portal.persons import LANGUAGES
from portal.web import go, go_to, inside, key, me, my_posts, my_session, page, tell
from portal.words import _


@pages.get("/me", may=everyone)
def my_page() -> Any:
    posts = [(access.post_label(post), acting) for post, acting in my_posts().items() if not post.startswith("#")]
    return page(
        "people/me.html",
        person=me(),
        posts=posts,
        grants=grants_of(me()),
        sessions=sessions.of(me()),
        here_id=my_session().id,
        changed=me().password_set_at,
        age=passwords.max_age_days(),
        languages=LANGUAGES,
    )


@pages.post("/theme", may=everyone)
def theme() -> Response:
    rules.set_theme(me(), request.form.get("theme", ""))
    return go_to(inside(request.form.get("next")))


@pages.post("/me/sessions/<number>/end", may=everyone)
def end_session(number: str) -> Response:
    """Ends one of my own; a number that is not mine ends nothing."""
    sessions.end(me(), session_id=key(number))
    tell(_("That sign-in has been ended."))
    return go("people.my_page")


@pages.post("/me/sessions/end-others", may=everyone)
def end_other_sessions() -> Response:
    sessions.end(me(), but=my_session().id)
    tell(_("All other sign-ins have been ended."))
    return go("people.my_page")
