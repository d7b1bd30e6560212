"""The shape of the house: who may import whom, how large things grow, and what never stands in a file."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from portal.modules import ORDER
from tests.guards import GUARDS

HOUSE = Path(__file__).parent.parent
PORTAL = HOUSE / "portal"
CORE = [  # each may import those before it
    "config", "signs", "money", "words", "differences", "clock", "logs", "refused", "db", "persons", "history", "policies",
    "cases", "ledger", "access", "search", "marks", "codes", "opening", "scans", "elements", "contained", "facts", "invoices",
    "attachments", "thumbnails", "notices", "terms", "flow", "tasks", "contents", "steps", "offers", "jobs", "checks",
    "exports", "imports", "passwords", "sessions", "backups", "rulebook", "languages", "fields", "forms", "typed", "kinds",
    "markup", "assets", "web", "timeline", "showing", "stepping", "gate",
]  # fmt: skip
EDGE = ["modules", "pages", "__init__", "serving", "demo", "cli", "__main__"]  # what puts the house together
WEB = {"flask", "flask_login", "flask_wtf", "htmx_flask", "wtforms", "werkzeug", "jinja2"}
PAGES = {  # core that speaks of pages
    "fields", "forms", "typed", "kinds", "web", "showing", "stepping", "gate", "markup", "languages",
}  # fmt: skip
LONGEST_FILE, LONGEST_FUNCTION = 400, 40

FILES = sorted(path for path in PORTAL.rglob("*.py"))
MODULES = sorted({path.parent.name for path in FILES if path.name == "rules.py"})
TEMPLATES = sorted((HOUSE / "templates").rglob("*.html"))


def named(path):
    return str(path.relative_to(HOUSE))


def tree(path):
    return ast.parse(path.read_text())


def imports(path):
    """Every module the file imports, in full: `from portal import db` is `portal.db`."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{named(path)} imports by dots"
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {each for each in whole if is_file(each)} or {node.module or ""}
    return found


def is_file(name):
    path = HOUSE / name.replace(".", "/")
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def own(path):
    """What of the portal it imports, without the `portal.`"""
    return {each.removeprefix("portal.") for each in imports(path) if each.startswith("portal.")}


def floor(path):
    """models, rules, forms or views, also of a module's further files; else the file's own name."""
    return path.stem.split("_")[0]


MODULE_FILES = [path for path in FILES if path.parent.name in MODULES]
CORE_FILES = [path for path in FILES if path.parent == PORTAL and path.stem in CORE]


@pytest.mark.no_database
def test_every_file_of_the_core_has_its_place():
    files = {path.stem for path in FILES if path.parent == PORTAL}

    assert files <= {*CORE, *EDGE}
    assert set(ORDER) <= set(MODULES)


@pytest.mark.no_database
@pytest.mark.parametrize("path", CORE_FILES, ids=named)
def test_the_core_imports_only_what_stands_before(path):
    allowed = set(CORE[: CORE.index(path.stem)])

    assert own(path) - allowed == set()


@pytest.mark.no_database
@pytest.mark.parametrize("path", [path for path in CORE_FILES if path.stem not in PAGES], ids=named)
def test_the_core_but_its_pages_knows_no_flask(path):
    assert {each.split(".")[0] for each in imports(path)} & WEB == set()


def place(module):
    return ORDER.index(module) if module in ORDER else len(ORDER) + MODULES.index(module)


@pytest.mark.no_database
@pytest.mark.parametrize("path", MODULE_FILES, ids=named)
def test_a_module_imports_only_models_and_rules_of_modules_to_its_left(path):
    here = path.parent.name
    others = [each.split(".") for each in own(path) if each.split(".")[0] in MODULES and each.split(".")[0] != here]

    wrong = [".".join(each) for each in others if place(each[0]) > place(here)]
    wrong += [".".join(each) for each in others if each[1:] and each[1].split("_")[0] not in ("models", "rules")]
    assert wrong == []


@pytest.mark.no_database
@pytest.mark.parametrize("path", MODULE_FILES, ids=named)
def test_in_a_module_each_file_knows_only_what_stands_below(path):
    mine = {each.split(".")[1].split("_")[0] for each in own(path) if each.startswith(f"{path.parent.name}.")}

    above = {"models": {"rules", "forms", "views"}, "rules": {"forms", "views"}, "forms": {"rules", "views"}}
    assert mine & above.get(floor(path), set()) == set()
    assert own(path) & {"modules", "pages", "cli", "demo", "serving"} == set()


@pytest.mark.no_database
@pytest.mark.parametrize("path", [path for path in MODULE_FILES if floor(path) in ("models", "rules")], ids=named)
def test_models_and_rules_know_no_flask(path):
    assert {each.split(".")[0] for each in imports(path)} & WEB == set()
    assert own(path) & (PAGES - {"languages"}) == set()


@pytest.mark.no_database
@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_file_opens_with_a_sentence_and_stops_in_time(path):
    lines = path.read_text().splitlines()

    assert len(lines) <= LONGEST_FILE
    assert not lines or ast.get_docstring(tree(path))


