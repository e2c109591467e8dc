"""What a limit is, from the options of a command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.errors import MemberError, NotAllowedError
from bot.domain.language import _
from bot.domain.money import money_from
from bot.domain.quota import Measure, QuotaRule, Scope
from bot.domain.quota_refusals import MINUTE_S
from bot.domain.windows import Window
from cogs.services import catalogue_for

if TYPE_CHECKING:
    import discord

    from bot.domain.money import Money
    from cogs.services import Interaction

MONEY_MAX_CHARACTERS = 30


class OneSubjectError(MemberError):
    """A limit was asked for both a member and a role."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "A limit is for a member, or for a role, or for the whole server. "
                "Leave `member` or `role` out, or both for the whole server."
            )
        )


class OneMeasureError(MemberError):
    """A limit was asked for several things at once, or for none."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "A limit is of one thing at a time. "
                "Use one of `videos`, `money`, `cooldown` and `at_once`."
            )
        )


class WindowMissingError(MemberError):
    """A number of videos, or money, without the time that it is for."""

    def __init__(self) -> None:
        super().__init__(_("So many videos, or so much money, need a time. Choose it with `per`."))


class AmountNotUnderstoodError(MemberError):
    """An amount of money that is none, or in a currency that nobody can convert."""

    def __init__(self, *, currencies: tuple[str, ...]) -> None:
        super().__init__(
            _(
                "That is no amount of money that I can count in. Use a number and one of "
                "{currencies}, such as `5 {currency}`."
            ).format(currencies=", ".join(currencies), currency=currencies[0])
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom a limit is for.

    Attributes:
        scope: Member, role or server.
        subject_id: Its id.
        whom: In words.
    """

    scope: Scope
    subject_id: int
    whom: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How much, as the options say; exactly one is given."""

    videos: int | None = None
    money: str | None = None
    cooldown_minutes: int | None = None
    at_once: int | None = None


def check_moderator(interaction: Interaction, action: str) -> None:
    """Refuse those who may not.

    Raises:
        NotAllowedError: They have no Manage Server.
    """
    if not interaction.permissions.manage_guild:
        raise NotAllowedError(action=action, needed=_("moderators (with **Manage Server**)"))


def subject_of(
    interaction: Interaction, member: discord.Member | None, role: discord.Role | None
) -> Subject:
    """Whom the options name.

    Raises:
        OneSubjectError: Both.
    """
    guild_id = interaction.guild_id or 0
    if member is not None and role is not None:
        raise OneSubjectError
    if member is not None:
        return Subject(scope=Scope.MEMBER, subject_id=member.id, whom=f"<@{member.id}>")
    if role is not None:
        whom = (
            _("each member")
            if role.id == guild_id
            else _("each member with <@&{role}>").format(role=role.id)
        )
        return Subject(scope=Scope.ROLE, subject_id=role.id, whom=whom)
    return Subject(scope=Scope.SERVER, subject_id=guild_id, whom=_("the whole server together"))


def rule_of(
    interaction: Interaction, subject: Subject, wanted: Wanted, per: str | None
) -> QuotaRule:
    """The limit that is meant.

    Raises:
        OneMeasureError: Several amounts, or none.
        WindowMissingError: Videos or money without a time.
        AmountNotUnderstoodError: No amount of money.
    """
    given = (wanted.videos, wanted.money, wanted.cooldown_minutes, wanted.at_once)
    if sum(one is not None for one in given) != 1:
        raise OneMeasureError
    scope, subject_id = subject.scope, subject.subject_id
    if wanted.cooldown_minutes is not None:
        seconds = wanted.cooldown_minutes * MINUTE_S
        return QuotaRule(
            scope=scope, subject_id=subject_id, limit=seconds, measure=Measure.COOLDOWN
        )
    if wanted.at_once is not None:
        return QuotaRule(
            scope=scope, subject_id=subject_id, limit=wanted.at_once, measure=Measure.CONCURRENT
        )
    if per is None:
        raise WindowMissingError
    window = Window(per)
    if wanted.videos is not None:
        return QuotaRule(scope=scope, subject_id=subject_id, window=window, limit=wanted.videos)
    return money_rule(subject, amount_of(interaction, wanted.money or ""), window)


def money_rule(subject: Subject, amount: Money, window: Window) -> QuotaRule:
    """A limit in money."""
    return QuotaRule(
        scope=subject.scope,
        subject_id=subject.subject_id,
        window=window,
        limit=amount.micros,
        measure=Measure.MONEY,
        currency=amount.currency,
    )


def amount_of(interaction: Interaction, text: str) -> Money:
    """The amount that is meant, by default in the currency of the server's default model.

    Raises:
        AmountNotUnderstoodError: It is none, or in a currency that nobody can convert.
    """
    catalogue = catalogue_for(interaction)
    usual = catalogue.default.price
    rates = interaction.client.services.catalogues.rates
    asked = {row.price.currency for row in catalogue.rows if row.price is not None}
    known = {"USD", *rates.usd_per_unit, *asked}
    default = "USD" if usual is None else usual.currency
    money = money_from(text, currency=default)
    if money is None or money.currency not in known:
        raise AmountNotUnderstoodError(currencies=(default, *sorted(known - {default})))
    return money
