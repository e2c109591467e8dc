"""A moderator sets a server up in one panel; what they pick holds at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cogs import setup_panel
from playground.person import RefusedError, button
from tests.e2e.house import WISH, gallery_of

if TYPE_CHECKING:
    from playground.person import Json
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

OTHER = "viduq1-text"
WITHIN_S = 20.0
REGULARS = "1320000000000000002"


async def opened(house: House, page: str | None = None) -> Json:
    """The panel, on its first page or another one."""
    mara = house.people.mara
    panel: Json = (await mara.command(house.lab, "cogreel setup"))["message"]
    assert panel["ephemeral"]
    if page is not None:
        panel = (await mara.click(panel, button(panel, page)))["message"]
    return panel


async def picked(house: House, panel: Json, control: str, *values: str) -> str:
    """Pick in one of its selects; what the panel says then."""
    interaction = await house.people.mara.pick(panel, f"cogreel:setup:{control}", *values)
    assert interaction["answer"] == "deferred_update", interaction
    return str(interaction["message"]["content"])


async def pressed(house: House, panel: Json, label: str) -> Json:
    return await house.people.mara.click(panel, button(panel, label))


async def suggested_models(house: House) -> list[str]:
    """What a member is offered who types the name of a model."""
    alice = house.people.alice
    found = await alice.autocomplete(house.lab, "video create", "model", model="")
    return [str(choice["value"]) for choice in found]


async def test_a_new_server_allows_everything(house: House) -> None:
    panel = await opened(house)
    assert panel["content"].splitlines() == [
        "**How videos are made on this server.** What you change here is saved at once.",
        "Where: in every channel",
        "For whom: everybody",
        "Least age of a Discord account: any",
        "Least time on this server: any",
        "Models: all; `cogvideox-3` where none is named",
        "In age-restricted channels only: none",
        "Members confirm: nothing",
        "Results: in threads of their own",
        "The log is shown: nowhere",
        "Language of posts: this server's in Discord",
        "Gallery: none",
        "Reactions: 🔁 ❌ ⭐ ✉️ 🚩",
        "Words, images and clips are kept for: 365 days, as the operator set it",
        "Turns: members take turns by the render time that they use, with equal shares",
        "The most of one member at once: any number being made, 10 waiting",
        "Midnight: of UTC",
    ]


async def test_videos_are_made_in_the_chosen_channels_and_their_threads(house: House) -> None:
    alice = house.people.alice
    first = await house.video()
    general = await alice.channel("general")
    panel = await opened(house)
    assert f"Where: <#{general}>\n" in await picked(house, panel, "channels", general)
    refusal = (
        f"No videos are made in this channel. Nothing was started. Use one of these: <#{general}>."
    )
    async with house.nothing_happens():
        interaction = await alice.command(house.lab, "video create", **WISH)
        assert refusal in interaction["message"]["content"]
        interaction = await alice.click(first.message, button(first.message, "Again"))
        assert refusal in interaction["message"]["content"]
        await alice.react(first.message, "🔁")
        await house.direct(alice, refusal)
    both = await picked(house, panel, "channels", general, house.lab)
    assert f"Where: <#{general}>, <#{house.lab}>\n" in both
    await alice.click(first.message, button(first.message, "Again"))
    await alice.see(first.message["channel_id"], lambda seen: "another take of" in seen["content"])
    assert "Where: in every channel" in await picked(house, panel, "channels")


async def test_the_cost_above_which_members_are_asked_is_set_in_a_form(house: House) -> None:
    mara = house.people.mara
    label = "Ask about the cost of a video …"
    panel = await opened(house, "Models")
    assert "Members confirm: nothing" in panel["content"]
    modal = (await pressed(house, panel, label))["modal"]
    refused = await mara.submit(modal, amount="much")
    assert "That is no amount of money" in refused["message"]["content"]
    for amount, said in (
        ("1", "every video that may cost more than USD 1.00"),
        ("0.05 usd", "every video that may cost more than USD 0.05"),
        ("0", "every video that is not free"),
        (" ", "nothing"),
    ):
        modal = (await pressed(house, panel, label))["modal"]
        panel = (await mara.submit(modal, amount=amount))["message"]
        assert f"Members confirm: {said}\n" in panel["content"]
    rows = await house.rows("SELECT detail FROM audit_entry ORDER BY seq")
    assert ["what is confirmed" in detail for (detail,) in rows] == [True] * 4
    assert "everything above USD 0.05" in rows[1][0]


async def test_what_was_chosen_is_picked_when_the_panel_is_opened_again(house: House) -> None:
    await picked(house, await opened(house), "channels", house.lab)
    rows = (await opened(house))["components"]
    (channels,) = [
        item
        for row in rows
        for item in row["components"]
        if item["custom_id"] == "cogreel:setup:channels"
    ]
    assert channels["default_values"] == [{"id": house.lab, "type": "channel"}]


async def test_videos_are_made_for_the_chosen_roles(house: House) -> None:
    alice, bob = house.people.alice, house.people.bob
    panel = await opened(house)
    assert f"For whom: <@&{REGULARS}>" in await picked(house, panel, "roles", REGULARS)
    async with house.nothing_happens():
        interaction = await alice.command(house.lab, "video create", **WISH)
        assert f"one of these roles: <@&{REGULARS}>." in interaction["message"]["content"]
    await house.video(bob)


async def test_accounts_and_members_may_have_to_be_of_an_age(house: House) -> None:
    alice, mara = house.people.alice, house.people.mara
    panel = await opened(house)
    modal = (await pressed(house, panel, "Least age of accounts, least time here …"))["modal"]
    refused = await mara.submit(modal, account="soon", membership="")
    assert "`soon` is no span of time" in refused["message"]["content"]
    modal = (await pressed(house, panel, "Least age of accounts, least time here …"))["modal"]
    shown = (await mara.submit(modal, account="3650d", membership="2h"))["message"]["content"]
    assert "Least age of a Discord account: 3650 days" in shown
    assert "Least time on this server: 2 hours" in shown
    async with house.nothing_happens():
        interaction = await alice.command(house.lab, "video create", **WISH)
        assert "Your Discord account is too new" in interaction["message"]["content"]
    modal = (await pressed(house, panel, "Least age of accounts, least time here …"))["modal"]
    await mara.submit(modal, account="", membership="2h")
    await house.video()


async def test_only_the_chosen_models_are_offered(house: House) -> None:
    alice = house.people.alice
    panel = await opened(house, "Models")
    assert f"Models: `{OTHER}`; `{OTHER}` where none is named" in await picked(
        house, panel, "models", OTHER
    )
    assert await suggested_models(house) == [OTHER]
    listed = (await alice.command(house.lab, "video models"))["message"]["content"]
    assert f"`{OTHER}`" in listed
    assert "cogvideox-3" not in listed
    async with house.nothing_happens():
        interaction = await alice.command(
            house.lab, "video create", **WISH | {"model": "cogvideox-3"}
        )
        assert f"moderators allow `{OTHER}`" in interaction["message"]["content"]
    shown = await picked(house, panel, "models")
    assert "Models: all; `cogvideox-3` where none is named" in shown
    assert "Models: all; `viduq1-image` where" in await picked(
        house, panel, "default", "viduq1-image"
    )


async def test_where_no_allowed_model_is_left_that_is_said_and_can_be_mended(house: House) -> None:
    alice = house.people.alice
    panel = await opened(house, "Models")
    await picked(house, panel, "models", OTHER)
    await house.restart_bot(models=["cogvideox-3"])
    listed = (await alice.command(house.lab, "video models"))["message"]["content"]
    assert listed.startswith("No model that the moderators of this server allow is there")
    async with house.nothing_happens():
        interaction = await alice.command(house.lab, "video create", **WISH)
        assert "moderators allow none that there is" in interaction["message"]["content"]
    panel = await opened(house, "Models")
    await picked(house, panel, "models")
    await house.video()


async def test_a_model_may_need_an_age_restricted_channel(house: House) -> None:
    panel = await opened(house, "Models")
    assert "In age-restricted channels only: `cogvideox-3`" in await picked(
        house, panel, "restricted", "cogvideox-3"
    )
    assert "cogvideox-3" not in await suggested_models(house)
    listed = (await house.people.alice.command(house.lab, "video models"))["message"]["content"]
    (line,) = [line for line in listed.splitlines() if "`cogvideox-3`" in line]
    assert line.endswith("· the default · in age-restricted channels only")
    async with house.nothing_happens():
        await house.people.alice.command(house.lab, "video create", **WISH)
        await house.told(house.people.alice, "is for age-restricted channels only")
    house.playground.world.channels[house.lab].nsfw = True
    await house.restart_bot()  # Discord would tell the bot; the playground does not
    assert "cogvideox-3" in await suggested_models(house)
    await house.video()


async def test_results_go_into_the_channel_and_are_hidden_where_that_is_wished(
    house: House,
) -> None:
    panel = await opened(house, "Results and log")
    panel = (await pressed(house, panel, "Post results into the channel itself"))["message"]
    panel = (await pressed(house, panel, "Hide clips until clicked on"))["message"]
    assert "Results: in the channel, hidden until somebody" in panel["content"]
    await house.people.alice.command(house.lab, "video create", **WISH)
    result = await house.people.alice.see(house.lab, lambda seen: bool(seen["attachments"]))
    assert result["attachments"][0]["filename"].startswith("SPOILER_")
    assert [item["spoiler"] for item in gallery_of(result)] == [True]
    panel = (await pressed(house, panel, "Post results into threads of their own"))["message"]
    await pressed(house, panel, "Show clips openly")
    await house.restart_bot()
    again = await house.video()
    assert again.message["channel_id"] != house.lab
    assert again.message["attachments"][0]["filename"].startswith("cogreel-")
    assert [item["spoiler"] for item in gallery_of(again.message)] == [False]


async def test_the_panel_works_after_a_restart_and_two_moderators_see_one_truth(
    house: House,
) -> None:
    panel = await opened(house, "Models")
    await house.restart_bot()
    await picked(house, panel, "default", OTHER)
    assert f"`{OTHER}` where none is named" in (await opened(house))["content"]


async def test_an_old_panel_has_to_be_opened_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = await opened(house)
    monkeypatch.setattr(setup_panel, "GOOD_FOR", timedelta(0))
    interaction = await house.people.mara.pick(panel, "cogreel:setup:channels", house.lab)
    assert interaction["message"]["content"] == (
        "This panel is too old. Use `/cogreel setup` to open it anew."
    )
    assert await house.rows("SELECT * FROM guild_choice") == []


async def test_the_log_goes_only_where_the_bot_may_write(house: House) -> None:
    general = await house.people.mara.channel("general")
    panel = await opened(house, "Results and log")
    await house.knobs(bot_permissions={general: ["SEND_MESSAGES"]})
    interaction = await house.people.mara.pick(panel, "cogreel:setup:log", general)
    assert "**Send Messages** is missing. Nothing was changed." in interaction["message"]["content"]
    assert f"The log is shown: in <#{house.lab}>" in await picked(house, panel, "log", house.lab)
    assert "The log is shown: nowhere" in await picked(house, panel, "log")


async def test_words_and_clips_are_kept_for_as_long_as_moderators_wish(house: House) -> None:
    panel = await opened(house, "Results and log")
    assert "are kept for: 7 days" in await picked(house, panel, "keep", "7")
    ((action, detail),) = await house.rows("SELECT action, detail FROM audit_entry")
    assert action == "setting_changed"
    assert "7 days" in detail
    await house.reads(await house.ask(), "is done")
    await house.stop_bot()
    # A week and a second.
    await house.rows_written("UPDATE job SET state_at_ms = state_at_ms - 604801000")
    await house.start_bot()
    async with asyncio.timeout(WITHIN_S):
        while await house.rows("SELECT erased_at_ms IS NULL FROM job") != [(0,)]:
            await house.people.alice.messages(house.lab)
    assert "as the operator set it" in await picked(house, panel, "keep", "operator")


async def test_moderators_keep_nothing_longer_than_the_operator(house: House) -> None:
    panel = await opened(house, "Results and log")
    assert "are kept for: 365 days" in await picked(house, panel, "keep", "365")
    await house.restart_bot(keep_days=30)
    said = await house.people.mara.pick(panel, "cogreel:setup:keep", "90")
    assert "for 30 days at most. Nothing was changed." in said["message"]["content"]
    panel = await opened(house, "Results and log")
    assert "are kept for: 30 days, as the operator set it" in panel["content"]
    with pytest.raises(RefusedError):
        await picked(house, panel, "keep", "90")  # it is not offered
    assert "are kept for: 7 days" in await picked(house, panel, "keep", "7")


async def test_every_change_is_on_record(house: House) -> None:
    panel = await opened(house)
    await picked(house, panel, "channels", house.lab)
    await picked(house, panel, "channels", house.lab)
    rows = await house.rows("SELECT action, detail FROM audit_entry")
    assert [action for action, _ in rows] == ["setting_changed"]
    assert house.lab in rows[0][1]


async def test_members_do_not_have_the_command(house: House) -> None:
    with pytest.raises(RefusedError) as refused:
        await house.people.alice.command(house.lab, "cogreel setup")
    assert refused.value.code == "unknown_command"
