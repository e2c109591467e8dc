"""Moderators decide who may make videos on their server, where, with what, and shown how."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.audit import setting_changed
from bot.domain.durations import duration_in_words
from bot.domain.errors import MemberError
from bot.domain.gates import GateClosedError, Visitor, check_gates
from bot.domain.guild_policy import GuildPolicy, ResultsIn
from bot.domain.language import N_, OWN_NAMES, Language, _
from bot.domain.reaction import ReactionAct, chosen_emoji, emoji_of
from bot.languages import speaking
from bot.services.refusals import GATE_ACTIONS, record_refused_member
from storage import audit, guild_policy, log_cursors

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Mapping
    from datetime import timedelta

    from bot.clock import Clock
    from bot.domain.catalogues import Catalogues
    from bot.domain.money import Money
    from storage.database import Database

    Detail = dict[str, str | int | None]


class KeptTooLongError(MemberError):
    """Moderators cannot have things kept longer than the operator keeps them.

    Attributes:
        days_max: How long the operator does.
    """

    def __init__(self, *, days_max: int) -> None:
        self.days_max = days_max
        super().__init__(
            _(
                "The operator of this bot keeps words, images and clips for {days} days at most. "
                "Nothing was changed. Choose fewer days."
            ).format(days=days_max)
        )


class Policies:
    """What each server decided: the database keeps it, memory answers, the catalogues go by it.

    Who may change it is the caller's to say. Each change is recorded with itself.
    """

    def __init__(
        self, *, database: Database, clock: Clock, catalogues: Catalogues, keep_days_max: int
    ) -> None:
        """Hold what it works with.

        Args:
            database: Of the decisions.
            clock: For the record.
            catalogues: Go by what is decided about models.
            keep_days_max: How long the operator keeps words, images and clips.
        """
        self._database = database
        self._clock = clock
        self._catalogues = catalogues
        self.keep_days_max = keep_days_max
        self._policies: dict[int, GuildPolicy] = {}

    async def load(self) -> None:
        """Go by what was decided before. Before anybody can ask.

        Raises:
            StorageError: The database cannot be read.
        """
        for guild_id, policy in (await self._database.read(guild_policy.load_all)).items():
            self._go_by(guild_id, policy)

    def of(self, guild_id: int) -> GuildPolicy:
        """A server's policy."""
        return self._policies.get(guild_id, GuildPolicy())

    async def check(self, guild_id: int, visitor: Visitor, *, model: str | None = None) -> None:
        """Let a visitor pass, or not, and then put that on record; see `check_gates`.

        Raises:
            GateClosedError: Says what to do.
        """
        at = self._clock.now()
        try:
            check_gates(self.of(guild_id), visitor, at=at, model=model)
        except GateClosedError as refusal:
            await record_refused_member(
                self._database,
                GATE_ACTIONS[refusal.gate],
                guild_id=guild_id,
                user_id=visitor.user_id,
                detail={"channel_id": visitor.channel_id, "model": model},
                at=at,
            )
            raise

    async def allow_channels(self, guild_id: int, channels: Iterable[int], *, by: int) -> None:
        """Make videos in these channels only; everywhere where there are none."""
        chosen = frozenset(channels)
        detail = _detail(
            N_("the channels for videos"), "channel", chosen, or_else=N_("all of them")
        )
        await self._change(guild_id, lambda old: replace(old, channels=chosen), detail, by=by)

    async def allow_roles(self, guild_id: int, roles: Iterable[int], *, by: int) -> None:
        """Make videos for members with one of these roles; for everybody where there are none."""
        chosen = frozenset(roles)
        detail = _detail(N_("the roles for videos"), "role", chosen, or_else=N_("none needed"))
        await self._change(guild_id, lambda old: replace(old, roles=chosen), detail, by=by)

    async def ask_for_age(
        self, guild_id: int, *, account: timedelta, membership: timedelta, by: int
    ) -> None:
        """Ask for an account of some age, and for some time on the server."""
        with speaking(Language.ENGLISH):  # the record is one text for all
            value = f"account {duration_in_words(account)}, here {duration_in_words(membership)}"
        detail: Detail = {"setting": N_("the least ages"), "kind": "text", "value": value}
        await self._change(
            guild_id,
            lambda old: replace(old, min_account_age=account, min_membership=membership),
            detail,
            by=by,
        )

    async def allow_models(self, guild_id: int, models: Iterable[str], *, by: int) -> None:
        """Let these models be chosen; all where there are none. The default is one of them."""
        chosen = frozenset(models)

        def change(old: GuildPolicy) -> GuildPolicy:
            new = replace(old, models=chosen)
            kept = old.default_model is not None and new.allows(old.default_model)
            return new if kept else replace(new, default_model=None)

        detail = _detail(N_("the models to choose from"), "text", chosen, or_else=N_("all of them"))
        await self._change(guild_id, change, detail, by=by)

    async def choose_default(self, guild_id: int, model: str, *, by: int) -> None:
        """Mean this model where none is named."""
        detail: Detail = {"setting": N_("the default model"), "kind": "text", "value": model}
        await self._change(guild_id, lambda old: replace(old, default_model=model), detail, by=by)

    async def restrict_models(self, guild_id: int, models: Iterable[str], *, by: int) -> None:
        """Make these models' videos in age-restricted channels only."""
        chosen = frozenset(models)
        setting = N_("the models for age-restricted channels only")
        detail = _detail(setting, "text", chosen, or_else="none")
        await self._change(
            guild_id, lambda old: replace(old, restricted_models=chosen), detail, by=by
        )

    async def put_results(self, guild_id: int, where: ResultsIn, *, by: int) -> None:
        """Post results into threads of their own, or into the channel."""
        detail: Detail = {
            "setting": N_("the place of results"),
            "kind": "text",
            "value": where.value,
        }
        await self._change(guild_id, lambda old: replace(old, results_in=where), detail, by=by)

    async def hide_results(self, guild_id: int, *, hidden: bool, by: int) -> None:
        """Post clips as spoilers, or as they are."""
        value = N_("hidden until clicked on") if hidden else N_("shown")
        detail: Detail = {"setting": N_("how clips are shown"), "kind": "text", "value": value}
        await self._change(guild_id, lambda old: replace(old, spoilers=hidden), detail, by=by)

    async def confirm_above(self, guild_id: int, amount: Money | None, *, by: int) -> None:
        """Let members confirm each video that may cost more than this; none for None."""
        value = N_("none") if amount is None else f"everything above {amount}"
        detail: Detail = {"setting": N_("what is confirmed"), "kind": "text", "value": value}
        await self._change(guild_id, lambda old: replace(old, confirm_above=amount), detail, by=by)

    async def choose_language(self, guild_id: int, language: Language | None, *, by: int) -> None:
        """Post in this language; in the one that the server has in Discord for None."""
        value = N_("the server's in Discord") if language is None else OWN_NAMES[language]
        detail: Detail = {"setting": N_("the language of posts"), "kind": "text", "value": value}
        await self._change(guild_id, lambda old: replace(old, language=language), detail, by=by)

    async def keep_for(self, guild_id: int, days: int | None, *, by: int) -> None:
        """Keep words, images and clips so long; as long as the operator does for None.

        Raises:
            KeptTooLongError: The operator does not keep them so long.
        """
        if days is not None and days > self.keep_days_max:
            raise KeptTooLongError(days_max=self.keep_days_max)
        value = N_("as the operator set it") if days is None else f"{days} days"
        setting = N_("how long words, images and clips are kept")
        detail: Detail = {"setting": setting, "kind": "text", "value": value}
        await self._change(guild_id, lambda old: replace(old, keep_days=days), detail, by=by)

    async def log_into(self, guild_id: int, channel_id: int | None, *, by: int) -> None:
        """Show the audit in this channel from now on; nowhere for None."""
        channels = () if channel_id is None else (channel_id,)
        detail = _detail(N_("the log channel"), "channel", channels, or_else="none")
        await self._change(
            guild_id, lambda old: replace(old, log_channel_id=channel_id), detail, by=by
        )

    async def show_board(self, guild_id: int, channel_id: int | None, *, by: int) -> None:
        """Show the board in this channel; nowhere for None."""
        channels = () if channel_id is None else (channel_id,)
        detail = _detail(N_("the channel of the board"), "channel", channels, or_else="none")
        await self._change(
            guild_id, lambda old: replace(old, board_channel_id=channel_id), detail, by=by
        )

    def boards(self) -> dict[int, int]:
        """Where boards are to be shown: the channel, by server."""
        return {
            guild_id: policy.board_channel_id
            for guild_id, policy in self._policies.items()
            if policy.board_channel_id is not None
        }

    async def put_gallery(self, guild_id: int, channel_id: int | None, *, by: int) -> None:
        """Post what members like best into this channel from now on; nowhere for None."""
        channels = () if channel_id is None else (channel_id,)
        detail = _detail(N_("the gallery"), "channel", channels, or_else="none")
        await self._change(
            guild_id, lambda old: replace(old, gallery_channel_id=channel_id), detail, by=by
        )

    async def ask_for_stars(self, guild_id: int, stars: int, *, by: int) -> None:
        """Post what so many members collect into the gallery."""
        detail: Detail = {
            "setting": N_("the stars for the gallery"),
            "kind": "text",
            "value": str(stars),
        }
        await self._change(guild_id, lambda old: replace(old, gallery_stars=stars), detail, by=by)

    async def choose_reactions(
        self, guild_id: int, typed: Mapping[ReactionAct, str], *, by: int
    ) -> None:
        """Do these things at these emoji; not at all where one is empty.

        Raises:
            EmojiNotUsableError: One of them is no emoji.
            EmojiTwiceError: Two of them are the same.
        """
        chosen = chosen_emoji(typed)
        value = " ".join(f"{act} {emoji_of(chosen, act) or '-'}" for act in ReactionAct)
        detail: Detail = {"setting": N_("the reactions"), "kind": "text", "value": value}
        await self._change(guild_id, lambda old: replace(old, reactions=chosen), detail, by=by)

    async def _change(
        self,
        guild_id: int,
        change: Callable[[GuildPolicy], GuildPolicy],
        detail: Detail,
        *,
        by: int,
    ) -> None:
        at = self._clock.now()
        act = setting_changed(guild_id, detail, by=by)

        def write(db: sqlite3.Connection) -> GuildPolicy:
            old = guild_policy.load(db, guild_id)
            new = change(old)
            if new != old:
                guild_policy.save(db, guild_id, new)
                if new.log_channel_id is None:
                    log_cursors.end(db, guild_id)
                else:  # the log begins with the entry that says so
                    log_cursors.begin(db, guild_id)
                audit.append(db, act, at=at)
            return new

        self._go_by(guild_id, await self._database.write(write))

    def _go_by(self, guild_id: int, policy: GuildPolicy) -> None:
        self._policies[guild_id] = policy
        self._catalogues.set_choice(
            guild_id, models=policy.models, default_model=policy.default_model
        )


def _detail(setting: str, kind: str, chosen: Iterable[int | str], *, or_else: str) -> Detail:
    """What is recorded of a choice; ``kind`` says how its values are shown: as mentions or text."""
    values = ", ".join(map(str, sorted(chosen, key=str)))
    return {"setting": setting, "kind": kind if values else "text", "value": values or or_else}
