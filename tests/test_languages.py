"""Every sentence is said in English and in both Chinese scripts, in the language of whoever reads it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

from portal import languages, steps
from portal.clock import end_of
from portal.languages import CATALOGUES, ago, chosen, day, left, moment, say, short_day
from portal.money import Money
from portal.notices import Notice
from portal.persons import Person
from portal.refused import Refused
from portal.words import Name, _, _n, from_json, to_json
from tests import budgets
from tests.traditional import glossary, read, traditional

ROOT = Path(__file__).parent.parent
SCRIPTS = {"zh_Hans": "简体", "zh_Hant": "繁體"}
ALIKE = {"CSV", "Excel", "%(role)s of %(department)s"}  # names that stay, and names side by side
APART = {".venv", "data", "tests"}  # folders that hold no sentences of the portal
PLACEHOLDER = re.compile(r"%\((\w+)\)s")
NOW = "2026-11-20 15:00"

every_script = pytest.mark.parametrize("code", SCRIPTS)
no_database = pytest.mark.no_database


@pytest.fixture(scope="module")
def said() -> dict[str, str | None]:
    """Every message of the code and the templates, with its plural."""
    with (CATALOGUES / "babel.cfg").open() as source:
        methods, options = parse_mapping_cfg(source)
    keywords = {"_": None, "_n": (1, 2)}
    found = extract_from_dir(ROOT, methods, options, keywords, directory_filter=lambda path: Path(path).name not in APART)
    pairs = (message if isinstance(message, tuple) else (message, None) for _file, _line, message, _notes, _context in found)
    return dict(pairs)


def messages(code: str) -> list[Message]:
    return [message for message in read(code) if message.id]


def english(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def chinese(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def told(message: Message) -> str:
    return f"{english(message)!r}: {chinese(message)}"


# ---- the catalogues -------------------------------------------------------------------------------------------------


@no_database
@every_script
def test_no_message_is_missing_and_none_is_unused(code, said):
    kept = {english(message) for message in messages(code)}

    assert sorted(set(said) - kept) == [], "make messages adds them"
    assert sorted(kept - set(said)) == [], "make messages removes them"
    assert list(read(code).obsolete) == []


@no_database
@every_script
def test_no_message_is_untranslated_or_fuzzy(code):
    assert [english(message) for message in messages(code) if not all(chinese(message))] == []
    assert [english(message) for message in messages(code) if message.fuzzy] == []


@no_database
@every_script
def test_a_chinese_message_has_a_chinese_sign(code):
    sentences = [each for each in messages(code) if re.search("[A-Za-z]", PLACEHOLDER.sub("", english(each)))]

    without = [each for each in sentences if not all(re.search("[一-鿿]", text) for text in chinese(each))]

    assert [told(each) for each in without if english(each) not in ALIKE] == []


@no_database
@every_script
def test_both_languages_name_the_same_values(code):
    differing = [each for each in messages(code) if any(values(text) != values(_fullest(each)) for text in chinese(each))]

    assert [told(each) for each in differing] == []


def values(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def _fullest(message: Message) -> str:
    """The sentence; of one that counts its plural, which names the number too."""
    return message.id if isinstance(message.id, str) else message.id[1]


@no_database
@every_script
def test_a_percent_sign_stands_only_before_a_value(code):
    stray = [told(message) for message in messages(code) if any("%" in PLACEHOLDER.sub("", text) for text in chinese(message))]

    assert stray == []


@no_database
@every_script
def test_the_words_of_the_glossary_are_kept(code):
    wanted = {row["English"]: row[SCRIPTS[code]] for row in glossary()}

    other = {english(each): each.string for each in messages(code) if wanted.get(english(each), each.string) != each.string}

    assert other == {}


@no_database
def test_the_traditional_catalogue_is_the_simplified_one_in_other_signs():
    made = {english(each): chinese(each) for each in messages("zh_Hant")}

    wanted = {english(each): list(map(traditional, chinese(each))) for each in messages("zh_Hans")}

    assert {name: text for name, text in made.items() if wanted.get(name) != text} == {}, "make messages writes it anew"


@no_database
@pytest.mark.parametrize("code", SCRIPTS)
def test_chinese_has_one_form_for_every_number(code):
    catalogue: Catalog = read(code)

    assert catalogue.plural_forms == "nplurals=1; plural=0;"


# ---- values in sentences --------------------------------------------------------------------------------------------


@no_database
@pytest.mark.parametrize(
    ("language", "dated", "timed"),
    [
        ("en", "19 Nov 2026", "19 Nov 2026, 09:05"),
        ("zh-Hans", "2026年11月19日", "2026年11月19日 09:05"),
        ("zh-Hant", "2026年11月19日", "2026年11月19日 09:05"),
    ],
)
def test_days_and_moments_are_written_as_the_reader_writes_them(language, dated, timed):
    nine_in_shanghai = datetime(2026, 11, 19, 1, 5, tzinfo=UTC)

    assert day(date(2026, 11, 19), language) == dated
    assert moment(nine_in_shanghai, language) == timed


@no_database
@pytest.mark.parametrize(
    ("language", "this_year", "another"),
    [("en", "Thu 19 Nov", "19 Nov 2025"), ("zh-Hans", "11月19日", "2025年11月19日"), ("zh-Hant", "11月19日", "2025年11月19日")],
)
def test_a_short_day_names_the_year_only_when_it_is_another(language, this_year, another, clock):
    clock.set(NOW)

    assert short_day(date(2026, 11, 19), language) == this_year
    assert short_day(date(2025, 11, 19), language) == another


@no_database
@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Only ¥1,234.50 is left on Marketing · Travel."),
        ("zh-Hans", "市场部 · 差旅费仅剩 ¥1,234.50。"),
        ("zh-Hant", "市场部 · 差旅费僅剩 ¥1,234.50。"),
    ],
)
def test_a_sentence_and_its_values_are_said_in_one_language(language, sentence):
    line = _("%(department)s · %(category)s", department=Name("市场部", "Marketing"), category=Name("差旅费", "Travel"))

    assert say(_("Only %(left)s is left on %(line)s.", left=Money(123450), line=line), language) == sentence


@no_database
@pytest.mark.parametrize(
    ("language", "one", "many"),
    [
        ("en", "1 file removed.", "3 files removed."),
        ("zh-Hans", "已清理 1 个文件。", "已清理 3 个文件。"),
        ("zh-Hant", "已清理 1 個文件。", "已清理 3 個文件。"),
    ],
)
def test_a_number_chooses_the_form_of_its_language(language, one, many):
    assert [say(_n("%(n)s file removed.", "%(n)s files removed.", n), language) for n in (1, 3)] == [one, many]


@no_database
@pytest.mark.parametrize(
    ("gone", "sentences"),
    [
        (timedelta(seconds=5), ("just now", "刚刚", "剛剛")),
        (timedelta(minutes=1), ("1 minute ago", "1 分钟前", "1 分鐘前")),
        (timedelta(hours=5), ("5 hours ago", "5 小时前", "5 小時前")),
        (timedelta(days=2), ("2 days ago", "2 天前", "2 天前")),
    ],
)
def test_how_long_ago_is_said_in_three_languages(gone, sentences, clock):
    now = clock.set(NOW)

    assert tuple(say(ago(now - gone), language) for language in ("en", "zh-Hans", "zh-Hant")) == sentences


@no_database
@pytest.mark.parametrize(
    ("until", "sentences"),
    [
        (timedelta(hours=3), ("3 hours left", "剩余 3 小时", "剩餘 3 小時")),
        (timedelta(hours=47, minutes=59), ("47 hours left", "剩余 47 小时", "剩餘 47 小時")),
        (timedelta(days=2), ("2 days left", "剩余 2 天", "剩餘 2 天")),
        (timedelta(hours=-1), ("1 hour late", "逾期 1 小时", "逾期 1 小時")),
        (timedelta(days=-4), ("4 days late", "逾期 4 天", "逾期 4 天")),
    ],
)
def test_how_long_is_left_is_said_in_three_languages(until, sentences, clock):
    now = clock.set(NOW)

    assert tuple(say(left(now + until), language) for language in ("en", "zh-Hans", "zh-Hant")) == sentences


@no_database
def test_how_late_is_counted_in_days_of_the_calendar(clock):
    clock.set("2026-11-29 06:00")

    assert say(left(end_of(date(2026, 11, 27))), "en") == "2 days late"
    assert say(left(end_of(date(2026, 11, 28))), "en") == "6 hours late"


@no_database
def test_the_day_of_a_moment_is_the_day_it_is_here(clock):
    early = clock.set("2026-11-29 06:00")  # the day before, by the clock of Greenwich

    assert (day(early, "en"), short_day(early, "en")) == ("29 Nov 2026", "Sun 29 Nov")


# ---- which language -------------------------------------------------------------------------------------------------


@no_database
@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        (["zh-TW", "zh"], "zh-Hant"),
        (["zh-HK"], "zh-Hant"),
        (["zh-MO"], "zh-Hant"),
        (["zh-Hant-CN"], "zh-Hant"),
        (["zh-CN", "en"], "zh-Hans"),
        (["zh"], "zh-Hans"),
        (["zh-SG"], "zh-Hans"),
        (["en-GB", "zh-CN"], "en"),
        (["fr", "en"], "en"),
        (["fr"], "zh-Hans"),
        ([], "zh-Hans"),
    ],
)
def test_the_browser_asks_for_a_language(accepted, language):
    assert chosen(accepted) == language


@pytest.mark.parametrize(
    ("asked", "sign_in"),
    [("zh-TW,zh;q=0.8", "登錄"), ("zh-CN", "登录"), ("en;q=0.3,zh-HK;q=0.9", "登錄"), ("en-US,en", "Sign in")],
)
def test_the_door_speaks_the_browsers_language(asked, sign_in, client):
    page = client().get("/sign-in", headers={"Accept-Language": asked})

    assert f"<h1>{sign_in}</h1>" in page.text


def test_the_switch_at_the_door_is_kept_for_the_browser(client, app):
    app.config["WTF_CSRF_ENABLED"] = False
    browser = client()

    browser.post("/language", data={"language": "zh-Hant", "next": "/sign-in"})

    page = browser.get("/sign-in", headers={"Accept-Language": "en"})
    assert '<html lang="zh-Hant"' in page.text
    assert "登錄" in page.text


def test_the_switch_is_kept_for_the_person_in_every_browser(client, cast, app):
    app.config["WTF_CSRF_ENABLED"] = False
    client(cast.ann).post("/language", data={"language": "zh-Hant"})

    elsewhere = client(cast.ann).get("/", headers={"Accept-Language": "en"})

    assert cast.ann.language == "zh-Hant"
    assert '<html lang="zh-Hant"' in elsewhere.text


def test_a_language_that_is_not_spoken_changes_nothing(client, cast, app):
    app.config["WTF_CSRF_ENABLED"] = False

    client(cast.ann).post("/language", data={"language": "tlh"})

    assert cast.ann.language == ""


# ---- kept as message and values -------------------------------------------------------------------------------------


@pytest.fixture
def returned(cast, app):
    """A spending request of Ann's that Mei, who reads English, has returned."""
    Person.update(language="en").where(Person.id == cast.mei.id).execute()
    case = budgets.asked(cast.ann, budgets.budget_line(cast.department("Marketing"), 5000))
    token = languages.reading.set("en")
    case = steps.take(cast.mei, case.id, "return", note="Which fair?")
    languages.reading.reset(token)
    return case


