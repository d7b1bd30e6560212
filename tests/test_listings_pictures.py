"""Pictures of many products brought at once, each file named by a SKU (SHF-08, SHF-15)."""

from __future__ import annotations

import io
from typing import Any

import pytest

from portal import attachments
from portal.attachments import Attachment
from portal.listings.models import Product
from portal.listings.rules_arrangements import archive
from portal.listings.rules_files import upload_image_bytes
from portal.listings.rules_pictures import MOST_PICTURES, Picture, bring_pictures
from portal.listings.rules_products import content_of, pictures_of
from portal.refused import Mistyped, NotYours, Refused
from tests import shop
from tests.cast import Cast
from tests.test_listings_prices import forms_without_tokens  # noqa: F401

RED, BLUE, GREEN = (shop.picture(colour=colour) for colour in ("red", "blue", "green"))


@pytest.fixture(autouse=True)
def folder(tmp_path: Any, database: str) -> None:
    attachments.keep_in(tmp_path)


def names(cast: Cast, code: str) -> list[str]:
    return [each.name for each in pictures_of(content_of(Product.get_by_id(shop.draft(cast, code).id)))]


def bring(cast: Cast, *pictures: tuple[str, bytes], by: str = "yao") -> Any:
    return bring_pictures(shop.staff(cast, by), [Picture(*each) for each in pictures])


def test_shf_08_each_file_goes_to_the_product_it_is_named_by(cast: Cast) -> None:
    for code in ("CUP", "CUP-2", "HAT"):
        shop.draft(cast, code)

    done = bring(cast, ("HAT (2).png", RED), ("cup-3.PNG", GREEN), ("CUP.png", BLUE), ("CUP-2.png", RED), ("HAT.png", BLUE))

    assert (done.products, done.known) == (3, 0)
    assert names(cast, "CUP") == ["CUP.png", "cup-3.png"]
    assert names(cast, "CUP-2") == ["CUP-2.png"]  # a SKU of its own, not the second picture of another
    assert names(cast, "HAT") == ["HAT.png", "HAT (2).png"]


def test_new_ones_stand_behind_those_that_are_there_and_the_same_again_changes_nothing(cast: Cast) -> None:
    shop.draft(cast)
    bring(cast, ("CUP.png", RED))

    again = bring(cast, ("CUP.png", RED), ("CUP-2.png", BLUE))
    once_more = bring(cast, ("CUP.png", RED), ("CUP-2.png", BLUE))

    assert (again.products, again.known, once_more.products, once_more.known) == (1, 1, 0, 2)
    assert names(cast, "CUP") == ["CUP.png", "CUP-2.png"]
    assert Product.get_by_id(shop.draft(cast).id).version == 3
    assert len(attachments.of("product", shop.draft(cast).id)) == 2


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("HATS.png", RED, "No product has the SKU these files are named by"),
        ("CUP.gif", RED, "not a kind of file"),
        ("CUP-2.png", b"no picture", "does not contain what its name says"),
        ("CUP-2.png", RED + b"\0" * 512_000, "at most 500 KB can be attached"),
    ],
)
def test_shf_15_while_one_file_is_not_right_none_is_kept(cast: Cast, name: str, content: bytes, why: str) -> None:
    shop.draft(cast)
    assert upload_image_bytes() == 512_000

    with pytest.raises(Mistyped, match=why) as refusal:
        bring(cast, ("CUP.png", BLUE), (name, content))

    assert refusal.value.field == "file"
    assert Attachment.select().count() == 0 and names(cast, "CUP") == []


def test_what_is_archived_keeps_its_pictures(cast: Cast) -> None:
    archive(shop.staff(cast, "shu"), shop.draft(cast).id)

    with pytest.raises((Refused, NotYours)):
        bring(cast, ("CUP.png", RED))


def test_no_more_than_one_sending_holds_and_not_none(cast: Cast) -> None:
    shop.draft(cast)

    for files in ([], [("CUP.png", RED)] * (MOST_PICTURES + 1)):
        with pytest.raises(Mistyped, match="Choose from 1 to"):
            bring(cast, *files)


def test_who_only_plans_brings_no_pictures(cast: Cast) -> None:
    shop.draft(cast)

    with pytest.raises(NotYours):
        bring(cast, ("CUP.png", RED), by="pan")


def test_the_designer_brings_them_in_the_browser(cast: Cast, client: Any) -> None:
    shop.draft(cast)
    yao = client(shop.staff(cast, "yao"))

    def send(*files: tuple[str, bytes]) -> Any:
        return yao.post("/products/pictures", data={"file": [(io.BytesIO(content), name) for name, content in files]})

    done, wrong, nothing = send(("CUP.png", RED)), send(("HAT.png", RED)), send()

    assert [each.status_code for each in (done, wrong, nothing)] == [303, 422, 422]
    assert names(cast, "CUP") == ["CUP.png"]
    assert "HAT.png" in wrong.text and 'aria-invalid="true"' in wrong.text
    assert 'href="/products/pictures"' in yao.get("/products").text
