"""The longer refusals of `bot.domain.errors`, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.language import _, ngettext

if TYPE_CHECKING:
    from datetime import datetime


def limit_used_up(
    *, scope: str, limit: int, used: int, window: str, resets_at: datetime | None
) -> str:
    """A number of videos in a window is used up; for the arguments see `QuotaExceededError`."""
    whose = {
        "member": ngettext(
            "Your limit of {limit} video per {window} is used up ({so_much}).",
            "Your limit of {limit} videos per {window} is used up ({so_much}).",
            limit,
        ),
        "role": ngettext(
            "Your role's limit of {limit} video per {window} is used up ({so_much}).",
            "Your role's limit of {limit} videos per {window} is used up ({so_much}).",
            limit,
        ),
        "bot": ngettext(
            "This bot's limit of {limit} video per {window} is used up ({so_much}).",
            "This bot's limit of {limit} videos per {window} is used up ({so_much}).",
            limit,
        ),
    }.get(
        scope,
        ngettext(
            "This server's limit of {limit} video per {window} is used up ({so_much}).",
            "This server's limit of {limit} videos per {window} is used up ({so_much}).",
            limit,
        ),
    )
    # More than the limit is used where it was lowered, or another one applied before.
    if used <= limit:
        so_much = _("{used} of {limit}").format(used=used, limit=limit)
    else:
        videos = ngettext("{count} video", "{count} videos", used).format(count=used)
        so_much = _("{used} used").format(used=videos)
    said = [whose.format(limit=limit, window=_(window), so_much=so_much)]
    if resets_at is not None:
        said.append(_("It resets {when}.").format(when=f"<t:{int(resets_at.timestamp())}:R>"))
    said.append(
        _("Ask the operator of this bot to raise it.")
        if scope == "bot"
        else _("A moderator can raise it with `/quota set`.")
    )
    return " ".join(said)


def queue_full(*, limit: int, of_server: bool) -> str:
    """A member, or their server, waits for too many videos."""
    text = (
        _(
            "This server already has {limit} videos waiting, which is the most at once. Try again "
            "when some of them have started; `/video queue` shows them."
        )
        if of_server
        else _(
            "You already have {limit} videos waiting, which is the most at once. Wait for one to "
            "start, or cancel one with `/video cancel`."
        )
    )
    return text.format(limit=limit)


def take_already_open(*, job_id: int) -> str:
    """The member's take of this result is still being made."""
    return _(
        "Your take of this is already being made: video #{job_id}. See `/video status`; when it "
        "is done you can make another."
    ).format(job_id=job_id)


def job_not_found(*, job_id: int | None) -> str:
    """No such job on this server; with None, none of the person's at all."""
    text = (
        _("You have no video here yet. Start one with `/video create`, or see `/video queue`.")
        if job_id is None
        else _(
            "There is no video #{job_id} here. Start one with `/video create`, or see "
            "`/video queue`."
        )
    )
    return text.format(job_id=job_id)


def not_cancellable(*, job_id: int, state: str) -> str:
    """A job is past the point where cancelling saves anything."""
    why = {
        "delivered": _("is already done"),
        "failed": _("has already failed"),
        "cancelled": _("is already cancelled"),
        "expired": _("has already failed"),
        "held": _("is on hold until the operator of this bot has looked at it"),
    }.get(state, _("is already being made and paid for, so it will be delivered"))
    return _("Video #{job_id} {why}. See `/video queue` for those that still wait.").format(
        job_id=job_id, why=why
    )