@pytest.mark.no_database
@pytest.mark.parametrize("path", FILES, ids=named)
def test_no_function_goes_on_for_ever(path):
    long = [
        f"{node.name}: {length} lines"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.lineno + 1) > LONGEST_FUNCTION
    ]

    assert long == []


@pytest.mark.no_database
@pytest.mark.parametrize("path", FILES, ids=named)
def test_no_mistake_of_ours_is_swallowed(path):
    caught = [node.type for node in ast.walk(tree(path)) if isinstance(node, ast.ExceptHandler)]
    names = {"bare" if each is None else ast.unparse(each) for each in caught}

    assert names & {"bare", "Exception", "BaseException"} == set()


@pytest.mark.no_database
@pytest.mark.parametrize("path", [path for path in FILES if path.name != "markup.py"], ids=named)
def test_html_is_made_in_one_place_only(path):
    text = path.read_text()

    assert not re.search(r"\bimport .*\bMarkup\b|\bmarkupsafe\b|render_template_string", text)


@pytest.mark.no_database
@pytest.mark.parametrize("path", FILES, ids=named)
def test_transactions_are_begun_in_one_place_only(path):
    if path == PORTAL / "db.py":
        return
    begun = re.findall(r"\.atomic\(|db\.db\.transaction|\bBEGIN\b|\.savepoint\(|\.manual_commit\(", path.read_text())

    assert begun == []


@pytest.mark.no_database
@pytest.mark.parametrize("path", FILES, ids=named)
def test_the_clock_is_read_in_one_place_only(path):
    """Files of the system keep their own time; what the company does has the portal's."""
    if path == PORTAL / "clock.py":
        return

    assert re.findall(r"datetime\.now\(|date\.today\(|utcnow\(|time\.time\(\)", path.read_text()) == []


# ---- templates ------------------------------------------------------------------------------------------------------

INHERITED = "boost|target|swap|include|headers|vals|confirm|select|indicator|sync|disabled-elt|push-url|replace-url"
ASKING = re.compile(r"\bhx-(get|post|put|patch|delete|boost|action|method)\b")


def tags(path):
    """The opening tags of a template, what Jinja writes into them left out."""
    plain = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "x", path.read_text(), flags=re.DOTALL)
    return re.findall(r"<[a-zA-Z][^<>]*>", plain)


@pytest.mark.no_database
@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_no_template_holds_a_script_or_a_style(path):
    for tag in tags(path):
        assert not re.search(r"\sstyle\s*=|\son[a-z]+\s*=|\shx-on|javascript:", tag, re.IGNORECASE), tag
        assert not tag.startswith("<style"), tag
        assert not tag.startswith("<script") or " src=" in tag, tag


@pytest.mark.no_database
@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_no_template_asks_htmx_to_evaluate(path):
    for tag in tags(path):
        assert "js:" not in tag, tag
        assert not re.search(r'hx-trigger="[^"]*\[', tag), tag


@pytest.mark.no_database
@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_what_children_shall_inherit_is_said_to_be(path):
    """An attribute on a tag that asks nothing itself is meant for what stands inside it."""
    for tag in tags(path):
        meant = re.search(rf"\bhx-({INHERITED})(?=\s*=)", tag)
        assert not meant or ASKING.search(tag), f"{tag} needs {meant.group()}:inherited"


@pytest.mark.no_database
@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_what_people_wrote_is_always_escaped(path):
    text = path.read_text()

    assert not re.search(r"\|\s*safe\b|autoescape\s+false|\bMarkup\b", text)


@pytest.mark.no_database
@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_templates_ask_and_never_decide(path):
    """Who somebody is and where a paper stands is known by the rules."""
    assert not re.search(r"\b(case\.state|role)\s*[!=]=\s*[\"']", path.read_text())


# ---- pages ----------------------------------------------------------------------------------------------------------


def test_every_route_says_who_may_open_it(app):
    routes = {rule.endpoint for rule in app.url_map.iter_rules()}

    assert routes - set(app.extensions["rights"]) - {"static"} == set()


# ---- everything that is kept ----------------------------------------------------------------------------------------

FOREIGN = [
    "part" + " 1 of",
    "session" + " transcript",
    "/work" + "/",
    "/root" + "/",
    "/tmp" + "/brief",
    "pypi" + ".org",
    "python" + "hosted",
    "npmjs" + ".org",
    "TO" + "DO",
    "FIX" + "ME",
]


@pytest.mark.no_database
def test_the_house_speaks_only_of_itself():
    kept = subprocess.run(["git", "ls-files", "-z"], cwd=HOUSE, capture_output=True, text=True)
    if kept.returncode:
        pytest.skip("this copy has no history")
    found = []
    for name in filter(None, kept.stdout.split("\0")):
        path = HOUSE / name
        if path.exists() and path.suffix not in (".woff2", ".png", ".ico", ".jpg", ".pdf") and "LICENSES" not in name:
            text = path.read_text(errors="replace")
            found += [f"{name}: {word}" for word in FOREIGN if word in text]

    assert found == []


def test_every_guard_that_is_switched_off_still_stands_in_its_file():
    gone = [f"{each.file}: {each.guard}" for each in GUARDS if each.guard not in (HOUSE / each.file).read_text()]

    assert gone == []
