"""The participant's pages over HTTP, as a browser without JavaScript and as the vote module ask for them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from html import unescape
from urllib.parse import urlencode

import pytest
from served import CAKE, IDEA, NEWS, TOPPINGS, Reply, Served

from polling.core.contact import terms_for
from polling.core.keys import claim_hash
from polling.core.poll import PollKey
from polling.core.questions import TYPES
from polling.rendering import TEMPLATES
from polling.store import ideas
from polling.web.consent import facts

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def opened(served: Served, poll: PollKey = CAKE) -> None:
    async with served.moderator() as moderator:
        assert (await moderator.command("open", 0, poll))["type"] == "done"


async def get(served: Served, path: str, number: int | None = None, **headers: str) -> Reply:
    cookie = {} if number is None else {"Cookie": served.phone_cookie(number)}
    return await served.ask(path, headers=cookie | headers)


async def post(
    served: Served, path: str, fields: Mapping[str, str | list[str]], number: int | None = None, **headers: str
) -> Reply:
    cookie = {} if number is None else {"Cookie": served.phone_cookie(number)}
    body = urlencode(fields, doseq=True).encode()
    return await served.ask(path, method="POST", body=body, headers=FORM | cookie | headers)


async def vote(served: Served, poll: PollKey, fields: Mapping[str, str | list[str]], number: int | None = 1) -> Reply:
    return await post(served, f"/p/{served.code()}/vote", {"poll": str(poll), **fields}, number)


async def cast(served: Served, poll: PollKey, *picks: str, revision: int = 1, number: int | None = 1) -> Reply:
    message = {"type": "cast", "id": "x", "poll": str(poll), "revision": revision, "picks": picks}
    cookie = {} if number is None else {"Cookie": served.phone_cookie(number)}
    headers = {"Content-Type": "application/json", "Accept": "application/json"} | cookie
    body = json.dumps(message).encode()
    return await served.ask(f"/p/{served.code()}/vote", method="POST", body=body, headers=headers)


async def unnumbered(served: Served) -> str:
    """The phone's region, but for its number."""
    region = (await get(served, f"/p/{served.code()}/regions", 1)).text
    return re.sub(r'data-revision="\d+"', "", region)


