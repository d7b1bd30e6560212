"""The command `portal`: founding, serving, checking and keeping safe, from the machine it runs on."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from portal import config
from portal.config import Settings, WrongSetting
from portal.refused import Refused
from portal.words import _

Command = Callable[[argparse.Namespace, Settings], int]


def main(arguments: list[str] | None = None) -> int:
    """Answers 0, 1 where a check or a job found something wrong, 2 where nothing could be done and one sentence says why."""
    asked = _parser().parse_args(arguments)
    from peewee import InterfaceError, OperationalError

    from portal.db import NewerDatabase

    try:
        return asked.command(asked, config.read())
    except (WrongSetting, Refused) as error:
        why = str(error)
    except NewerDatabase as error:
        why = f"This database was made by a newer portal, which also knows {error}. Install that one."
    except (OperationalError, InterfaceError) as error:
        why = f"The database cannot be used: {' '.join(str(error).split())}."
    except OSError as error:
        why = f"{error.filename or 'The disk'}: {error.strerror}."
    except (KeyboardInterrupt, EOFError):
        why = "Stopped; nothing was changed."
    print(why, file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="portal", description="The company's papers: asked for, decided, paid and kept in one place."
    )
    commands = parser.add_subparsers(required=True, metavar="command")
    _add_people(commands)
    serve = _add(commands, "serve", _serve, "serve the portal until it is told to stop")
    serve.add_argument("--demo", action="store_true", help="fill an empty portal with the demo company first")
    jobs = _add(commands, "jobs", _jobs, "list the timed jobs, or run one now")
    jobs.add_argument("what", nargs="?", choices=["run"])
    jobs.add_argument("name", nargs="?")
    check = _add(commands, "check", _check, "recompute everything and print what differs")
    check.add_argument("--deep", action="store_true", help="also read every attached file")
    backup = _add(commands, "backup", _backup, "write everything into one file, also while serving")
    backup.add_argument("target", nargs="?", type=Path, help="a file or a folder; by default backups/ in the data folder")
    _add(commands, "restore", _restore, "put back what a backup holds").add_argument("file", type=Path)
    _add(commands, "migrate", _migrate, "bring the database to this portal's schema, after a backup")
    return parser


def _add_people(commands: Any) -> None:
    init = _add(commands, "init", _init, "found the company: its first department, administrator and general manager")
    for option, _question in FOUNDING:
        init.add_argument(f"--{option}")
    init.add_argument("--company", default="公司", help="its name, which the general manager may change later")
    init.add_argument("--department", default="办公室", help="its first department, which the administrator may change later")
    demo = _add(commands, "demo", _demo, "fill an empty portal with the demo company")
    demo.add_argument("--accounts", action="store_true", help="only print its accounts")
    demo.add_argument("--size", choices=["small", "large"], default="small")
    user = commands.add_parser("user", help="add a person, or give one a new password").add_subparsers(
        required=True, metavar="what"
    )
    add = _add(user, "add", _user_add, "add a person")
    add.add_argument("user")
    add.add_argument("name")
    add.add_argument("--department", required=True)
    _add(user, "password", _user_password, "give a person a new one-time password").add_argument("user")


def _add(commands: Any, name: str, command: Command, about: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=about, description=about[0].upper() + about[1:] + ".")
    parser.set_defaults(command=command)
    return parser


# ---- serving --------------------------------------------------------------------------------------------------------


def _serve(asked: argparse.Namespace, settings: Settings) -> int:
    from portal import backups, create_app, logs, serving
    from portal.jobs import Worker

    logs.begin()
    _open(settings)
    with backups.in_use(settings.data):
        _bring_up(settings)
        accounts = _demo_accounts() if asked.demo else []
        application = create_app(settings)
        _say_what_is_wrong()
        worker = Worker()

        def begin(address: str) -> None:
            print(f"The portal is at {address}", flush=True)
            _print_accounts(_one_of_each_role(accounts))
            worker.start()

        return serving.serve(application, settings, begin, worker.stop)


def _say_what_is_wrong() -> None:
    from portal import checks

    for sentence in checks.quick():
        print(f"portal check: {sentence}", file=sys.stderr)


def _demo_accounts(size: str = "small") -> list[tuple[str, ...]]:
    """The accounts of the demo company, which is loaded where nobody is yet. Raises Refused in any other company."""
    from portal import demo, modules
    from portal.access import ROLES
    from portal.persons import Person

    modules.load()
    if not Person.select().exists():
        print("Loading the demo company …", flush=True)
        demo.load(size)
    elif not demo.is_demo():
        raise Refused(_("There is a company here already; the demo company needs an empty portal."))
    rows = [(each["user"], each["password"], each["name"], each["department"], each["roles"]) for each in demo.accounts()]
    return [(*told, ", ".join(str(ROLES[role].label) for role in roles) or "Employee") for *told, roles in rows]


def _one_of_each_role(accounts: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The first to hold each role: enough to try everything; `portal demo --accounts` prints all."""
    seen: set[str] = set()
    chosen = []
    for row in accounts:
        roles = set(row[-1].split(", "))
        if roles - seen:
            chosen.append(row)
        seen |= roles
    return chosen


def _print_accounts(accounts: Iterable[tuple[str, ...]]) -> None:
    rows = [tuple(map(str, each)) for each in accounts]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  " + "  ".join(text + " " * (width - _width(text)) for text, width in zip(row, widths, strict=True)).rstrip())
    sys.stdout.flush()


def _width(text: str) -> int:
    """Columns on a terminal: Chinese characters take two."""
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text)


# ---- the database ---------------------------------------------------------------------------------------------------


