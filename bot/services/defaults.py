"""Members choose what their videos are like where they leave an option out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.defaults import NO_DEFAULTS, Defaults, check_defaults
from bot.domain.errors import InvalidOptionError
from bot.domain.request import Mode
from bot.services.options import Options, chosen_in, mode_of, with_choices
from bot.services.possible_holders import PossibleHolders
from storage import member_defaults

if TYPE_CHECKING:
    import sqlite3

    from bot.clock import Clock
    from bot.domain.capability import Choice
    from bot.domain.catalogue import Catalogue
    from bot.domain.catalogues import Catalogues
    from storage.database import Database


STARTS_OF_SHOTS = (Mode.TEXT, Mode.FIRST_FRAME)  # from words, or from an image or another shot


class MemberDefaults:
    """A member's are theirs alone, and hold on every server."""

    def __init__(self, *, database: Database, clock: Clock, catalogues: Catalogues) -> None:
        self._database = database
        self._clock = clock
        self._catalogues = catalogues
        self._may_have = PossibleHolders(database, member_defaults.holders)

    async def of(self, user_id: int) -> Defaults:
        """What a member chose."""
        if not await self._may_have.may_include(user_id):
            return NO_DEFAULTS
        return await self._database.read(lambda db: member_defaults.of_member(db, user_id))

    async def change(self, user_id: int, given: Defaults, *, guild_id: int) -> Defaults:
        """Choose some; the others stay as they were. All of them as they are then.

        Args:
            user_id: Whose.
            given: What is chosen now.
            guild_id: On which server: its models are those that values are checked against.

        Raises:
            InvalidOptionError: No such model, or nothing that it takes.
        """
        here, at = self._catalogues.of(guild_id), self._clock.now()
        if given.model is not None:
            named = here.named(given.model)
            if named is None:
                here.choose(given.model, Mode.TEXT)  # says which there are
            else:
                given = replace(given, model=named.model)

        def write(db: sqlite3.Connection) -> Defaults:
            defaults = member_defaults.of_member(db, user_id).changed_by(given)
            row = None if defaults.model is None else here.find(defaults.model)
            rows = here.rows if row is None else (row,)
            check_defaults(defaults, rows)
            if defaults != NO_DEFAULTS:
                member_defaults.keep(db, user_id, defaults, at=at)
            return defaults

        self._may_have.add(user_id)
        return await self._database.write(write)

    async def clear(self, user_id: int) -> bool:
        """Choose none any more; whether there were any."""
        return await self._database.write(lambda db: member_defaults.forget(db, user_id))

    async def fill(self, options: Options, *, images: int, user_id: int, guild_id: int) -> Options:
        """What a member typed, with their defaults where they left something out.

        What the model does not take stays out: a default is a wish, and refuses nothing.

        Args:
            options: As typed.
            images: How many images are attached.
            user_id: Who asks.
            guild_id: Where.
        """
        return await self._fill(options, (mode_of(options, images),), user_id, guild_id)

    async def fill_shots(self, options: Options, *, user_id: int, guild_id: int) -> Options:
        """What a member typed for all shots of a storyboard, filled as `fill` does.

        A default stays out that is not for every way in which a shot may start.
        """
        return await self._fill(options, STARTS_OF_SHOTS, user_id, guild_id)

    async def _fill(
        self, options: Options, modes: tuple[Mode, ...], user_id: int, guild_id: int
    ) -> Options:
        defaults = await self.of(user_id)
        if defaults == NO_DEFAULTS:
            return options
        return _filled(options, defaults, self._catalogues.of(guild_id), modes)


def _filled(
    options: Options, defaults: Defaults, here: Catalogue, modes: tuple[Mode, ...]
) -> Options:
    typed = chosen_in(options)
    fitting = [{row.model for row in here.fitting(mode, typed)} for mode in modes]
    if options.model is None and all(defaults.model in models for models in fitting):
        options = replace(options, model=defaults.model)
    try:
        row = here.choose(options.model, modes[0])
    except InvalidOptionError:  # told by the check of what was typed
        return options

    def chosen(choice: Choice, default: str | int | None) -> str | int | None:
        if typed[choice] is None and all(default in row.values(choice, mode) for mode in modes):
            return default
        return typed[choice]

    wanted = {choice: chosen(choice, default) for choice, default in defaults.choices.items()}
    sounds = options.with_audio
    if sounds is None and row.audio:
        sounds = defaults.with_audio
    return replace(with_choices(options, wanted), with_audio=sounds)
