"""Writes the traditional catalogue from the simplified one: signs by OpenCC, words as the glossary writes them."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import opencc
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from portal.languages import CATALOGUES

GLOSSARY = CATALOGUES / "glossary.csv"
SIGNS = {  # where OpenCC prefers a sign that mainland books in traditional script do not use
    "審覈": "審核",
    "覈": "核",
    "爲": "為",
    "蔘": "參",  # 本人参与 is no ginseng
    "麪": "麵",
    "傢俱": "家具",
    "臺": "台",
    "佈": "布",
    "啓": "啟",
    "裏": "裡",
    "羣": "群",
    "僞": "偽",
    "峯": "峰",
    "喫": "吃",
    "牀": "床",
}


def glossary() -> list[dict[str, str]]:
    with GLOSSARY.open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))


def traditional(text: str) -> str:
    """The simplified text in traditional signs."""
    converted = _plain(text)
    for automatic, wanted in _words().items():
        converted = converted.replace(automatic, wanted)
    return converted


def _plain(text: str) -> str:
    converted = _converter().convert(text)
    for automatic, wanted in SIGNS.items():
        converted = converted.replace(automatic, wanted)
    return converted


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


@cache
def _words() -> dict[str, str]:
    """Words of the glossary that signs alone do not give."""
    pairs = {_plain(row["简体"]): row["繁體"] for row in glossary()}
    return {automatic: wanted for automatic, wanted in pairs.items() if automatic != wanted}


def catalogue(code: str) -> Path:
    return CATALOGUES / code / "LC_MESSAGES" / "portal.po"


def read(code: str) -> Catalog:
    with catalogue(code).open("rb") as source:
        return read_po(source, locale=code)


def write() -> None:
    simplified, made = read("zh_Hans"), read("zh_Hant")
    for message in simplified:
        if message.id:
            made[message.id].string = _of(message.string)
    with catalogue("zh_Hant").open("wb") as target:
        write_po(target, made, width=None)


def _of(string: str | tuple[str, ...]) -> str | tuple[str, ...]:
    return traditional(string) if isinstance(string, str) else tuple(map(traditional, string))


if __name__ == "__main__":
    write()
