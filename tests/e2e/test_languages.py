"""People are answered in their language, and what everybody reads is in the server's."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cogs import log_channels
from playground.person import button, words
from tests.e2e import pictures
from tests.e2e.house import WISH

if TYPE_CHECKING:
    from playground.person import Json, Person
    from tests.e2e.house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


def speaks(house: House, person: Person, locale: str) -> None:
    """Set the language of somebody's Discord."""
    users = house.playground.world.users
    users[person.id] = replace(users[person.id], locale=locale)


async def server_speaks(house: House, locale: str) -> None:
    """Set the language that the servers have in Discord; it is told when the bot connects."""
    for guild in house.playground.world.guilds.values():
        guild.locale = locale
    await house.restart_bot()


async def chosen(house: House, language: str) -> str:
    """Let a moderator choose the language of posts; what the panel says then."""
    mara = house.people.mara
    panel: Json = (await mara.command(house.lab, "cogreel setup"))["message"]
    page = next(
        item["custom_id"]
        for row in panel["components"]
        for item in row["components"]
        if item["custom_id"].endswith("page:results")
    )
    panel = (await mara.click(panel, page))["message"]
    picked = await mara.pick(panel, "cogreel:setup:language", language)
    return str(picked["message"]["content"])


async def video(house: House) -> tuple[Json, Json]:
    """The status message and the result of a video, whatever is said of it in which language."""
    status = await house.ask()
    status = await house.reads(status, "<#")  # it names the thread
    result = await house.people.alice.see(status["id"], lambda seen: bool(seen["attachments"]))
    return status, result


async def test_a_video_is_told_of_in_the_language_that_moderators_chose(house: House) -> None:
    alice = house.people.alice
    assert "Language of posts: 日本語" in await chosen(house, "ja")
    status, result = await video(house)
    assert "で完成しました" in status["content"]
    assert "**動画 #1**: <#" in status["content"]
    assert words(result).startswith("🎬 **動画 #1** · 依頼: <@")
    assert "文章から" in words(result)
    # Who presses a button in one language sees the post in the language of all.
    speaks(house, alice, "zh-CN")
    await alice.click(result, button(result, "もう一度"))
    again = await alice.see(result["channel_id"], lambda seen: "#1 の別テイク" in seen["content"])
    assert "依頼: <@" in again["content"]


async def test_the_language_of_posts_is_on_record_and_can_be_given_back_to_discord(
    house: House,
) -> None:
    await chosen(house, "zh-CN")
    assert "Language of posts: this server's in Discord" in await chosen(house, "discord")
    rows = await house.rows("SELECT detail FROM audit_entry ORDER BY seq")
    assert [json.loads(detail)["value"] for (detail,) in rows] == [
        "简体中文",
        "the server's in Discord",
    ]


async def test_a_server_that_chose_nothing_is_posted_to_in_its_language_of_discord(
    house: House,
) -> None:
    await server_speaks(house, "zh-CN")
    status, result = await video(house)
    assert "已完成" in status["content"]
    assert words(result).startswith("🎬 **视频 #1** · 来自 <@")
    assert button(result, "再来一次")


async def test_a_server_in_a_language_that_the_bot_does_not_speak_is_posted_to_in_english(
    house: House,
) -> None:
    await server_speaks(house, "de")
    _status, result = await video(house)
    assert words(result).startswith("🎬 **Video #1** for <@")


async def test_what_somebody_shows_again_is_in_the_language_of_the_server(house: House) -> None:
    alice = house.people.alice
    await video(house)
    speaks(house, alice, "ja")
    await alice.command(house.lab, "video show", job=1)
    shown = await alice.see(house.lab, lambda seen: words(seen).startswith("📌 "))
    assert words(shown).startswith("📌 **Video #1** for <@")
    assert "shown again by <@" in words(shown)
    assert button(shown, "Again")


async def test_an_open_status_changes_its_language_with_the_server(house: House) -> None:
    house.hold_renders()
    message = await house.ask()
    await house.reads(message, "is rendering, started")
    await chosen(house, "ja")
    house.let_renders_end()
    await house.reads(message, "で完成しました")


async def test_why_a_result_is_elsewhere_is_told_in_the_language_of_the_server(
    house: House,
) -> None:
    await chosen(house, "zh-CN")
    await house.knobs(bot_permissions={house.lab: ["CREATE_PUBLIC_THREADS"]})
    status = await house.ask()
    shown = await house.people.alice.see(house.lab, lambda seen: bool(seen["attachments"]))
    assert "-# 发到这里是因为我在那里缺少权限 **创建公共子区**。" in words(shown)
    await house.reads(status, "已完成")
    on_record = "SELECT detail FROM audit_entry WHERE action = 'result_elsewhere'"
    ((detail,),) = await house.rows(on_record)
    assert "Create Public Threads is missing for me there" in detail  # one text for all
    log = await house.people.mara.command(house.lab, "moderate log")
    assert "Create Public Threads is missing for me there" in log["message"]["content"]


