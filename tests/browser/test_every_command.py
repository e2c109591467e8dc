"""Each command of the bot, run on the page by hand; a new one without its line here fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from bot.demo.visit import picture
from bot.services.sealing import new_secrets_key

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.visitor import Visit, Visitor
    from tests.e2e.house import House

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="session"),
    pytest.mark.timeout(180),
]

LAB = "video-lab"
PATIENCE_MS = 30_000  # a render takes seconds


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody runs, and words of the newest message that they see then."""

    command: str
    says: str
    options: dict[str, str] = field(default_factory=dict[str, str])


MEMBERS = (
    Act("video models", "CogVideoX-3"),
    Act("video queue", "Nothing is waiting"),
    Act("video status", "Video #1", {"job": "1"}),
    Act("video cancel", "#1", {"job": "1"}),
    Act("video sooner", "#1", {"job": "1"}),
    Act("video history", "#1"),
    Act("video storyboard", "No shots yet"),
    Act("video looks", "Ink wash"),
    Act("video claim", "No finished video of yours waits here"),
    Act("video defaults set", "Size: 1280x720", {"size": "1280x720"}),
    Act("video defaults show", "Size: 1280x720"),
    Act("video defaults clear", "are deleted"),
    Act("quota show", "limit"),
    Act("usage", "2 videos", {"days": "7"}),
    Act("privacy show", "What I keep about you"),
    Act("privacy export", "Everything I keep about you"),
    Act("privacy delete", "It cannot be undone"),
)
MODERATORS = (
    Act("quota set", "9 videos per day", {"videos": "9", "per": "day", "member": "@Alice"}),
    Act("quota explain", "It would be made", {"member": "@Alice"}),
    Act("quota list", "9 videos per day"),
    Act("quota clear", "no limit per day", {"per": "day", "member": "@Alice"}),
    Act("quota grant", "has a grant", {"member": "@Alice", "videos": "2"}),
    Act("quota reset", "begins anew", {"member": "@Alice"}),
    Act("quota export", "rows of the last 31 days"),
    Act("quota timezone", "Europe/Berlin", {"zone": "Europe/Berlin"}),
    Act("budget set", "may spend USD 20.00", {"amount": "20 USD"}),
    Act("budget show", "USD 20.00"),
    Act(
        "moderate block",
        "can make no videos here",
        {"member": "@Chen", "for": "2h", "reason": "a flood"},
    ),
    Act("moderate blocks", "a flood"),
    Act("moderate unblock", "may make videos here again", {"member": "@Chen"}),
    Act("moderate words add", "is blocked in prompts", {"text": "glitter"}),
    Act("moderate words list", "glitter"),
    Act("moderate words test", "would be refused for this", {"prompt": "G1itter!"}),
    Act("moderate words remove", "No longer blocked", {"text": "glitter"}),
    Act("moderate log", "glitter"),
    Act("cogreel setup", "videos"),
    Act("cogreel looks remove", "no look of its own", {"name": "noir"}),
    Act("cogreel shares set", "served 3 times as often", {"role": "@Regulars", "share": "3"}),
    Act("cogreel shares list", "Shares of roles"),
    Act("cogreel shares clear", "no share of its own any more", {"role": "@Regulars"}),
    Act("cogreel accounts", "Z.AI"),
    Act("cogreel stand-in", "may stand in", {"allowed": "yes"}),
    Act("cogreel forget-key", "no key of its own"),
    Act("jobs list", "No video is on hold"),
    Act("jobs settle", "not on hold", {"job": "1", "how": "unpaid"}),
    Act("moderate takedown", "is taken down", {"video": "1"}),
)
ELSEWHERE = {
    "video create": "the first lines of the test",
    "video references": "the first lines of the test",
    "video show": "the first lines of the test",
    "cogreel looks add": "tests/e2e/test_storyboards.py",
    "video extend": "test_a_video_is_extended_and_remixed_on_the_page",
    "video remix": "test_a_video_is_extended_and_remixed_on_the_page",
    "cogreel key": "test_a_key_is_typed_into_a_form_on_the_page",
    "Animate this image": "tests/e2e/test_making_more.py",
    "About this video": "test_a_result_is_taken_down_from_its_menu",
    "Take this video down": "test_a_result_is_taken_down_from_its_menu",
}


