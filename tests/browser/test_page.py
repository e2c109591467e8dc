"""The page, in a real browser, before a real discord.py bot."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import expect

from playground.server import Playground
from tests.browser.echo_bot import CLIP, EchoBot
from tests.browser.visitor import Visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LAB = "video-lab"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "fox.png"
    Image.new("RGB", (64, 48), (200, 90, 40)).save(path)
    return path


async def test_one_may_be_any_person_but_no_bot(playground: Playground, visit: Visit) -> None:
    visitor = await visit(playground.page_url, "Alice", LAB)
    people = visitor.page.get_by_role("radiogroup", name="You are")
    await expect(people.get_by_role("radio")).to_have_count(4)
    await expect(people.get_by_text("Moderator")).to_have_count(1)
    await expect(people.get_by_text("Echo")).to_have_count(0)

    await people.get_by_text("Mara").click()
    await expect(people.get_by_role("radio", name="Mara")).to_be_checked()
    await expect(visitor.see("place")).to_have_text(LAB)
    await visitor.ready()
    await visitor.say("good evening")
    await expect(visitor.message("good evening").locator(".author")).to_have_text("Mara")


async def test_a_message_appears_at_once_before_everyone_who_is_there(
    playground: Playground, visit: Visit
) -> None:
    alice = await visit(playground.page_url, "Alice", LAB)
    bob = await visit(playground.page_url, "Bob", LAB)
    chen = await visit(playground.page_url, "Chen", "general")
    await alice.say("does the red lamp flicker for you too?")
    await expect(bob.message("does the red lamp")).to_be_visible()
    await expect(chen.page.get_by_role("button", name=f"{LAB} unread")).to_be_visible()


async def test_what_people_write_is_never_markup_of_the_page(
    playground: Playground, visit: Visit
) -> None:
    alice = await visit(playground.page_url, "Alice", LAB)
    await alice.say(
        "<img src=x onerror=alert(1)> **bold** [trap](javascript:alert(1)) `<b>` "
        "[site](https://example.org/a?b=1) ||hidden|| **__*deep*__**"
    )
    message = alice.message("onerror")
    await expect(message.locator("img[src=x]")).to_have_count(0)
    await expect(message).to_contain_text("<img src=x onerror=alert(1)>")
    await expect(message.locator("strong").first).to_have_text("bold")
    await expect(message.locator("code")).to_have_text("<b>")
    await expect(message.get_by_role("link")).to_have_count(1)
    await expect(message.get_by_role("link")).to_have_attribute("href", "https://example.org/a?b=1")
    await message.get_by_role("button", name="Show the spoiler").click()
    await expect(message.get_by_text("hidden")).to_be_visible()


async def test_a_moment_counts_by_itself(playground: Playground, visit: Visit) -> None:
    alice = await visit(playground.page_url, "Alice", LAB)
    await alice.page.clock.install()
    await alice.page.reload()
    await alice.ready()
    soon = await alice.page.evaluate("Math.round(Date.now() / 1000) + 90")
    await alice.say(f"ready <t:{soon}:R>")
    moment = alice.message("ready").locator("time.moment")
    await expect(moment).to_have_text(re.compile("in 1 minute"))
    await alice.page.clock.run_for(150_000)
    await expect(moment).to_have_text(re.compile("1 minute ago|seconds ago"))


async def test_a_command_is_filled_in_and_run_by_the_keyboard_alone(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB)
    keys = alice.page.keyboard
    await alice.see("composer").focus()
    await keys.type("/ec")
    await expect(alice.see("command-echo")).to_have_attribute("aria-selected", "true")
    await keys.press("Enter")
    await expect(alice.see("option-text")).to_be_focused()
    await keys.type("hello")
    await alice.see("add-option-size").focus()
    await keys.press("Enter")
    await expect(alice.see("option-size")).to_be_focused()
    await keys.type("1024")
    await expect(alice.page.get_by_role("option")).to_have_text(["1024x1024"])
    await keys.press("ArrowDown")
    await keys.press("Enter")
    await expect(alice.see("option-size")).to_have_value("1024x1024")
    await keys.press("Enter")
    await expect(alice.message("hello [1024x1024]")).to_contain_text("Alice used /echo")
    await expect(alice.see("composer")).to_be_focused()


async def test_a_picture_goes_with_a_command_and_comes_back(
    playground: Playground, echo_bot: EchoBot, visit: Visit, picture: Path
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB)
    await alice.choose_command("echo")
    await alice.fill_option("image", picture)
    await expect(alice.see("command-form").locator("img.drop-preview")).to_be_visible()
    await alice.fill_option("text", "a fox")
    await alice.fill_option("loud", "True")
    await alice.see("run").click()
    image = alice.message("A FOX").locator(".files img")
    await expect(image).to_be_visible()
    assert await image.evaluate("async node => (await node.decode(), node.naturalWidth)") == 64


async def test_a_dropped_picture_finds_the_option_for_it(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB)
    await alice.choose_command("echo")
    await alice.page.evaluate(
        """() => {
            const files = new DataTransfer();
            files.items.add(new File(["x"], "dropped.png", { type: "image/png" }));
            const how = { bubbles: true, cancelable: true, dataTransfer: files };
            document.body.dispatchEvent(new DragEvent("drop", how));
        }"""
    )
    await expect(alice.see("command-form")).to_contain_text("dropped.png")


async def test_a_refusal_is_shown_in_the_form_which_keeps_what_was_typed(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB)
    await alice.choose_command("echo")
    await alice.fill_option("text", "x" * 61)
    await alice.see("run").click()
    await expect(alice.see("command-error")).to_contain_text("text")
    await expect(alice.see("option-text")).to_have_value("x" * 61)
    await expect(alice.see("run")).to_be_enabled()


async def test_a_pressed_button_changes_the_message_before_everyone(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB)
    bob = await visit(playground.page_url, "Bob", LAB)
    await alice.run("echo", text="press me")
    await bob.see("button-press").click()
    for each in (alice, bob):
        await expect(each.message("pressed by Bob")).to_contain_text("edited")
        await expect(each.see("button-press")).to_be_disabled()


async def test_a_bot_that_does_not_answer_is_said_so_where_one_clicked(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB)
    await alice.run("echo", text="be silent")
    await alice.see("button-silence").click()
    await expect(alice.see("button-silence")).to_be_disabled()
    message = alice.message("be silent")
    await expect(message.get_by_role("alert")).to_have_text("The application did not respond")
    await expect(alice.see("button-silence")).to_be_enabled()


async def test_a_modal_is_filled_in_and_sent(
    playground: Playground, echo_bot: EchoBot, visit: Visit, picture: Path
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB)
    await alice.run("echo", text="take a note")
    await alice.see("button-note").click()
    dialog = alice.page.get_by_role("dialog", name="A note")
    await dialog.get_by_label("What to say").fill("less light")
    await dialog.get_by_label("How to say it").select_option("softly")
    await alice.see("field-picture").set_input_files(picture)
    await alice.see("modal-submit").click()
    await expect(alice.message("Said softly: less light ['fox.png']")).to_be_visible()
    await expect(alice.see("modal")).to_have_count(0)


async def test_a_reaction_is_given_joined_and_taken_back(
    playground: Playground, visit: Visit
) -> None:
    alice = await visit(playground.page_url, "Alice", LAB)
    bob = await visit(playground.page_url, "Bob", LAB)
    await alice.say("worth a second take?")
    await alice.react(alice.message("worth a second take?"), "🔁")
    chip = bob.see("reaction-🔁")
    await expect(chip).to_have_attribute("aria-pressed", "false")
    await chip.click()
    await expect(chip).to_have_text("🔁2")
    await expect(chip).to_have_attribute("aria-pressed", "true")
    await chip.click()
    await expect(chip).to_have_text("🔁1")


async def test_a_thread_opens_and_there_is_a_way_back(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB)
    await alice.run("talk")
    await alice.message("let us talk").get_by_role("button", name="A talk").click()
    await expect(alice.message("inside the thread")).to_be_visible()
    await expect(alice.see("place")).to_have_text("A talk")
    await alice.see("back").click()
    await expect(alice.message("let us talk")).to_be_visible()


async def test_a_private_answer_is_seen_by_one_and_can_be_put_away(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB)
    bob = await visit(playground.page_url, "Bob", LAB)
    await alice.run("whisper")
    answer = alice.message("between us")
    await expect(answer).to_contain_text("Only you can see this")
    await alice.say("after it")
    await expect(bob.message("after it")).to_be_visible()
    await expect(bob.message("between us")).to_have_count(0)
    await answer.get_by_role("button", name="Dismiss").click()
    await expect(answer).to_have_count(0)


async def test_a_letter_from_the_bot_is_found_among_the_channels(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB)
    await alice.run("letter")
    await alice.page.get_by_role("button", name="Cogreel unread").click()
    await expect(alice.message("for your eyes")).to_be_visible()
    await alice.page.reload()
    await alice.ready()
    await expect(alice.message("for your eyes")).to_be_visible()


async def test_a_film_plays_seeks_and_goes_on_through_an_edit_of_its_message(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB)
    await alice.run("clip")
    film = alice.see(f"video-{CLIP}").locator("video")
    await expect(film).to_be_visible()
    seen = await film.evaluate(
        """async (video) => {
            video.muted = true;
            await video.play();
            await new Promise((done) => video.addEventListener("timeupdate", done));
            video.pause();
            video.currentTime = 1.5;
            await new Promise((done) => video.addEventListener("seeked", done, { once: true }));
            video.dataset.same = "yes";
            return [video.videoWidth, Math.round(video.duration), video.currentTime];
        }"""
    )
    assert seen == [320, 2, 1.5]
    await alice.react(alice.message("a film"), "⭐")
    await expect(alice.see("reaction-⭐")).to_be_visible()
    await expect(film).to_have_attribute("data-same", "yes")


async def test_a_refused_modal_says_so_and_keeps_what_was_typed(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB)
    await alice.run("echo", text="take a note")
    await alice.see("button-note").click()
    await alice.see("field-text").fill("half a note")
    await alice.see("modal-submit").click()
    await expect(alice.see("modal-error")).to_be_visible()
    await expect(alice.see("field-text")).to_have_value("half a note")
    await alice.page.keyboard.press("Escape")
    await expect(alice.see("modal")).to_have_count(0)


async def test_newer_components_and_embeds_are_shown(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB)
    await alice.run("panel")
    box = alice.message("Contact sheet")
    await expect(box.get_by_role("link", name="Manual")).to_have_attribute(
        "href", "https://example.org/manual"
    )
    await expect(alice.see("button-off")).to_be_disabled()
    await alice.see("select-pick").select_option("Glow")
    await expect(alice.message("picked ['glow']")).to_be_visible()
    await expect(alice.message("Two waiting")).to_contain_text("Running1since noon")


async def test_a_select_of_channels_offers_those_of_its_types(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB)
    await alice.run("talk")
    await expect(alice.page.get_by_text("A talk").first).to_be_visible()
    await alice.run("panel")
    offered = await alice.see("select-rooms").locator("option").all_inner_texts()
    assert f"#{LAB}" in offered
    assert "#A talk" not in offered
    await alice.see("select-rooms").select_option(f"#{LAB}")
    await expect(alice.message(f"went to {LAB}")).to_be_visible()


async def test_a_command_runs_on_a_message_from_its_menu(
    playground: Playground, echo_bot: EchoBot, visit: Visit
) -> None:
    assert echo_bot.is_ready()
    alice = await visit(playground.page_url, "Alice", LAB)
    await alice.say("remember this")
    said = alice.message("remember this")
    await said.hover()
    await said.get_by_role("button", name="Commands for this message").click()
    await said.get_by_role("button", name="Quote").click()
    number = (await said.get_attribute("id") or "").removeprefix("message-")
    await expect(alice.message(f"quoted {number}")).to_be_visible()