@pytest.mark.parametrize(
    ("language", "sentence"), [("zh-Hans", "已退回修改"), ("zh-Hant", "已退回修改"), ("en", "returned it for correction")]
)
def test_a_notice_is_read_in_the_readers_language(language, sentence, returned, cast, client):
    Person.update(language=language).where(Person.id == cast.ann.id).execute()

    page = client(cast.ann).get("/notices")

    assert Notice.select().where(Notice.person == cast.ann).count() == 1
    assert f'<html lang="{language}"' in page.text
    assert sentence in page.text


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("zh-Hans", "<bdi>梅</bdi>已退回修改"),
        ("zh-Hant", "<bdi>梅</bdi>已退回修改"),
        ("en", "<bdi>Mei</bdi> returned it for correction"),
    ],
)
def test_the_timeline_is_told_in_the_readers_language(language, sentence, returned, cast, client):
    Person.update(language=language).where(Person.id == cast.ann.id).execute()

    page = client(cast.ann).get(f"/papers/{returned.id}")

    assert sentence in page.text.replace("<b>", "").replace("</b>", "")
    assert "Which fair?" in page.text


def test_a_refusal_is_kept_until_somebody_reads_it(returned, cast):
    with pytest.raises(Refused) as refused:
        steps.take(cast.mei, returned.id, "approve")

    again = from_json(to_json(refused.value.why))

    assert say(again, "en") == "This step is not open any more: the paper is Draft."
    assert say(again, "zh-Hans") == "单据状态为“草稿”，此步已不能办理。"
    assert say(again, "zh-Hant") == "單據狀態為“草稿”，此步已不能辦理。"


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "There is nothing here, or it is not yours to see."),
        ("zh-Hans", "内容不存在，或您无权查看。"),
        ("zh-Hant", "內容不存在，或您無權查看。"),
    ],
)
def test_a_refused_page_says_so_in_the_readers_language(language, sentence, cast, client):
    Person.update(language=language).where(Person.id == cast.ann.id).execute()

    page = client(cast.ann).get("/papers/999999")

    assert page.status_code == 404
    assert sentence in page.text