async def test_members_and_moderators_run_every_command_on_the_page(
    house: House, visit: Visit, tmp_path: Path
) -> None:
    dawn = tmp_path / "dawn.png"
    dawn.write_bytes(picture("dawn"))
    alice = await visit(house.playground.page_url, "Alice", LAB)
    mara = await visit(house.playground.page_url, "Mara", LAB)
    await alice.run("video create", prompt="A kite", size="1280x720")
    await expect(alice.message("Video #1")).to_contain_text("is done", timeout=PATIENCE_MS)
    await alice.run("video references", prompt="They meet", image=dawn)
    await expect(alice.message("Video #2")).to_contain_text("is done", timeout=PATIENCE_MS)

    await alice.run("video show", job="2")
    await expect(alice.message("📌")).to_contain_text("They meet", timeout=PATIENCE_MS)

    for person, acts in ((alice, MEMBERS), (mara, MODERATORS)):
        for act in acts:
            await _play(person, act)


async def _play(person: Visitor, act: Act) -> None:
    await person.run(act.command, **act.options)
    newest = person.see("messages").get_by_role("listitem").last
    await expect(newest, f"/{act.command} does not answer so").to_contain_text(act.says)
    await expect(newest, f"/{act.command} is not private").to_contain_text("Only you can see this")


async def test_no_command_is_left_out_here(house: House) -> None:
    mara = house.people.mara
    menu = await house.api.get("/commands", **{"as": mara.id, "channel": house.lab})
    played = {act.command for act in (*MEMBERS, *MODERATORS)}
    assert {command["name"] for command in menu["commands"]} == played | set(ELSEWHERE)


async def test_a_key_is_typed_into_a_form_on_the_page(house: House, visit: Visit) -> None:
    await house.restart_bot(secrets_key=new_secrets_key())
    mara = await visit(house.playground.page_url, "Mara", LAB)
    await mara.choose_command("cogreel key")
    await mara.see("run").click()
    form = mara.see("modal")
    await form.get_by_label("Gateway").select_option(label="Z.AI")
    await form.get_by_label("Key").fill(house.emulator.api_key)
    await mara.see("modal-submit").click()
    kept = mara.message("takes the key")
    await expect(kept).to_contain_text("Only you can see this")
    await expect(mara.page.get_by_text(house.emulator.api_key)).to_have_count(0)


async def test_a_result_is_taken_down_from_its_menu(house: House, visit: Visit) -> None:
    alice = await visit(house.playground.page_url, "Alice", LAB)
    mara = await visit(house.playground.page_url, "Mara", LAB)
    await alice.run("video create", prompt="A kite", size="1280x720")
    status = mara.message("Video #1")
    await expect(status).to_contain_text("is done", timeout=PATIENCE_MS)
    await status.hover()
    await status.get_by_label("Commands for this message").first.click()
    await mara.see("command-About this video").click()
    await expect(mara.message("About video #1")).to_contain_text("Only you can see this")
    status = status.first
    await status.hover()
    await status.get_by_label("Commands for this message").first.click()
    await mara.see("command-Take this video down").click()
    await expect(mara.message("is taken down")).to_be_visible()


async def test_a_video_is_extended_and_remixed_on_the_page(
    house: House, visit: Visit, tmp_path: Path
) -> None:
    dawn = tmp_path / "dawn.png"
    dawn.write_bytes(picture("dawn"))
    alice = await visit(house.playground.page_url, "Alice", LAB)
    await alice.run("video create", prompt="A kite", size="1280x720")
    await expect(alice.message("Video #1")).to_contain_text("is done", timeout=PATIENCE_MS)
    await alice.run("video extend", job="1", prompt="It lands")
    await expect(alice.message("Video #2")).to_contain_text("is done", timeout=PATIENCE_MS)
    await alice.choose_command("video remix")
    await alice.see("option-job").fill("1")
    await alice.see("run").click()
    form = alice.see("modal")
    await form.get_by_label("Prompt").fill("A kite at dawn")
    await form.locator("input[type=file]").set_input_files(dawn)
    await alice.see("modal-submit").click()
    await expect(alice.message("Video #3")).to_contain_text("is done", timeout=PATIENCE_MS)
    await expect(alice.message("Video #3")).to_contain_text("first frame")
