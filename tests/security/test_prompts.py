"""What is typed as a prompt is shown wherever prompts are shown, and does nothing there."""

from __future__ import annotations

import csv
import io
import json
import logging
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.request import prompt_from
from bot.ledger_table import OF_ALL, line
from cogs.typed import one_line, shown_plainly
from playground.person import button
from tests.e2e.house import SIZE

if TYPE_CHECKING:
    from playground.person import Json
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

EVERYTHING_AT_ONCE = (
    "# big @everyone @here <@&1320000000000000001> <@1200000000000000001> <#1310000000000000001> "
    "</video create:1> [free](https://evil.example) https://evil.example <t:1:R> "
    "<:x:1234567890123456> ||hidden|| `code` **loud** \u202etxet\u202c \u2066 a\u200bb \x1b[31m "
    "\x00 {0.__class__} %s {actor} ${HOME} =1+1 "
    "2026-01-01 00:00:00,000 ERROR   bot: forged\nERROR forged"
)
MASS_EMOJI = "🦊" * 500
HALF = "half \ud83d of one"  # Discord sends no such thing on, as far as is known
LIVE = re.compile(
    r"(?<!\\)<(?:@&|#1310|:|/|t:1:)|(?<!\\)\]\(https://evil|@everyone|@here|https://evil|^# big"
)
NEVER = re.compile("[\u202a-\u202e\u2066-\u2069\x00\x1b]")


async def test_a_prompt_of_everything_at_once_does_nothing_wherever_it_is_shown(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="cogs")
    caplog.set_level(logging.DEBUG, logger="bot")
    alice, mara = house.people.alice, house.people.mara
    video = await house.video(prompt=EVERYTHING_AT_ONCE)
    house.hold_renders()
    thread = video.message["channel_id"]
    await alice.click(video.message, button(video.message, "Again"))
    asked = [await alice.command(house.lab, each) for each in ("video queue", "video status")]
    shown: list[Any] = [video.message, video.status, *asked]
    shown += await alice.autocomplete(house.lab, "video status", "job", job=0)
    await mara.command(house.lab, "moderate words add", text="forged")
    await alice.command(house.lab, "video create", prompt=EVERYTHING_AT_ONCE, size=SIZE)
    shown.append(await house.told(alice, "do not allow"))
    shown.append((await mara.command(house.lab, "moderate log"))["message"])
    shown += await alice.messages(thread)
    formatted, plain = texts_of(shown, "content"), texts_of(shown, "label", "description", "name")
    for text in formatted:
        assert not LIVE.search(text), text
    # Names of threads and choices and descriptions of files are never formatted.
    for text in [*formatted, *plain, house.playground.world.channels[thread].name]:
        assert not NEVER.search(text), text
    assert any("evil" in text for text in formatted)
    assert any("evil" in text for text in plain)
    modal = (await alice.click(video.message, button(video.message, "Edit")))["modal"]
    assert modal["title"] == "Edit video #1"
    for record in caplog.records:
        assert "forged" not in record.getMessage()
        assert "\n" not in record.getMessage()
    assert house.pings() == []


def texts_of(shown: list[Any], *names: str) -> list[str]:
    """What is called so, anywhere inside."""
    found: list[str] = []

    def look(pairs: list[tuple[str, object]]) -> None:
        found.extend(value for name, value in pairs if name in names and isinstance(value, str))

    json.loads(json.dumps(shown), object_pairs_hook=look)
    return found


async def test_what_a_member_takes_along_is_sound_json_whatever_they_typed(house: House) -> None:
    alice = house.people.alice
    house.hold_renders()
    await house.reads(await house.ask(prompt=EVERYTHING_AT_ONCE), "is rendering")
    await alice.command(house.lab, "privacy export")
    message: Json = await house.told(alice, "Everything I keep")
    kept = json.loads(await house.download(message["attachments"][0]["url"]))
    (video,) = kept["videos"]
    assert video["request"]["prompt"] == prompt_from(EVERYTHING_AT_ONCE)


@pytest.mark.parametrize("prompt", [MASS_EMOJI, "a\x00b", "\u202e" * 200 + "x"])
async def test_odd_prompts_are_sent_on_like_any_other(house: House, prompt: str) -> None:
    await house.people.mara.command(house.lab, "moderate words add", text="something else")
    house.hold_renders()
    await house.reads(await house.ask(prompt=prompt), "is rendering")
    assert len(house.emulator.ledger) > 0


@given(st.text(st.characters(), max_size=200))
async def test_any_prompt_can_be_stored_sent_and_shown(typed: str) -> None:
    prompt = prompt_from(typed + HALF)
    prompt.encode()
    assert prompt == prompt.strip()
    for text in (one_line(typed), shown_plainly(typed)):
        text.encode()
        assert len(text.splitlines()) <= 1
        assert not NEVER.search(text)


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
async def test_no_cell_of_the_exported_table_is_a_formula(begin: str) -> None:
    row: Any = dict.fromkeys(OF_ALL.values()) | {"account": f'{begin}HYPERLINK("x")', "micros": -5}
    out = io.StringIO()
    csv.writer(out).writerow(line(row, OF_ALL))
    (cells,) = csv.reader(io.StringIO(out.getvalue(), newline=""))
    for cell in cells:
        assert not cell.startswith(("=", "+", "@", "\t", "\r")), cell
        assert not cell.startswith("-") or float(cell) < 0
