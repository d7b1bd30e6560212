"""Products: contents that somebody vouches for, how the shop is arranged, what is asked of design (SHF-08 to SHF-17)."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from portal import access, attachments, contents, history, policies, steps, thumbnails
from portal import clock as now
from portal.attachments import Attachment
from portal.cases import Case
from portal.differences import differences
from portal.flow import FLOWS
from portal.listings import rules_arrangements as arranging
from portal.listings import rules_products
from portal.listings.models import Product, SpecialPrice
from portal.listings.models_arrangements import Arrangement, to_review
from portal.listings.models_contents import difference, shown_to_all, told, versions
from portal.listings.models_products import SORTS, Sought, every, found, ids, key_of, latest_content, listed
from portal.listings.models_tasks import task_content
from portal.listings.rules_files import attach, upload_image_bytes
from portal.listings.rules_products import add_product, change_product, vouch, vouch_for, write_content
from portal.money import HIGHEST, Money
from portal.notices import Notice
from portal.offers import forecast
from portal.papers.rules import unsaved
from portal.refused import Mistyped, NotThere, NotYours, Refused, SomebodyWasFirst
from tests import posts, shelf, shop
from tests.cast import Cast
from tests.test_attachments import PDF
from tests.videos import mp4, webm

NEVER = 2**31


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Path:
    attachments.keep_in(tmp_path)
    return tmp_path


def afresh(product: Product) -> Product:
    return Product.get_by_id(product.id)


def keep(cast: Cast, product: Product, name: str, content: bytes, user: str = "yao") -> Attachment:
    return attach(shop.staff(cast, user), product.id, name, io.BytesIO(content))


# ---- contents -------------------------------------------------------------------------------------------------------


def test_shf_09_a_designer_changes_pictures_and_a_copywriter_the_words(cast: Cast) -> None:
    product = shop.draft(cast)
    picture = keep(cast, product, "front.png", shop.picture())

    product = write_content(shop.staff(cast, "yao"), product.id, product.version, files=[picture.id])
    product = write_content(shop.staff(cast, "cui"), product.id, product.version, {"description": "更好用"})

    newest = versions(product.id, [product.version])[product.version]
    assert (newest.n, newest.texts["description"], [file.id for file in newest.pictures]) == (3, "更好用", [picture.id])
    with pytest.raises(NotYours):
        write_content(shop.staff(cast, "yao"), product.id, product.version, {"description": "mine"})
    with pytest.raises(SomebodyWasFirst):
        write_content(shop.staff(cast, "cui"), product.id, 1, {"description": "late"})


def test_shf_16_many_are_vouched_for_at_once_but_none_that_was_written_since(cast: Cast) -> None:
    shu = shop.staff(cast, "shu")
    read, written, vouched = (shop.draft(cast, code) for code in ("CUP", "HAT", "BAG"))
    vouch(shu, vouched.id, vouched.version)
    latest = latest_content()
    write_content(shu, written.id, written.version, {"description": "new"})

    done = vouch_for(shu, [read.id, written.id, vouched.id], latest)

    assert done == 1
    assert [afresh(each).checked_version for each in (read, written, vouched)] == [1, None, 1]
    assert history.history_of(afresh(read))[-1].action == "vouch"
    with pytest.raises(NotYours):
        vouch_for(shop.staff(cast, "pan"), [written.id], NEVER)


def test_costs_are_entered_and_read_by_those_who_may_know_them(cast: Cast) -> None:
    pan, shu, product = shop.staff(cast, "pan"), shop.staff(cast, "shu"), shop.draft(cast)

    with pytest.raises(NotYours):
        change_product(shu, product.id, product.events, cost=Money(1))
    with pytest.raises(NotYours):
        add_product(shu, "HAT", product.item.category, {"name": "帽"}, cost=Money(1))
    change_product(pan, product.id, product.events, season="winter", is_main=True, cost=Money(4000))

    changes = {sees: {label.message for label, *_values in told(product.id, sees)[0][1].changes} for sees in (True, False)}
    assert changes == {True: {"Season", "Promoted first", "Cost"}, False: {"Season", "Promoted first"}}


def test_two_versions_differ_in_words_and_files(cast: Cast) -> None:
    product = shop.draft(cast, description="soft and warm")
    one, two, three = (keep(cast, product, f"{n}.png", shop.picture(n)) for n in (8, 9, 10))
    shu = shop.staff(cast, "shu")
    product = write_content(shu, product.id, product.version, files=[one.id, two.id])
    product = write_content(shu, product.id, product.version, {"description": "soft and dry"}, [three.id, two.id, one.id])

    chosen = versions(product.id, [2, 3])
    differs = difference(chosen[2], chosen[3])

    assert [[tuple(piece) for piece in pieces] for _label, pieces in differs.texts] == [
        [("same", "soft and "), ("gone", "warm"), ("new", "dry")]
    ]
    assert [(sort, file.name) for sort, file in differs.files] == [("new", "10.png"), ("moved", "9.png")]


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("", "new", [("new", "new")]),
        ("same", "same", [("same", "same")]),
        ("四件套，柔软", "三件套，柔软", [("gone", "四"), ("new", "三"), ("same", "件套，柔软")]),
        ("a\nb\n", "a\nc\n", [("same", "a\n"), ("gone", "b"), ("new", "c"), ("same", "\n")]),
    ],
)
def test_texts_are_compared_by_words_and_by_chinese_signs(before: str, after: str, pieces: list[tuple[str, str]]) -> None:
    assert [tuple(piece) for piece in differences(before, after)] == pieces


@pytest.mark.no_database
def test_texts_that_share_nothing_are_compared_in_no_time() -> None:
    before, after = ("".join(chr(97 + (n * step) % 26) + " " for n in range(10_000)) for step in (3, 7))

    whole = differences(before, after)

    assert "".join(piece.text for piece in whole if piece.sort != "new") == before


# ---- files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("big.png", shop.picture() + b"\0" * 600 * 1024, "big.png is 601 KB; at most 500 KB can be attached."),
        ("big.pdf", PDF + b"\0" * 1024 * 1024, "big.pdf is 1.1 MB; at most 1 MB can be attached."),
        ("drawing.svg", b"<svg/>", "drawing.svg is not a kind of file"),
        ("page.html", b"<html/>", "page.html is not a kind of file"),
        ("lines.xlsm", b"PK\x03\x04", "lines.xlsm is not a kind of file"),
        ("film.mp4", webm(), "film.mp4 does not contain what its name says."),
        ("film.mp4", mp4()[:-4], "film.mp4 cannot be read to its end."),
        ("film.mp4", mp4().replace(b"isom", b"evil", 1), "film.mp4 does not contain what its name says."),
        ("film.webm", webm(b"matroska"), "film.webm does not contain what its name says."),
        ("film.webm", webm()[:-4], "film.webm cannot be read to its end."),
    ],
)
def test_shf_15_what_is_too_large_or_something_else_is_refused_with_its_real_size(
    name: str, content: bytes, why: str, cast: Cast
) -> None:
    product = shop.draft(cast)

    with pytest.raises(Mistyped, match=why.replace(".", r"\.")):
        keep(cast, product, name, content)


def _photograph(kind: str, **how: Any) -> bytes:
    """One that is full of detail, as its camera or its editor pressed it together."""
    written = io.BytesIO()
    Image.effect_noise((500, 400), 60).convert("RGB").save(written, kind, **how)
    return written.getvalue()


@pytest.mark.parametrize(("name", "kind", "how"), [
    ("cup.jpg", "JPEG", {"quality": 50}), ("cup.webp", "WEBP", {"quality": 50}), ("cup.png", "PNG", {"optimize": True}),
])  # fmt: skip
def test_inf_17_a_picture_let_in_by_its_size_is_not_kept_larger(name: str, kind: str, how: dict[str, Any], cast: Cast) -> None:
    content = _photograph(kind, **how)
    policies.change(shop.staff(cast, "dee"), upload_image_bytes, len(content))

    kept = keep(cast, shop.draft(cast), name, content)

    assert kept.size_bytes <= len(content)


@pytest.mark.parametrize(("name", "content", "kind"), [
    ("film.mp4", mp4(), "video/mp4"), ("film.webm", webm(), "video/webm"), ("care.pdf", PDF, "application/pdf"),
])  # fmt: skip
def test_videos_and_documents_stand_beside_pictures(name: str, content: bytes, kind: str, cast: Cast) -> None:
    assert keep(cast, shop.draft(cast), name, content).type == kind


def test_a_small_picture_is_kept_beside_and_made_anew_when_it_is_lost(cast: Cast, folder: Path) -> None:
    kept = keep(cast, shop.draft(cast), "wide.png", shop.picture(900, 300))

    small = thumbnails.of(kept)
    small.unlink()

    with Image.open(thumbnails.of(kept)) as picture:
        assert (picture.format, picture.size) == ("WEBP", (240, 80))
    assert folder / "files" not in small.parents


def test_only_files_of_the_version_shown_are_for_everybody(cast: Cast) -> None:
    product = shop.on_shelf(cast)
    (shown,) = attachments.of("product", product.id)
    newer = shop.attached(product, shop.staff(cast, "shu"), "side.png")
    write_content(shop.staff(cast, "shu"), product.id, product.version, files=[shown.id, newer.id])

    assert (shown_to_all(shown), shown_to_all(newer)) == (True, False)
    assert not shown_to_all(shown, now.now() - timedelta(days=1))


# ---- the register ---------------------------------------------------------------------------------------------------


def codes(cast: Cast, **sought: Any) -> set[str]:
    return {row.code for row in found(Sought(**sought), access.posts_of(shop.staff(cast, "pan")))}


def test_products_are_found_by_code_name_brand_and_mark(cast: Cast) -> None:
    shop.draft(cast, "CUP-01", brand="云杉", name="马克杯")
    hat = shop.draft(cast, "HAT-02", brand="Alder", name_en="Warm hat")
    change_product(shop.staff(cast, "pan"), hat.id, hat.events, season="winter", is_main=True)

    asked = [
        codes(cast, words=words) for words in ("CUP-01", "马克", "warm h", "云杉", "no such")
    ] + [codes(cast, brand="Alder"), codes(cast, season="winter"), codes(cast, is_main=True)]  # fmt: skip

    assert asked == [{"CUP-01"}, {"CUP-01"}, {"HAT-02"}, {"CUP-01"}, set(), {"HAT-02"}, {"HAT-02"}, {"HAT-02"}]
    assert found(Sought(words="CUP-01"), access.posts_of(cast.bo)) == []


def test_a_product_is_listed_by_how_it_stands_at_the_moment(cast: Cast, clock: Any) -> None:
    shop.draft(cast, "DRAFT")
    product = shop.on_shelf(cast, "SHOWN")
    planned = shop.request(cast, shop.ready(cast, "LATER").item.code, by="pan", planned_at=now.now() + timedelta(hours=2))
    for user, name in (("pan", "submit"), ("dee", "approve"), ("shu", "put_up")):
        steps.take(shop.staff(cast, user), planned.id, name)
    write_content(shop.staff(cast, "cui"), product.id, product.version, {"description": "newer"})
    arranging.archive(shop.staff(cast, "shu"), shop.draft(cast, "GONE").id)
    steps.take(shop.staff(cast, "pan"), shop.proposal(cast, {"DRAFT": 5}).id, "submit")

    states = {state: codes(cast, state=state) for state in ("draft", "up", "planned", "archived", "newer", "price", "unread")}
    clock.forward(hours=3)

    assert states == {
        "draft": {"DRAFT"}, "up": {"SHOWN"}, "planned": {"LATER"}, "archived": {"GONE"}, "newer": {"SHOWN"},
        "price": {"DRAFT"}, "unread": {"DRAFT", "SHOWN"},
    }  # fmt: skip
    assert codes(cast, state="up", at=now.now()) == {"SHOWN", "LATER"}
    assert codes(cast) == {"DRAFT", "SHOWN", "LATER"}


@pytest.mark.parametrize("sort", SORTS)
def test_pages_of_the_list_hold_every_product_once(sort: str, cast: Cast) -> None:
    for code in ("B", "a", "C", "D", "e"):
        shop.draft(cast, code)
    arranging.place(shop.staff(cast, "shu"), {shop.draft(cast, "a").id: (0, 7), shop.draft(cast, "C").id: (0, 3)})
    sought, seen = Sought(sort=sort), list[str]()

    while rows := found(sought, access.posts_of(shop.staff(cast, "pan")), 2):
        seen += [row.code for row in rows]
        sought = replace(sought, after=key_of(rows[-1], sort))

    assert sorted(seen) == ["B", "C", "D", "a", "e"]
    assert seen == [row.code for row in every(Sought(sort=sort), access.posts_of(shop.staff(cast, "pan")))]
    assert len(ids(Sought(), access.posts_of(shop.staff(cast, "pan")))) == 5


def test_the_list_shows_the_price_of_the_moment_and_where_it_comes_from(cast: Cast) -> None:
    product, case = shop.priced(cast, "CUP", 100), Case.get()
    SpecialPrice.create(
        product=product, case=case, fen=Money(8000), starts_at=now.now(), ends_at=now.now() + timedelta(hours=1),
        by=shop.staff(cast, "shu"), at=now.now(),
    )  # fmt: skip

    row = listed(product.id)

    assert row is not None
    assert (row.price.own, row.price.price, row.price.case, row.margin) == (10000, 8000, case.id, 625)


# ---- how the shop is arranged ---------------------------------------------------------------------------------------


def test_shf_11_categories_are_moved_by_the_specialist_and_looked_at_by_the_planner(cast: Cast) -> None:
    product, shu, pan = shop.draft(cast), shop.staff(cast, "shu"), shop.staff(cast, "pan")
    before, other = product.item.category, arranging.add_category(shu, "服装", "Clothing")
    with pytest.raises(NotYours):
        arranging.move_to(pan, product.id, other.id, before.id)

    arranging.move_to(shu, product.id, other.id, before.id)

    assert afresh(product).item.category == other
    assert [(str(row.what), row.called.name, str(row.before), str(row.after)) for row in to_review()] == [
        ("Category added", "服装", "None", "服装"), ("Moved to another category", "商品CUP", "家居", "服装"),
    ]  # fmt: skip
    with pytest.raises(SomebodyWasFirst):
        arranging.move_to(shu, product.id, before.id, before.id)


def test_shf_11_who_arranged_hears_what_should_be_otherwise(cast: Cast) -> None:
    shu, pan = shop.staff(cast, "shu"), shop.staff(cast, "pan")
    arranging.add_category(shu, "服装", "Clothing")
    (row,) = to_review()
    with pytest.raises(NotYours):
        arranging.review(shu, [row.id])

    seen = arranging.review(pan, [row.id], "too broad")

    assert (seen, to_review(), arranging.review(pan, [row.id])) == (1, [], 0)
    assert "too broad" in str(Notice.get(Notice.person == shu).words())


def test_nobody_looks_at_the_own_arrangements(cast: Cast) -> None:
    shu = shop.staff(cast, "shu")
    posts.grant(shu, "planner")
    arranging.add_category(shu, "服装", "Clothing")

    assert arranging.review(shu, [Arrangement.get().id]) == 0


def test_shf_17_places_count_at_once_and_every_change_is_written_down(cast: Cast) -> None:
    shu, product = shop.staff(cast, "shu"), shop.draft(cast)

    moved = arranging.place(shu, {product.id: (0, 5), shop.draft(cast, "HAT").id: (0, 0)})

    assert (moved, afresh(product).position) == (1, 5)
    assert [event.action for event in history.history_of(afresh(product))][-1] == "position"
    with pytest.raises(SomebodyWasFirst):
        arranging.place(shu, {product.id: (0, 6)})
    with pytest.raises(Mistyped):
        arranging.place(shu, {product.id: (5, 10_000)})
    with pytest.raises(NotYours):
        arranging.place(shop.staff(cast, "pan"), {product.id: (5, 6)})


def test_a_category_of_supplies_is_not_one_of_the_shop(cast: Cast) -> None:
    supplies = shelf.category()

    with pytest.raises(Refused):
        arranging.change_category(shop.staff(cast, "shu"), supplies.id, "其他", "", True, supplies.events)


def test_what_stands_on_the_shelf_or_in_an_open_paper_is_not_archived(cast: Cast) -> None:
    shu, shown, asked, promoted = shop.staff(cast, "shu"), shop.on_shelf(cast), shop.draft(cast, "HAT"), shop.draft(cast, "BAG")
    case = shop.proposal(cast, {"HAT": 10})
    steps.take(shop.staff(cast, "pan"), case.id, "submit")
    SpecialPrice.create(
        product=promoted, case=case, gift="bag", starts_at=now.now(), ends_at=now.now() + timedelta(days=1), by=shu, at=now.now()
    )

    for product, why in ((shown, "on the shelf"), (asked, "PP-"), (promoted, "promotion")):
        with pytest.raises(Refused, match=why):
            arranging.archive(shu, product.id)


def test_archiving_erases_nothing_and_can_be_undone(cast: Cast) -> None:
    shu, product = shop.staff(cast, "shu"), shop.described(cast)
    with pytest.raises(NotYours):
        arranging.archive(shop.staff(cast, "pan"), product.id)

    arranging.archive(shu, product.id)

    with pytest.raises(Refused, match="archived"):
        write_content(shu, product.id, product.version, {"description": "new"})
    with pytest.raises(SomebodyWasFirst):
        vouch(shu, product.id, product.version)
    arranging.restore(shu, product.id)
    assert (afresh(product).is_archived, len(to_review())) == (False, 2)
    assert versions(product.id, [1, 2]).keys() == {1, 2}


# ---- what is asked of design ----------------------------------------------------------------------------------------


def task(cast: Cast, needs: str = "pictures", **more: Any) -> Case:
    content = task_content("Winter", needs, more.pop("brief", "on white"), **more)
    return contents.create(FLOWS["content_task"], shop.staff(cast, "pan"), content, f"task {Case.select().count()}")


def test_shf_08_pictures_are_asked_of_the_designer_and_accepted_by_who_asked(cast: Cast) -> None:
    product, pan, yao = shop.draft(cast), shop.staff(cast, "pan"), shop.staff(cast, "yao")
    case = steps.take(pan, task(cast, product=product).id, "submit")
    assert posts.waiting(case) == [("designer", "designer", False)]
    with pytest.raises(Refused, match="as they were"):
        steps.take(yao, case.id, "hand_in")

    product = write_content(yao, product.id, 1, files=[keep(cast, product, "front.png", shop.picture()).id])
    steps.take(yao, case.id, "hand_in")
    case = steps.take(pan, case.id, "redo", note="darker")

    assert (case.state, posts.waiting(case)[0][1]) == ("drawing", "designer")
    with pytest.raises(Refused, match="as they were"):
        steps.take(yao, case.id, "hand_in")
    write_content(yao, product.id, product.version, files=[keep(cast, product, "dark.png", shop.picture(9)).id])
    steps.take(yao, case.id, "hand_in")
    assert steps.take(pan, case.id, "accept").state == "done"


def test_who_asks_is_foretold_to_accept_what_comes_back(cast: Cast) -> None:
    ahead = forecast(unsaved(FLOWS["content_task"], shop.staff(cast, "pan")))

    assert [([person.user for person in each.people], each.stuck) for each in ahead] == [(["yao"], False), (["pan"], False)]


def test_pro_13_words_and_pages_go_to_whom_they_belong(cast: Cast) -> None:
    pan = shop.staff(cast, "pan")
    words = steps.take(pan, task(cast, "description", product=shop.draft(cast)).id, "submit")
    poster = steps.take(pan, task(cast, "page", about="Winter sale", due_on=now.today()).id, "submit")

    assert [posts.waiting(each)[0][1] for each in (words, poster)] == ["copywriter", "designer"]
    with pytest.raises(Refused, match="Attach"):
        steps.take(shop.staff(cast, "yao"), poster.id, "hand_in")
    attachments.store("case", poster.id, "paper", "poster.pdf", io.BytesIO(PDF), shop.staff(cast, "yao"))
    assert steps.take(shop.staff(cast, "yao"), poster.id, "hand_in").state == "made"


def test_a_task_says_what_for_and_is_asked_by_those_who_enter_products(cast: Cast) -> None:
    with pytest.raises(Refused, match="Name the product"):
        steps.take(shop.staff(cast, "pan"), task(cast).id, "submit")
    with pytest.raises(Refused, match="Say what is needed"):
        steps.take(shop.staff(cast, "pan"), task(cast, about="Sale", brief="").id, "submit")
    with pytest.raises(NotYours):
        contents.create(FLOWS["content_task"], shop.staff(cast, "yao"), task_content("x", "pictures", "y", about="z"), "not mine")


# ---- what is refused ------------------------------------------------------------------------------------------------

TEXTS = {"name": "杯", "description": "好用"}


@pytest.mark.parametrize(
    ("texts", "cost", "field"),
    [
        ({"name": ""}, None, "name"),
        ({"name": "x" * 121}, None, "name"),
        ({"brand": "x" * 61}, None, "brand"),
        ({}, Money(-1), "cost"),
        ({}, HIGHEST, "cost"),
    ],
)
def test_what_cannot_be_a_product_is_refused(cast: Cast, texts: dict[str, str], cost: Money | None, field: str) -> None:
    with pytest.raises(Mistyped) as refused:
        add_product(shop.staff(cast, "pan"), "CUP", shelf.category(kind="product"), TEXTS | texts, cost)

    assert refused.value.field == field


def test_only_planner_and_specialist_enter_and_mark_products(cast: Cast) -> None:
    yao, product = shop.staff(cast, "yao"), shop.draft(cast)

    with pytest.raises(NotYours):
        add_product(yao, "HAT", product.item.category, TEXTS)
    with pytest.raises(NotYours):
        change_product(yao, product.id, product.events, season="winter")


def test_a_product_is_entered_once_with_one_form(cast: Cast) -> None:
    pan, category = shop.staff(cast, "pan"), shelf.category(kind="product")

    first, again = (add_product(pan, code, category, TEXTS, token="a-token-of-a-form") for code in ("CUP", "HAT"))

    assert first == again


def test_marks_are_changed_as_they_were_shown_to_what_there_is(cast: Cast) -> None:
    pan, product = shop.staff(cast, "pan"), shop.draft(cast)
    with pytest.raises(SomebodyWasFirst):
        change_product(pan, product.id, product.events + 1, season="winter")
    with pytest.raises(Mistyped):
        change_product(pan, product.id, product.events, season="sometime")


def test_shf_08_contents_are_written_by_who_may_over_the_version_that_was_shown(cast: Cast, monkeypatch) -> None:
    product, other = shop.draft(cast), shop.described(cast, "HAT")
    shu, foreign = shop.staff(cast, "shu"), attachments.of("product", other.id)[0]
    for user, changed in (("pan", {"files": []}), ("yao", {"texts": {"brand": "x"}}), ("pan", {"texts": {"brand": "x"}})):
        with pytest.raises(NotYours):
            write_content(shop.staff(cast, user), product.id, product.version, **changed)
    with pytest.raises(SomebodyWasFirst):
        write_content(shu, product.id, product.version + 1, {"brand": "x"})
    with pytest.raises(NotThere):
        write_content(shu, product.id, product.version, files=[foreign.id])
    monkeypatch.setattr(rules_products, "MOST_FILES", 1)
    with pytest.raises(Mistyped):
        write_content(shu, product.id, product.version, files=[foreign.id, foreign.id])


def test_shf_16_only_the_specialist_vouches_for_the_version_that_is_there(cast: Cast) -> None:
    product = shop.draft(cast)
    for vouching in (lambda pan: vouch(pan, product.id, 1), lambda pan: vouch_for(pan, [product.id], NEVER)):
        with pytest.raises(NotYours):
            vouching(shop.staff(cast, "pan"))
    write_content(shop.staff(cast, "shu"), product.id, 1, {"brand": "x"})

    with pytest.raises(SomebodyWasFirst):
        vouch(shop.staff(cast, "shu"), product.id, 1)


def test_shf_15_nothing_is_attached_by_others_or_to_what_is_archived(cast: Cast) -> None:
    product = shop.draft(cast)
    with pytest.raises(NotYours):
        keep(cast, product, "front.png", shop.picture(), "pan")
    arranging.archive(shop.staff(cast, "shu"), product.id)

    with pytest.raises(NotYours):
        keep(cast, product, "front.png", shop.picture())


def test_shf_11_nobody_but_the_specialist_arranges(cast: Cast) -> None:
    pan, product = shop.staff(cast, "pan"), shop.draft(cast)
    category = product.item.category
    arranging.archive(shop.staff(cast, "shu"), product.id)

    for arrange in (
        lambda: arranging.restore(pan, product.id),
        lambda: arranging.add_category(pan, "服装", "Clothing"),
        lambda: arranging.change_category(pan, category.id, "服装", "", True, category.events),
    ):
        with pytest.raises(NotYours):
            arrange()
    with pytest.raises(SomebodyWasFirst):
        arranging.archive(shop.staff(cast, "shu"), product.id)
    with pytest.raises(Mistyped):
        arranging.review(pan, [], "x" * 201)


@pytest.mark.parametrize(
    ("told", "field"), [({"needs": "song"}, "needs"), ({"about": "x" * 121}, "about"), ({"brief": "x" * 2001}, "brief")]
)
def test_what_cannot_be_a_task_is_refused(cast: Cast, told: dict[str, str], field: str) -> None:
    with pytest.raises(Mistyped) as refused:
        task(cast, **({"about": "Sale"} | told))

    assert refused.value.field == field


def test_nothing_is_asked_for_what_is_archived_and_words_say_what_for_as_well(cast: Cast) -> None:
    product = shop.draft(cast)
    with pytest.raises(Refused, match="Name the product"):
        steps.take(shop.staff(cast, "pan"), task(cast, "description").id, "submit")
    arranging.archive(shop.staff(cast, "shu"), product.id)

    with pytest.raises(Mistyped, match="archived"):
        task(cast, product=afresh(product))


def test_words_are_handed_in_when_there_are_new_ones(cast: Cast) -> None:
    product = shop.draft(cast)
    case = steps.take(shop.staff(cast, "pan"), task(cast, "description", product=product).id, "submit")

    with pytest.raises(Refused, match="as they were"):
        steps.take(shop.staff(cast, "cui"), case.id, "hand_in")
