"""What every test may ask for: a database of its own, the cast, a clock to set, the portal, somebody signed in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from portal import clock as portal_clock
from portal import db, languages
from portal.config import Settings
from tests.cast import Cast, write_cast
from tests.databases import (
    Databases,
    PostgresDatabases,
    SqliteDatabases,
    fast_folder,
    postgres_programs,
    postgres_server,
)
from tests.portals import Portals

ON_POSTGRES = os.environ.get("PORTAL_TEST_DATABASE", "sqlite") == "postgres"
IN_CI = os.environ.get("CI") == "true"
SERVER = "PORTAL_TEST_SERVER"  # the URL of the run's PostgreSQL server, from the controller to its workers
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
]
MISSING = pytest.StashKey[str]()
_run = ExitStack()

_quiet = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]}
hypothesis_settings.register_profile("default", max_examples=30, stateful_step_count=20, derandomize=True, **_quiet)
hypothesis_settings.register_profile("soak", max_examples=2000, stateful_step_count=60, **_quiet)
hypothesis_settings.register_profile("twice", hypothesis_settings.get_profile("default"), max_examples=12)  # SQLite had all 30
hypothesis_settings.load_profile("twice" if ON_POSTGRES else "default")


def pytest_configure(config: pytest.Config) -> None:
    is_worker = hasattr(config, "workerinput")
    if not ON_POSTGRES or is_worker or config.option.collectonly:
        return
    programs = postgres_programs()
    if programs:
        os.environ[SERVER] = _run.enter_context(postgres_server(programs))


def pytest_unconfigure() -> None:
    _run.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What this machine lacks is skipped by name and reason; where CI=true it is a failure."""
    for item in items:
        if item.get_closest_marker("browser") and CHROMIUM is None:
            _without(item, "Chromium is not installed on this machine")
        elif ON_POSTGRES and SERVER not in os.environ and not item.get_closest_marker("no_database"):
            _without(item, "PostgreSQL is not installed on this machine")


def _without(item: pytest.Item, reason: str) -> None:
    if IN_CI:
        item.stash[MISSING] = reason
    else:
        item.add_marker(pytest.mark.skip(reason=reason))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.stash.get(MISSING, None):
        pytest.fail(item.stash[MISSING], pytrace=False)


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    folder = fast_folder("portal-tests-")
    made: Databases = PostgresDatabases(os.environ[SERVER], worker) if ON_POSTGRES else SqliteDatabases(folder)
    made.fill_template(write_cast)
    yield made
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Nobody reads in the language of the test before."""
    kept = languages.reading.set("en")
    yield
    languages.reading.reset(kept)


@pytest.fixture(autouse=True)
def database(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The URL of this test's own database, with the cast in it; the portal is connected to it."""
    if request.node.get_closest_marker("no_database"):
        yield None
        return
    databases: Databases = request.getfixturevalue("databases")
    url = databases.copy()
    db.connect(url)
    yield url
    db.disconnect()
    databases.drop(url)


@pytest.fixture(scope="session")
def kept(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`kept("demo-company")`: a folder of that name that stays from run to run, for all workers."""
    cache = getattr(request.config, "cache", None)
    return cache.mkdir if cache else tmp_path_factory.mktemp


@pytest.fixture(scope="session")
def demo_company(kept: Callable[[str], Path]) -> Iterator[Callable[[datetime], Path]]:
    """`demo_company(moment)`: the data folder of the demo company as it is told at that moment, for whoever asks alone."""
    from tests.serving_demo import told_at

    given = list[Path]()

    def told(moment: datetime) -> Path:
        given.append(told_at(moment, kept("demo-company")))
        return given[-1]

    yield told
    for folder in given:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def cast(database: str) -> Cast:
    return Cast()


@pytest.fixture
def memos(cast: Cast) -> Any:
    """The kind of paper that exists only in tests, with its tables; the module `tests.memo`."""
    from tests import memo

    memo.build()
    return memo


@pytest.fixture
def submitted(cast: Cast, memos: Any) -> Any:
    """Ann's memo, which waits for her head of department."""
    return memos.go(memos.draft(cast.ann), (cast.ann, "submit"))


@pytest.fixture
def endorsed(cast: Cast, memos: Any, submitted: Any) -> Any:
    return memos.go(submitted, (cast.hao, "endorse"))


@pytest.fixture
def checked(cast: Cast, memos: Any, endorsed: Any) -> Any:
    return memos.go(endorsed, (cast.mei, "check"), (cast.lin, "check"))


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", database=database)


@pytest.fixture(scope="session")
def portals(kept: Callable[[str], Path]) -> Portals:
    return Portals(kept("portal"))


@pytest.fixture
def app(portals: Portals, settings: Settings) -> Any:
    return portals.move_in(settings)


@pytest.fixture
def client(app: Any) -> Callable[..., Any]:
    """`client(cast.ann)`: a browser with Ann signed in by a session row; `client()`: nobody signed in."""

    def signed_in(person: Any = None) -> Any:
        browser = app.test_client()
        if person is not None:
            from tests.signing_in import sign_in

            sign_in(app, browser, person)
        return browser

    return signed_in


class Clock:
    """Sets the portal's clock until the end of the test."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def set(self, moment: datetime | str) -> datetime:
        """A text is Shanghai time: `2026-03-02 09:00`."""
        if isinstance(moment, str):
            moment = datetime.fromisoformat(moment).replace(tzinfo=portal_clock.SHANGHAI)
        self._stack.enter_context(portal_clock.at(moment))
        return portal_clock.now()

    def forward(self, **by: float) -> datetime:
        """`forward(days=3)` from what the clock says now."""
        return self.set(portal_clock.now() + timedelta(**by))


@pytest.fixture
def clock() -> Iterator[Clock]:
    with ExitStack() as stack:
        yield Clock(stack)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The machine's own Chromium, driven by Playwright."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()
