"""Every sentence for people stands in the Dutch catalogue, once, with the same placeholders."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "polling" / "locale" / "nl" / "LC_MESSAGES" / "polling.po"
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def messages_in_code() -> set[str]:
    found = set()
    for folder, pattern, method in (("polling", "**.py", "python"), ("templates", "**.html", "jinja2")):
        for _, _, message, _, _ in extract_from_dir(ROOT / folder, [(pattern, method)]):
            found.add(message[0] if isinstance(message, tuple) else message)
    return found


def test_every_sentence_is_translated_and_none_is_left_over() -> None:
    with CATALOGUE.open("rb") as source:
        catalogue = read_po(source, locale="nl")
    translated = {}
    for message in catalogue:
        if message.id:
            key = message.id[0] if isinstance(message.id, tuple | list) else message.id
            translated[key] = message
    assert set(translated) == messages_in_code()
    assert [key for key, message in translated.items() if message.fuzzy or not message.string] == []


def test_a_translation_has_the_placeholders_of_its_sentence() -> None:
    with CATALOGUE.open("rb") as source:
        catalogue = read_po(source, locale="nl")
    for message in catalogue:
        ids = message.id if isinstance(message.id, tuple | list) else (message.id,)
        strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
        for string in filter(None, strings):
            if message.id:
                assert set(PLACEHOLDER.findall(string)) <= {
                    name for text in ids for name in PLACEHOLDER.findall(text)
                }, string
                assert set(PLACEHOLDER.findall(ids[0])) <= set(PLACEHOLDER.findall(string)) | {"num", "n"}, string