def words(html: str) -> str:
    """What a person reads."""
    html = re.sub(r"<template.*?</template>|<head>.*?</head>|<svg.*?</svg>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


# the way in


async def test_a_code_is_taken_as_people_type_it(served: Served) -> None:
    code = served.code()
    reply = await post(served, "/join", {"code": f" {code[:3].lower()}-{code[3:].lower()} "})
    assert (reply.status, reply.headers["location"]) == (303, f"/p/{code}")
    reply = await get(served, f"/j/{code}")
    assert (reply.status, reply.headers["location"]) == (303, f"/p/{code}")
    reply = await get(served, f"/p/{code.lower()}")
    assert (reply.status, reply.headers["location"]) == (303, f"/p/{code}")


@pytest.mark.parametrize("path", ["/p/ZZZZZZ", "/j/ZZZZZZ"])
async def test_a_wrong_code_says_so_and_can_be_mended(served: Served, path: str) -> None:
    reply = await get(served, path)
    assert reply.status == 404
    assert "This code is not in use now" in words(reply.text)
    assert 'value="ZZZZZZ"' in reply.text


async def test_what_was_typed_stays_in_the_field_as_text(served: Served) -> None:
    reply = await post(served, "/join", {"code": '"><script>'})
    assert reply.status == 404
    assert 'value="&#34;&gt;&lt;script&gt;"' in reply.text


async def test_a_wrong_code_is_told_in_the_language_of_the_browser(served: Served) -> None:
    reply = await get(served, "/?lang=nl")
    assert '<html lang="nl"' in reply.text
    assert "polling-lang=nl" in reply.headers["set-cookie"]


async def test_the_rooms_of_an_event_are_listed_and_each_room_leads_back_to_them(served: Served) -> None:
    reply = await get(served, f"/p/{served.code('')}/room")
    assert reply.status == 200
    assert "Annex" in words(reply.text)
    room = await get(served, f"/p/{served.code('annex')}")
    assert f'href="/p/{served.code("")}/room"' in room.text


async def test_a_phone_gets_a_secret_that_reaches_no_other_page(served: Served) -> None:
    reply = await get(served, f"/p/{served.code()}")
    name, _, rest = reply.headers["set-cookie"].partition("=")
    assert name == "polling-participant"
    assert set(rest.split("; ")[1:]) == {"Path=/p/", "Max-Age=7776000", "HttpOnly", "SameSite=Lax"}
    again = await served.ask(f"/p/{served.code()}", headers={"Cookie": reply.headers["set-cookie"].partition(";")[0]})
    assert again.headers["set-cookie"] is None


async def test_behind_tls_the_secret_travels_behind_tls_only(public: Served) -> None:
    headers = {"Host": "poll.example"}
    reply = await public.ask(f"/p/{public.code()}", headers=headers)
    assert reply.headers["set-cookie"].startswith("__Secure-polling-participant=")
    assert "; Secure" in reply.headers["set-cookie"]


# one page for each stage


async def test_a_waiting_page_refreshes_itself_without_javascript_and_one_with_a_form_never(fresh: Served) -> None:
    refresh = '<noscript><meta http-equiv="refresh"'
    assert refresh in (await get(fresh, f"/p/{fresh.code()}", 1)).text
    await opened(fresh)
    page = (await get(fresh, f"/p/{fresh.code()}", 1)).text
    assert refresh not in page
    assert '<form id="vote" method="post"' in page


@pytest.mark.parametrize("poll", [CAKE, TOPPINGS, IDEA, NEWS])
async def test_a_pages_first_paint_and_the_region_alone_are_the_same_bytes(fresh: Served, poll: PollKey) -> None:
    await opened(fresh, poll)
    page = (await get(fresh, f"/p/{fresh.code()}", 1)).text
    regions = (await get(fresh, f"/p/{fresh.code()}/regions", 1)).text.strip()
    assert regions.startswith('<main id="region-phone"')
    for region in re.split(r'\n(?=<\w+ (?:[^>]* )?id="region-)', regions):
        assert region in page


async def test_a_region_holds_nothing_of_the_phone_that_asks_for_it(fresh: Served) -> None:
    await opened(fresh)
    before = await unnumbered(fresh)
    await vote(fresh, CAKE, {"pick": "plum"})
    assert await unnumbered(fresh) == before
    assert "checked" not in before
    assert "hx-" not in before


async def test_a_page_says_which_of_its_texts_are_in_which_language(fresh: Served) -> None:
    await opened(fresh)
    dutch = await get(fresh, f"/p/{fresh.code()}", 1, **{"Accept-Language": "nl-NL,nl;q=0.9,en;q=0.5"})
    assert '<html lang="nl"' in dutch.text
    assert "Welke taart?" in words(dutch.text)
    assert 'lang="en" hreflang="en">English</a>' in dutch.text


# answers by form


async def test_a_form_is_counted_and_leads_back_to_the_page(fresh: Served) -> None:
    await opened(fresh, TOPPINGS)
    reply = await vote(fresh, TOPPINGS, {"pick": ["cream", "nuts"]})
    assert (reply.status, reply.headers["location"]) == (303, f"/p/{fresh.code()}")
    page = (await get(fresh, f"/p/{fresh.code()}", 1)).text
    assert re.findall(r'value="(\w+)" id="pick-\w+" checked', page) == ["cream", "nuts"]
    assert 'data-state="counted"' in page
    assert "Your answer is counted" in words(page)
    other = (await get(fresh, f"/p/{fresh.code()}", 2)).text
    assert "checked" not in other


@pytest.mark.parametrize(
    ("poll", "fields", "sentence"),
    [
        (CAKE, {}, "Choose or write something first."),
        (CAKE, {"pick": ["mud"]}, "That option is not part of this question."),
        (TOPPINGS, {"pick": ["cream", "sugar", "nuts"]}, "Choose at most 2."),
        (IDEA, {"text.1": "x" * 501}, "That is too long: 501 characters, at most 500 fit."),
    ],
)
async def test_an_answer_that_does_not_fit_says_why_and_loses_nothing(
    fresh: Served, poll: PollKey, fields: Mapping[str, str | list[str]], sentence: str
) -> None:
    await opened(fresh, poll)
    reply = await vote(fresh, poll, fields)
    assert reply.status == 422
    assert sentence in words(reply.text)
    assert reply.text.count(" checked>") == len([pick for pick in fields.get("pick", []) if pick != "mud"])
    assert "x" * 501 in reply.text or "text.1" not in fields
    assert 'data-state="counted"' not in reply.text


async def test_an_answer_after_the_close_is_refused_and_shown_as_not_counted(fresh: Served) -> None:
    await opened(fresh, IDEA)
    async with fresh.moderator() as moderator:
        await moderator.command("close", 1)
    reply = await vote(fresh, IDEA, {"text.1": "More <b>tea</b>"})
    assert reply.status == 409
    assert "This question is closed. Your answer was not counted." in words(reply.text)
    assert "More &lt;b&gt;tea&lt;/b&gt;" in reply.text


async def test_an_answer_to_another_rooms_question_is_unknown(fresh: Served) -> None:
    await opened(fresh)
    reply = await post(fresh, f"/p/{fresh.code()}/vote", {"poll": "pies/pie/1", "pick": "apple"}, 1)
    assert reply.status == 404
    reply = await post(fresh, f"/p/{fresh.code()}/vote", {"poll": "no poll at all"}, 1)
    assert reply.status == 404


async def test_a_phone_without_its_cookie_is_given_one_before_it_is_counted(fresh: Served) -> None:
    await opened(fresh)
    reply = await vote(fresh, CAKE, {"pick": "plum"}, None)
    assert reply.status == 503
    assert "polling-participant=" in reply.headers["set-cookie"]
    assert 'id="pick-plum" checked' in reply.text
    assert (await cast(fresh, CAKE, "plum", number=None)).status == 503
    async with fresh.moderator() as moderator:
        frame = await moderator.region("now")
    assert frame["value"]["answered"] == 0


async def test_a_reload_of_a_forms_answer_leads_back(served: Served) -> None:
    reply = await get(served, f"/p/{served.code()}/vote?lang=nl")
    assert (reply.status, reply.headers["location"]) == (303, f"/p/{served.code()}")


# what can be signed


async def test_without_javascript_the_claim_is_in_the_answer_and_nowhere_else(fresh: Served) -> None:
    await opened(fresh, IDEA)
    reply = await vote(fresh, IDEA, {"text.1": "More tea"})
    assert reply.status == 200
    claim = re.findall(r'name="claim" value="([\w-]{22})"', reply.text)[0]
    assert 'name="receipt" value=""' in reply.text
    assert reply.headers["set-cookie"] is None
    assert reply.headers["cache-control"] == "no-store"
    poll = await fresh.site.hall.room("tea", "hall").poll_ref(IDEA)
    assert poll is not None
    with fresh.site.database.read() as connection:
        idea = ideas.idea_by_claim(connection, claim_hash(claim))
    assert idea is not None
    assert (idea.poll_id, idea.text) == (poll.id, "More tea")


async def test_an_option_is_offered_with_its_receipt(fresh: Served) -> None:
    await opened(fresh)
    reply = await vote(fresh, CAKE, {"pick": "plum"})
    poll = await fresh.site.hall.room("tea", "hall").poll_ref(CAKE)
    assert poll is not None
    receipt = fresh.site.keys.receipt(poll.nonce, "plum")
    assert f'name="receipt" value="{receipt}"' in reply.text
    assert '<blockquote class="answer">Plum</blockquote>' in reply.text
    reply = await vote(fresh, CAKE, {"pick": "other"})  # an 'other' without words: nothing to come back to
    assert reply.status == 303


async def test_the_offer_says_what_will_be_agreed_to(fresh: Served) -> None:
    await opened(fresh, IDEA)
    page = words((await vote(fresh, IDEA, {"text.1": "More tea"})).text)
    event = fresh.site.hall.events["tea"]
    for fact in facts(terms_for(event, IDEA, "1"), "en"):
        assert " ".join(fact) in page


# answers of the vote module


async def test_the_vote_module_is_acknowledged_as_over_its_socket(fresh: Served) -> None:
    await opened(fresh)
    reply = await cast(fresh, CAKE, "plum")
    assert reply.status == 200
    async with fresh.phone() as phone:
        assert reply.json() | {"id": ""} == await phone.cast(CAKE, "plum") | {"id": ""}
    assert (await cast(fresh, CAKE, "apple")).json()["fate"] == "superseded"


async def test_a_refusal_to_the_vote_module_has_a_code_and_a_sentence(fresh: Served) -> None:
    reply = await cast(fresh, CAKE, "plum")
    assert reply.status == 409
    assert reply.json()["fate"] == "refused"
    assert reply.json()["code"] == "poll-not-open"
    assert reply.json()["message"] == "This question is closed. Your answer was not counted."


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"type":"cast","id":"x"}', b'{"type":"command"}'])
async def test_a_message_that_is_none_is_told_so(served: Served, body: bytes) -> None:
    headers = {"Content-Type": "application/json", "Cookie": served.phone_cookie(1)}
    reply = await served.ask(f"/p/{served.code()}/vote", method="POST", body=body, headers=headers)
    assert reply.status == 400
    assert reply.json()["code"] == "malformed"


async def test_a_command_is_no_answer(served: Served) -> None:
    body = b'{"type":"command","id":"x","verb":"open","based_on":0}'
    headers = {"Content-Type": "application/json", "Cookie": served.phone_cookie(1)}
    reply = await served.ask(f"/p/{served.code()}/vote", method="POST", body=body, headers=headers)
    assert (reply.status, reply.json()["code"]) == (403, "not-allowed")


def test_every_question_type_has_its_two_templates() -> None:
    for type in TYPES:
        name = type.model_fields["type"].annotation.__args__[0]  # type: ignore[union-attr]  # Literal["name"]
        assert (TEMPLATES / "questions" / name / "form.html").is_file()
        assert (TEMPLATES / "questions" / name / "chart.html").is_file()