def _open(settings: Settings) -> None:
    from portal import attachments, db

    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    db.connect(settings.database)
    attachments.keep_in(settings.data)


def _open_founded(settings: Settings) -> None:
    """For commands on a portal that is there already."""
    from portal import db, modules

    _open(settings)
    if db.pending():
        raise Refused(_("The database is not of this portal's schema yet. Run: portal migrate"))
    modules.load()


def _bring_up(settings: Settings) -> None:
    """The schema of this portal; a database that holds something is backed up first."""
    from portal import backups, db

    pending = db.pending()
    if not pending:
        return
    if db.db.table_exists("schema_migration"):
        print(f"Backed up to {backups.backup(settings, None).path} before the schema changes.", flush=True)
    db.migrate()
    print(f"The database is ready: {', '.join(pending)}.", flush=True)


def _migrate(_asked: argparse.Namespace, settings: Settings) -> int:
    from portal import db

    _open(settings)
    if not db.pending():
        print("The database has this portal's schema already.")
    _bring_up(settings)
    return 0


def _check(asked: argparse.Namespace, settings: Settings) -> int:
    from portal import checks

    _open_founded(settings)
    found = checks.findings(deep=asked.deep)
    for sentence in found:
        print(sentence)
    print("Something is wrong." if found else "Everything is in order.")
    return 1 if found else 0


def _backup(asked: argparse.Namespace, settings: Settings) -> int:
    from portal import backups

    _open_founded(settings)
    made = backups.backup(settings, asked.target)
    print(f"{made.path}: {made.rows} rows, {made.files} files.")
    for sha256 in made.missing:
        print(f"The file {sha256} was not there to be backed up.", file=sys.stderr)
    return 1 if made.missing else 0


def _restore(asked: argparse.Namespace, settings: Settings) -> int:
    from portal import backups, checks, modules

    aside = backups.restore(settings, asked.file)
    if aside:
        print(f"What was there before is in {aside}.")
    _open(settings)
    _bring_up(settings)
    modules.load()

    found = checks.findings(deep=True)
    for sentence in found:
        print(sentence)
    print("Restored, but something is wrong." if found else "Restored; everything is in order.")
    return 1 if found else 0


def _jobs(asked: argparse.Namespace, settings: Settings) -> int:
    from portal import checks, jobs  # noqa: F401  the nightly check is a job too

    _open_founded(settings)
    if not asked.what:
        for job in jobs.JOBS.values():
            print(f"{job.name:24} {jobs.when(job)}  {job.about}")
        return 0
    if asked.name not in jobs.JOBS:
        raise Refused(_("There is no such job; there are %(jobs)s.", jobs=", ".join(jobs.JOBS)))
    done = jobs.run(asked.name)
    print(done.failed or done.words())
    return 1 if done.failed else 0


# ---- people ---------------------------------------------------------------------------------------------------------

FOUNDING = (
    ("admin-user", "User name of the system administrator"),
    ("admin-name", "Name of the system administrator"),
    ("gm-user", "User name of the general manager"),
    ("gm-name", "Name of the general manager"),
)


def _init(asked: argparse.Namespace, settings: Settings) -> int:
    from portal import modules
    from portal.persons import Person

    _open(settings)
    _bring_up(settings)
    if Person.select().exists():
        raise Refused(_("There is a company here already; portal init founds a new one only in an empty portal."))
    given = {option.replace("-", "_"): _ask(asked, option, question) for option, question in FOUNDING}
    modules.load()
    from portal.people import rules

    _print_passwords(rules.found_company(company=asked.company, department=asked.department, **given))
    return 0


def _ask(asked: argparse.Namespace, option: str, question: str) -> str:
    given = getattr(asked, option.replace("-", "_"))
    if given is None and sys.stdin.isatty():
        given = input(f"{question}: ")
    if not (given or "").strip():
        raise Refused(_("%(what)s is needed: --%(option)s", what=question, option=option))
    return given.strip()


def _print_passwords(passwords: dict[str, str]) -> None:
    print("One-time passwords, shown only now; each is changed at the first sign-in:")
    _print_accounts(passwords.items())


def _user_add(asked: argparse.Namespace, settings: Settings) -> int:
    from portal.people import rules
    from portal.persons import Department

    _open_founded(settings)
    department = Department.get_or_none((Department.name == asked.department) | (Department.name_en == asked.department))
    if department is None:
        raise Refused(_("There is no department %(name)s.", name=asked.department))
    _print_passwords({asked.user: rules.add_person(None, user=asked.user, name=asked.name, department=department)})
    return 0


def _user_password(asked: argparse.Namespace, settings: Settings) -> int:
    from portal.people import rules
    from portal.persons import Person

    _open_founded(settings)
    person = Person.get_or_none(Person.user == asked.user)
    if person is None:
        raise Refused(_("There is no user %(name)s.", name=asked.user))
    _print_passwords({asked.user: rules.reset_password(None, person)})
    return 0


def _demo(asked: argparse.Namespace, settings: Settings) -> int:
    from portal.persons import Person

    _open(settings)
    _bring_up(settings)
    if asked.accounts:
        return _print_as_json(Person.select().exists())
    _print_accounts(_demo_accounts(asked.size))
    return 0


def _print_as_json(is_loaded: bool) -> int:
    """The demo accounts for programs: user, password, name, roles by their keys, department."""
    import json

    from portal import demo, modules

    modules.load()
    if not is_loaded or not demo.is_demo():
        raise Refused(_("The demo company is not here yet. Run: portal demo"))
    print(json.dumps(demo.accounts(), ensure_ascii=False, indent=2))
    return 0
