"""A small bot that uses every kind of interaction, as a member of the audience would write it."""

import asyncio
import io
import re
from typing import Any, Self

import discord
from discord import app_commands

CLIP = b"\x00\x00\x00\x18ftypmp42" + bytes(500)


class SampleBot(discord.Client):
    """Answers /say, /video create, /ask, /quiet, /slow, /guess, /counter and two menus."""

    def __init__(self) -> None:
        super().__init__(
            intents=discord.Intents(guilds=True, guild_reactions=True), guild_ready_timeout=0.05
        )
        self.ready = asyncio.Event()
        self.reactions: asyncio.Queue[discord.RawReactionActionEvent] = asyncio.Queue()
        self.seen: asyncio.Queue[discord.Interaction] = asyncio.Queue()
        self.failures: asyncio.Queue[Exception] = asyncio.Queue()
        self.changed: asyncio.Queue[discord.abc.GuildChannel] = asyncio.Queue()
        self.go_on = asyncio.Event()
        self.resumed = asyncio.Event()
        self.tree = app_commands.CommandTree(self)
        self.tree.error(self._on_command_error)
        for command in _COMMANDS:
            self.tree.add_command(command)
        self.add_dynamic_items(CountButton)

    async def on_ready(self) -> None:
        self.ready.set()

    async def on_resumed(self) -> None:
        self.resumed.set()

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        self.seen.put_nowait(interaction)

    async def on_guild_channel_update(
        self, _before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        self.changed.put_nowait(after)

    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        self.reactions.put_nowait(event)

    async def on_raw_reaction_remove(self, event: discord.RawReactionActionEvent) -> None:
        self.reactions.put_nowait(event)

    def text_channel(self, channel_id: str) -> discord.TextChannel:
        channel = self.get_channel(int(channel_id))
        assert isinstance(channel, discord.TextChannel)
        return channel

    async def _on_command_error(
        self, _interaction: discord.Interaction, error: app_commands.AppCommandError
    ) -> None:
        self.failures.put_nowait(error)


def _bot(interaction: discord.Interaction) -> SampleBot:
    assert isinstance(interaction.client, SampleBot)
    return interaction.client


@app_commands.command(name="say", description="Says something")
@app_commands.describe(text="What to say", times="How often")
async def _say(
    interaction: discord.Interaction,
    text: app_commands.Range[str, 2, 100],
    times: app_commands.Range[int, 1, 3] = 1,
) -> None:
    await interaction.response.send_message(" ".join([text] * times))


_video: app_commands.Group = app_commands.Group(name="video", description="Clips")


@_video.command(name="create", description="Makes a clip")
async def _create(
    interaction: discord.Interaction, prompt: str, image: discord.Attachment | None = None
) -> None:
    await interaction.response.defer()
    size = len(await image.read()) if image else 0
    message = await interaction.edit_original_response(content=f"{prompt}, {size} bytes")
    thread = await message.create_thread(name=prompt)
    await thread.send("Here it is", file=discord.File(io.BytesIO(CLIP), "clip.mp4"))


@app_commands.command(name="quiet", description="Only for you")
async def _quiet(interaction: discord.Interaction) -> None:
    await interaction.response.send_message("Psst", ephemeral=True)


@app_commands.command(name="slow", description="Answers when told to")
async def _slow(interaction: discord.Interaction) -> None:
    await _bot(interaction).go_on.wait()
    await interaction.response.send_message("At last")


@app_commands.command(name="guess", description="Completes")
async def _guess(interaction: discord.Interaction, size: str) -> None:
    await interaction.response.send_message(size)


@_guess.autocomplete("size")
async def _sizes(_interaction: discord.Interaction, current: str) -> list[app_commands.Choice[str]]:
    sizes = ("1280x720", "720x1280", "1024x1024")
    return [app_commands.Choice(name=s, value=s) for s in sizes if s.startswith(current)]


class _AskModal(discord.ui.Modal, title="Tell me"):
    answer: discord.ui.TextInput[Self] = discord.ui.TextInput(label="Your answer", max_length=20)

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        await interaction.response.send_message(f"You said {self.answer.value}")


@app_commands.command(name="ask", description="Opens a modal")
async def _ask(interaction: discord.Interaction) -> None:
    await interaction.response.send_modal(_AskModal())


class _SettingsModal(discord.ui.Modal, title="Settings"):
    def __init__(self) -> None:
        super().__init__()
        options = [
            discord.SelectOption(label=each, value=each.lower()) for each in ("Fast", "Fine")
        ]
        self.quality: discord.ui.Select[Self] = discord.ui.Select(options=options)
        self.image: discord.ui.FileUpload[Self] = discord.ui.FileUpload(required=False)
        self.add_item(discord.ui.Label(text="Quality", component=self.quality))
        self.add_item(discord.ui.Label(text="Image", component=self.image))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        names = [each.filename for each in self.image.values]
        await interaction.response.send_message(f"{self.quality.values} {names}", ephemeral=True)


@app_commands.command(name="settings", description="Opens a modal with a select and an upload")
async def _settings(interaction: discord.Interaction) -> None:
    await interaction.response.send_modal(_SettingsModal())


class CountButton(
    discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=r"count:(?P<n>\d+)"
):
    """Counts its clicks in its own id."""

    def __init__(self, n: int) -> None:
        super().__init__(discord.ui.Button(label=f"{n} clicks", custom_id=f"count:{n}"))
        self.n = n

    @classmethod
    async def from_custom_id(
        cls,
        _interaction: discord.Interaction,
        _item: discord.ui.Item[discord.ui.View],
        match: re.Match[str],
        /,
    ) -> Self:
        return cls(int(match["n"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(view=counter_view(self.n + 1))


def counter_view(n: int) -> discord.ui.View:
    """A view of one DynamicItem."""
    view = discord.ui.View(timeout=None)
    view.add_item(CountButton(n))
    return view


@app_commands.command(name="counter", description="A button")
async def _counter(interaction: discord.Interaction) -> None:
    await interaction.response.send_message("Click", view=counter_view(0))


@app_commands.context_menu(name="Echo it")
async def _echo(interaction: discord.Interaction, message: discord.Message) -> None:
    await interaction.response.send_message(message.content, ephemeral=True)


@app_commands.context_menu(name="Greet")
@app_commands.default_permissions(manage_guild=True)
async def _greet(interaction: discord.Interaction, user: discord.Member) -> None:
    await interaction.response.send_message(f"Hello {user.display_name}", ephemeral=True)


_COMMANDS: list[
    app_commands.Command[Any, ..., Any] | app_commands.Group | app_commands.ContextMenu
] = [_say, _video, _ask, _quiet, _slow, _guess, _counter, _settings, _echo, _greet]
