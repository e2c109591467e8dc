"""A small bot that answers with what it was given: one command for each thing a page must show."""

import asyncio
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import discord
from discord import app_commands

CLIP: Final = "clip.mp4"
SIZES: Final = ("1280x720", "1024x1024", "720x1280")


def write_clip(path: Path, *, seconds: int = 2) -> None:
    """Write a small film that browsers play: H.264 in yuv420p, its index in front."""
    picture = av.VideoFrame(320, 180, "yuv420p")
    for plane, level in zip(picture.planes, (120, 110, 170), strict=True):
        plane.update(bytes([level]) * plane.buffer_size)
    container: Any = av.open(str(path), "w", options={"movflags": "+faststart"})
    with container:
        stream = container.add_stream("libx264", rate=Fraction(10), options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number in range(seconds * 10):
            picture.pts, picture.time_base = number, Fraction(1, 10)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())


class Note(discord.ui.Modal, title="A note"):
    text: discord.ui.Label[Any] = discord.ui.Label(
        text="What to say",
        description="Any words",
        component=discord.ui.TextInput(custom_id="text", style=discord.TextStyle.paragraph),
    )
    tone: discord.ui.Label[Any] = discord.ui.Label(
        text="How to say it",
        component=discord.ui.Select(
            custom_id="tone",
            options=[discord.SelectOption(label=each) for each in ("softly", "loudly")],
        ),
    )

    picture: discord.ui.Label[Any] = discord.ui.Label(
        text="A picture with it",
        component=discord.ui.FileUpload(custom_id="picture", required=False),
    )

    async def on_submit(self, interaction: discord.Interaction) -> None:
        text, tone, picture = self.text.component, self.tone.component, self.picture.component
        assert isinstance(text, discord.ui.TextInput)
        assert isinstance(tone, discord.ui.Select)
        assert isinstance(picture, discord.ui.FileUpload)
        names = [file.filename for file in picture.values]
        await interaction.response.send_message(f"Said {tone.values[0]}: {text.value} {names}")


class Controls(discord.ui.View):
    """Buttons with every ending: an edit, a modal, no answer."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    @discord.ui.button(label="Press", emoji="🔁", custom_id="press")
    async def press(self, interaction: discord.Interaction, button: discord.ui.Button[Any]) -> None:
        button.disabled = True
        content = f"pressed by {interaction.user.display_name}"
        await interaction.response.edit_message(content=content, view=self)

    @discord.ui.button(label="Note", custom_id="note", style=discord.ButtonStyle.primary)
    async def note(self, interaction: discord.Interaction, _: discord.ui.Button[Any]) -> None:
        await interaction.response.send_modal(Note())

    @discord.ui.button(label="Silence", custom_id="silence", style=discord.ButtonStyle.danger)
    async def silence(self, _: discord.Interaction, __: discord.ui.Button[Any]) -> None:
        return


class EchoBot(discord.Client):
    def __init__(self, folder: Path) -> None:
        intents = discord.Intents(guilds=True, guild_reactions=True)
        super().__init__(intents=intents, guild_ready_timeout=0.1)
        self.tree = app_commands.CommandTree(self)
        self.folder = folder
        self._connection_task: asyncio.Task[None] | None = None
        commands: list[app_commands.Command[Any, ..., Any] | app_commands.ContextMenu]
        commands = [echo, whisper, talk, clip, panel, letter, quote]
        for command in commands:
            self.tree.add_command(command)

    async def arrive(self, token: str) -> None:
        """Log in, define the commands, and connect."""
        await self.login(token)
        await self.tree.sync()
        self._connection_task = asyncio.create_task(self.connect())
        await self.wait_until_ready()

    async def close(self) -> None:
        await super().close()
        if self._connection_task is not None:
            await asyncio.wait([self._connection_task])


@app_commands.command(description="Say it back")
@app_commands.describe(text="The words", image="A picture", size="Its size", loud="In capitals")
async def echo(
    interaction: discord.Interaction,
    text: app_commands.Range[str, 1, 60],
    image: discord.Attachment | None = None,
    size: str | None = None,
    *,
    loud: bool = False,
) -> None:
    words = text.upper() if loud else text
    files = [await image.to_file()] if image else []
    content = f"{words} [{size}]" if size else words
    await interaction.response.send_message(content, files=files, view=Controls())


@echo.autocomplete("size")
async def suggest_size(_: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=each, value=each) for each in SIZES if typed in each]


@app_commands.command(description="Answer only the one who asks")
async def whisper(interaction: discord.Interaction) -> None:
    await interaction.response.send_message("between us", ephemeral=True)


@app_commands.command(description="Open a thread")
async def talk(interaction: discord.Interaction) -> None:
    await interaction.response.send_message("let us talk")
    message = await interaction.original_response()
    assert interaction.guild is not None
    assert isinstance(interaction.channel, discord.TextChannel)
    thread = await interaction.channel.create_thread(name="A talk", message=message)
    await thread.send("inside the thread")


@app_commands.command(description="Show a film")
async def clip(interaction: discord.Interaction) -> None:
    await interaction.response.defer()
    bot = interaction.client
    assert isinstance(bot, EchoBot)
    path = bot.folder / CLIP
    await asyncio.to_thread(write_clip, path)
    await interaction.followup.send("a film", file=discord.File(path))


class Pick(discord.ui.Select[Any]):
    def __init__(self) -> None:
        options = [
            discord.SelectOption(label=each, value=each.lower()) for each in ("Grain", "Glow")
        ]
        super().__init__(custom_id="pick", placeholder="Look", options=options)

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"picked {self.values}")


class Rooms(discord.ui.ChannelSelect[Any]):
    def __init__(self) -> None:
        kinds = [discord.ChannelType.text]
        super().__init__(custom_id="rooms", placeholder="Room", channel_types=kinds)

    async def callback(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"went to {self.values[0].name}")


class Panel(discord.ui.LayoutView):
    box: discord.ui.Container[Any] = discord.ui.Container[Any](
        discord.ui.TextDisplay[Any]("## Contact sheet\nTwelve frames, *none* sharp"),
        discord.ui.Separator[Any](),
        discord.ui.ActionRow[Any](
            discord.ui.Button[Any](label="Manual", url="https://example.org/manual"),
            discord.ui.Button[Any](label="Off", custom_id="off", disabled=True),
        ),
        discord.ui.ActionRow[Any](Pick()),
        discord.ui.ActionRow[Any](Rooms()),
        accent_colour=0xF2BB66,
    )


@app_commands.command(description="Show the newer components, and an embed")
async def panel(interaction: discord.Interaction) -> None:
    await interaction.response.send_message(view=Panel())
    embed = discord.Embed(title="Queue", description="Two **waiting**", colour=0xE2482C)
    embed.add_field(name="Running", value="1", inline=True).set_footer(text="since noon")
    await interaction.followup.send(embed=embed)


@app_commands.command(description="Write to the one who asks")
async def letter(interaction: discord.Interaction) -> None:
    await interaction.user.send("for your eyes")
    await interaction.response.send_message("sent", ephemeral=True)


@app_commands.context_menu(name="Quote")
async def quote(interaction: discord.Interaction, message: discord.Message) -> None:
    await interaction.response.send_message(f"quoted {message.id}")
