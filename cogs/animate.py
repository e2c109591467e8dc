"""Animate this image: the menu of a message with a picture leads to a form, and to a video."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.domain.errors import MemberError
from bot.domain.job import Origin
from bot.domain.language import _
from bot.domain.request import Mode, VideoRequest
from bot.services.intake import Attachment
from bot.services.options import Options, request_from
from bot.services.submissions import NOT_YET_TAKEN_IN
from cogs.answer import Answer
from cogs.asking import admit, check_channel, submit_in_public
from cogs.failures import told
from cogs.services import Interaction, catalogue_for
from cogs.wish_modal import WishModal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.capability import Capability
    from bot.domain.catalogue import Catalogue
    from cogs.services import AnyInteraction

PICTURES_MAX = 25  # options of a select
PICTURE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif")


class NoPictureThereError(MemberError):
    """The message holds no picture that can be animated."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "That message has no picture that I can take: only files that were posted on "
                "Discord count, not links. Use `/video create` with the picture as `image`."
            )
        )


@app_commands.context_menu(name="Animate this image")
@app_commands.guild_only()
async def animate_this(interaction: Interaction, message: discord.Message) -> None:
    """Ask in a form what is to happen in the picture."""
    answer = Answer(interaction)
    async with told(answer):
        found = pictures_of(interaction, message)
        if not found:
            raise NoPictureThereError
        check_channel(interaction)
        await admit(interaction, answer, Origin.ANIMATE)
        row, filled = await _to_fill_in(interaction)
        title = _("Animate with {title}").format(title=row.title)
        await answer.open(WishModal(title, filled, row, _animate, pictures=tuple(found)))


def pictures_of(
    interaction: AnyInteraction, message: discord.Message
) -> list[tuple[str, Attachment]]:
    """The pictures of a message that Discord itself keeps, each with a name; no typed address."""
    is_discords = interaction.client.services.submissions.is_discords
    return [(name, picture) for name, picture in _pictures(message) if is_discords(picture.url)][
        :PICTURES_MAX
    ]


def _pictures(message: discord.Message) -> Iterator[tuple[str, Attachment]]:
    files = [*message.attachments]
    for forwarded in message.message_snapshots:
        files += forwarded.attachments
    for file in files:
        if (file.content_type or "").partition(";")[0] in PICTURE_TYPES:
            yield (
                file.filename[:100],
                Attachment(option="image", url=file.url, size_bytes=file.size),
            )
    for number, embed in enumerate(message.embeds, 1):
        # What Discord made of it, and not what somebody typed: of a foreign page that is a host
        # which is not asked.
        url = embed.image.proxy_url or embed.thumbnail.proxy_url
        if url is not None:
            name = _("Picture {number} of a link").format(number=number)
            yield name, Attachment(option="image", url=url, size_bytes=0)


async def _to_fill_in(interaction: Interaction) -> tuple[Capability, VideoRequest]:
    """The form as the person's defaults have it."""
    here, defaults = catalogue_for(interaction), interaction.client.services.defaults
    fill = partial(
        defaults.fill, images=1, user_id=interaction.user.id, guild_id=interaction.guild_id or 0
    )
    options = await fill(Options(prompt=""))
    if options.model is None:
        options = await fill(Options(prompt="", model=_model_for_a_frame(here).model))
    row = here.choose(options.model, Mode.FIRST_FRAME)
    return row, request_from(options, row, (NOT_YET_TAKEN_IN,))


def _model_for_a_frame(catalogue: Catalogue) -> Capability:
    """The default where it starts from a picture, else the least expensive one that does.

    Raises:
        InvalidOptionError: None does.
    """
    fitting = {row.model: row for row in catalogue.fitting(Mode.FIRST_FRAME, {})}
    cheapest = catalogue.cheapest(Mode.FIRST_FRAME)
    if cheapest is None:
        return catalogue.choose(None, Mode.FIRST_FRAME)
    return fitting.get(catalogue.default.model, cheapest)


async def _animate(
    interaction: AnyInteraction,
    answer: Answer,
    options: Options,
    pictures: tuple[Attachment, ...],
) -> None:
    submissions = interaction.client.services.submissions
    request = submissions.check(options, pictures, guild_id=interaction.guild_id or 0)
    await submit_in_public(
        interaction,
        answer,
        Origin.ANIMATE,
        request,
        lambda asker: submissions.submit(options, pictures, asker),
    )