async def test_two_people_are_told_the_same_thing_each_in_their_language(house: House) -> None:
    alice, bob = house.people.alice, house.people.bob
    speaks(house, alice, "ja")
    speaks(house, bob, "zh-CN")
    house.hold_renders()
    for number, person in enumerate((alice, bob), 1):
        # What everybody reads is in the server's language.
        await house.reads(await house.ask(person), f"**Video #{number}** is ")
    hers = (await alice.command(house.lab, "video status"))["message"]
    assert hers["ephemeral"]
    assert "**動画 #1**" in hers["content"]
    his = (await bob.command(house.lab, "video status"))["message"]
    assert "**视频 #2**" in his["content"]
    assert "来自" in his["content"]


async def test_a_limit_refuses_in_the_language_of_each_and_is_on_record_in_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_channels, "LOOK_EVERY_S", 0.02)
    alice, bob, mara = house.people.alice, house.people.bob, house.people.mara
    await chosen(house, "ja")
    await mara.command(house.lab, "quota set", videos=0, per="day")
    speaks(house, alice, "zh-CN")
    speaks(house, bob, "ja")
    for person, said in (
        (alice, "本服务器每天 0 个视频的限额已用完"),
        (bob, "このサーバーの上限"),
        (house.people.chen, "This server's limit of 0 videos per day is used up"),
    ):
        async with house.nothing_happens():
            await person.command(house.lab, "video create", **WISH)
            await house.told(person, said)
    panel: Json = (await mara.command(house.lab, "cogreel setup"))["message"]
    panel = (await mara.click(panel, "cogreel:setup:page:results"))["message"]
    await mara.pick(panel, "cogreel:setup:log", house.lab)
    speaks(house, mara, "ja")
    await mara.command(house.lab, "quota set", cooldown=60)
    details = await house.rows(
        "SELECT detail FROM audit_entry WHERE action = 'limit_set' ORDER BY seq"
    )
    assert json.loads(details[0][0])["limit"] == "one video every 60 min"
    # The log is read by all moderators: it is in the language of the server.
    await house.says(house.lab, "サーバー全体の上限を設定しました: one video every 60 min。")


async def test_an_image_that_cannot_be_used_is_refused_in_the_language_of_the_member(
    house: House,
) -> None:
    alice = house.people.alice
    speaks(house, alice, "ja")
    files = {"image": ("moves.gif", pictures.animated_gif())}
    async with house.nothing_happens():
        await alice.command(house.lab, "video create", files, **WISH)
        refusal = await house.told(alice, "アニメーションです")
    assert "静止画を添付してください。" in refusal["content"]


async def test_the_form_and_the_suggestions_are_in_the_language_of_the_member(
    house: House,
) -> None:
    alice = house.people.alice
    _status, result = await video(house)
    speaks(house, alice, "zh-CN")
    modal = (await alice.click(result, button(result, "Edit")))["modal"]
    assert modal["title"] == "编辑视频 #1"
    assert [label["label"] for label in modal["components"]][:2] == ["提示词", "尺寸"]
    speaks(house, alice, "ja")
    suggested = await alice.autocomplete(house.lab, "video create", "model", model="")
    assert any(choice["name"].endswith("画像が必要") for choice in suggested)


async def test_who_reacts_is_refused_in_the_language_of_the_server(house: House) -> None:
    mara, alice = house.people.mara, house.people.alice
    await chosen(house, "zh-CN")
    _status, result = await video(house)
    await mara.command(house.lab, "moderate block", member=alice.id)
    await alice.react(result, "🔁")
    await house.direct(alice, "已禁止你在这里制作视频")


async def test_the_panel_is_in_the_language_of_the_moderator(house: House) -> None:
    mara = house.people.mara
    speaks(house, mara, "ja")
    panel: Json = (await mara.command(house.lab, "cogreel setup"))["message"]
    assert "投稿の言語: このサーバーの Discord での言語" in panel["content"]
    assert button(panel, "結果とログ")
    modal = (await mara.click(panel, "cogreel:setup:ages"))["modal"]
    shown = await mara.submit(modal, account="7d", membership="")
    assert "Discord アカウント作成からの最短期間: 7 日" in shown["message"]["content"]
    # What was saved is offered again as it can be typed, in whatever language it is read.
    again = (await mara.click(shown["message"], "cogreel:setup:ages"))["modal"]
    assert again["components"][0]["component"]["value"] == "7 days"
    rows = await house.rows("SELECT detail FROM audit_entry ORDER BY seq")
    assert json.loads(rows[0][0])["value"] == "account 7 days, here 0 minutes"
