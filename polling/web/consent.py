"""What someone agrees to when they sign, in words: the page shows these, and the contact keeps them."""

from __future__ import annotations

from polling.core.contact import Terms
from polling.core.event import ContactFields
from polling.core.words import say
from polling.rendering import catalogue, day_in_words

Facts = tuple[tuple[str, str], ...]
"""Heading and words: what, with whom, what for, until when."""


def facts(terms: Terms, language: str) -> Facts:
    """The four facts that stand on the page before anything is typed."""
    _ = catalogue(language).gettext
    return (
        (_("What"), _what(terms.asks, language)),
        (_("With whom"), _with_whom(terms, language)),
        (_("What for"), _what_for(terms, language)),
        (_("Until"), _until(terms, language)),
    )


def promise(terms: Terms, language: str) -> str:
    """What becomes of the other answers."""
    _ = catalogue(language).gettext
    if terms.keeps_together:
        return _(
            "All your answers here are kept together: your name under this one may be read under all of them. "
            "You can withdraw at any time."
        )
    return _(
        "Your other answers stay anonymous: nothing we keep connects them to your name. You can withdraw at any time."
    )


def consent_text(terms: Terms, language: str) -> str:
    """All of it as one text, as it was read."""
    lines = [f"{heading}: {words}" for heading, words in facts(terms, language)]
    return "\n".join([*lines, promise(terms, language)])


def _what(asks: ContactFields, language: str) -> str:
    """In the same words as the offer on the phone (templates/sign/what.html)."""
    _ = catalogue(language).gettext
    words = {
        ("organisation", "required"): _("your organisation"),
        ("organisation", "optional"): _("your organisation if you give it"),
        ("phone", "required"): _("your phone number"),
        ("phone", "optional"): _("your phone number if you give it"),
    }
    asked = [words[each] for each in (("organisation", asks.organisation), ("phone", asks.phone)) if each in words]
    return ", ".join([_("this one answer, your name and e-mail"), *asked])


def _with_whom(terms: Terms, language: str) -> str:
    _ = catalogue(language).gettext
    titles = [say(group.title, language) for group in terms.groups]
    match titles:
        case []:
            whom = _("the organisers")
        case [title]:
            whom = _("the working group %(group)s and the organisers") % {"group": title}
        case [*others, last]:
            names = {"groups": ", ".join(others), "last": last}
            whom = _("the working groups %(groups)s and %(last)s, and the organisers") % names
    return f"{whom} ({say(terms.controller, language)})" if terms.controller else whom


def _what_for(terms: Terms, language: str) -> str:
    _ = catalogue(language).gettext
    purposes = [say(group.purpose, language) for group in terms.groups if group.purpose]
    if purposes:
        return "; ".join(_("to %(purpose)s") % {"purpose": purpose} for purpose in purposes)
    return _("to come back to you on this answer")


def _until(terms: Terms, language: str) -> str:
    _ = catalogue(language).gettext
    if terms.until:
        return _("%(day)s, then erased") % {"day": day_in_words(terms.until, language)}
    return _("you withdraw it")
