"""Somebody who reads pages and sends their forms, as a browser without scripts does: only what stands on the page is sent."""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup, Tag


class Walker:
    """`open` a page, `send` one of its forms with what is typed; redirects are followed."""

    def __init__(self, app: Any) -> None:
        self._browser = app.test_client()
        self._browser.set_cookie("language", "en")
        self._arrived: Any = None
        self.page = BeautifulSoup()

    def _arrive(self, answer: Any) -> None:
        self._arrived, self.page = answer, BeautifulSoup(answer.text, "html.parser")

    @property
    def status(self) -> int:
        return self._arrived.status_code

    @property
    def text(self) -> str:
        return " ".join(self.page.get_text(" ").split())

    @property
    def path(self) -> str:
        return self._arrived.request.path

    def told(self) -> dict[str, str]:
        """The table of the page, its first column with its second."""
        rows = [[cell.get_text().strip() for cell in row.find_all("td")] for row in self.page.select("table tbody tr")]
        return {row[0]: row[1] for row in rows}

    def open(self, path: str) -> Walker:
        self._arrive(self._browser.get(path, follow_redirects=True))
        assert self.status == 200, f"{path}: {self.status} {self.text[:300]}"
        return self

    def follow(self, words: str) -> Walker:
        """The link with these words in it."""
        link = next((each for each in self.page.find_all("a") if words in " ".join(each.get_text(" ").split())), None)
        assert link is not None, f"no link {words} on {self.path}: {self.text[:600]}"
        return self.open(str(link["href"]))

    def send(self, button: str, expected: int = 200, **typed: str) -> Walker:
        """Presses the button with these words in its form, once the fields are filled in; the last, where there are several."""
        found = [each for each in self.page.find_all("button") if button == _words_of(each)]
        assert found, f"no button {button} on {self.path}: {self.text[:600]}"
        pressed = found[-1]
        assert not pressed.has_attr("disabled"), f"{button} cannot be pressed on {self.path}"
        form = self._form_of(pressed)
        values = fields_of(form)
        for name, value in typed.items():
            assert name in names_of(form), f"no field {name} in the form of {button}: {names_of(form)}"
            values[name] = value if not _is_choice(form, name) else _chosen(form, name, value)
        if pressed.get("name"):
            values[str(pressed["name"])] = str(pressed.get("value", ""))
        path = str(pressed.get("formaction") or form.get("action") or self.path)
        self._arrive(self._browser.post(path, data=values, follow_redirects=True))
        assert self.status == expected, f"{button}: {self.status} {self.text[:600]}"
        return self

    def _form_of(self, button: Tag) -> Tag:
        named = button.get("form")
        found = self.page.find("form", id=str(named)) if named else button.find_parent("form")
        assert isinstance(found, Tag)
        for each in self.page.find_all(attrs={"form": named}) if named else []:
            if each.name in ("input", "select", "textarea"):
                found.append(each)
        return found


def _words_of(button: Tag) -> str:
    """What stands on it, without the key that presses it."""
    key = button.find("kbd")
    words = " ".join(button.get_text(" ").split())
    return words.removesuffix(key.get_text().strip()).strip() if key else words


def names_of(form: Tag) -> set[str]:
    return {str(each["name"]) for each in form.find_all(["input", "select", "textarea"]) if each.get("name")}


def fields_of(form: Tag) -> dict[str, str]:
    """What the form sends as it stands."""
    values: dict[str, str] = {}
    for each in form.find_all(["input", "select", "textarea"]):
        name, kind = str(each.get("name") or ""), each.get("type")
        if not name or each.has_attr("disabled") or kind in ("submit", "file", "button"):
            continue
        if kind in ("checkbox", "radio") and not each.has_attr("checked"):
            continue
        values[name] = _value_of(each)
    return values


def _value_of(field: Tag) -> str:
    if field.name == "textarea":
        return field.get_text()
    if field.name == "select":
        options = field.find_all("option")
        chosen = next((each for each in options if each.has_attr("selected")), options[0] if options else None)
        return "" if chosen is None else str(chosen.get("value", chosen.get_text()))
    return str(field.get("value", "on" if field.get("type") == "checkbox" else ""))


def _is_choice(form: Tag, name: str) -> bool:
    return form.find("select", attrs={"name": name}) is not None


def _chosen(form: Tag, name: str, words: str) -> str:
    """The value of the option with these words in it, or of that value."""
    options = form.find("select", attrs={"name": name}).find_all("option")  # type: ignore[union-attr]
    found = [each for each in options if words == each.get("value") or words in each.get_text()]
    assert found, f"{name} offers {[each.get_text() for each in options]}, not {words}"
    return str(found[0].get("value"))
