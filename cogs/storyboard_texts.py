"""What people read of a storyboard: the draft that its member sees, and how far it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.cost import Charge
from bot.domain.job import JobState, OutcomeReason
from bot.domain.language import N_, _, ngettext
from bot.domain.routing import WAITS_FOR_SHOT
from bot.domain.storyboard import DRAFT_KEPT, SHOTS_MAX, SHOTS_MIN, is_made
from cogs import job_words, texts
from cogs.tell_texts import told_by
from cogs.typed import one_line, shown_plainly

if TYPE_CHECKING:
    from bot.domain.catalogues import Catalogues
    from bot.domain.job import Job
    from bot.domain.storyboard import Shot, Storyboard
    from bot.services.courses import Course
    from bot.services.drafts import Preview

BADLY = N_("the model's maker says that it handles such prompts badly.")
PROMPT_LENGTHS = (90, 40, 12)  # the longest with which the whole fits into a message


def draft(preview: Preview, catalogues: Catalogues) -> str:
    """The draft, as its member alone sees it."""
    whole = [_draft(preview, catalogues, longest) for longest in PROMPT_LENGTHS]
    brief = _draft(preview, catalogues, PROMPT_LENGTHS[-1], in_brief=True)
    return _fitting([*whole, brief])


def course(seen: Course, catalogues: Catalogues) -> str:
    """The status message of a storyboard that was started."""
    return _fitting([_course(seen, catalogues, longest) for longest in PROMPT_LENGTHS])


def headed(seen: Course) -> str:
    """Which storyboard, and how far it is."""
    return _("**Storyboard #{number}** {headline}").format(
        number=seen.board.storyboard_id, headline=_headline(seen)
    )


def short(shot: Shot, longest: int) -> str:
    """A shot's words on one line; plain text, for places that format nothing."""
    line = one_line(shot.prompt) or _("(only an image)")
    return line if len(line) <= longest else line[: longest - 1] + "…"


def _fitting(candidates: list[str]) -> str:
    whole = (text for text in candidates if len(text) <= texts.MESSAGE_MAX_CHARACTERS)
    return next(whole, candidates[-1][: texts.MESSAGE_MAX_CHARACTERS])


def _draft(
    preview: Preview, catalogues: Catalogues, longest: int, *, in_brief: bool = False
) -> str:
    board = preview.board
    lines = [_("**Your storyboard** · {settings}").format(settings=_settings(board, catalogues))]
    lines += [_drafted(shot, longest) for shot in board.shots]
    if not board.shots:
        lines.append(
            _("No shots yet. A shot is one video; a storyboard has 2 to {most} of them.").format(
                most=SHOTS_MAX
            )
        )
    lines += _notes(preview, in_brief=in_brief)
    if preview.problem is not None:
        lines.append(f"⚠️ {preview.problem}")
    elif board.shots:
        cost = texts.cost_words(Charge(money=preview.price, is_final=False))
        lines.append("-# " + _price_and_time(preview) + cost)
    if 0 < len(board.shots) < SHOTS_MIN:
        lines.append(_("Add another shot: then you can start it."))
    days = DRAFT_KEPT.days
    lines.append(
        _(
            "-# Nothing is made, and nothing costs anything, before you press **Start**. Your "
            "draft is kept for {days} days after its last change."
        ).format(days=days)
    )
    lines += _will_be_told(board)
    return "\n".join(lines)


def _notes(preview: Preview, *, in_brief: bool) -> list[str]:
    """What is known of the shots' prompts, and of which ones; in brief, that something is."""
    shots: dict[str, list[int]] = {}
    for number, note in preview.notes:
        shots.setdefault(_(BADLY) if in_brief else note, []).append(number)
    return [
        ngettext("⚠️ Shot {numbers}: {note}", "⚠️ Shots {numbers}: {note}", len(numbers)).format(
            numbers=", ".join(map(str, dict.fromkeys(numbers))), note=note
        )
        for note, numbers in shots.items()
    ]


def _price_and_time(preview: Preview) -> str:
    shots = len(preview.board.shots)
    counted = ngettext("{count} shot", "{count} shots", shots).format(count=shots)
    expected, chain = preview.expected, preview.board.longest_chain
    if expected is None:
        return counted
    span = texts.between(expected.earliest_s * chain, expected.latest_s * chain)
    usually = _("usually takes {span} in all, from its turn on").format(span=span)
    return f"{counted} · {usually}"


def _drafted(shot: Shot, longest: int) -> str:
    words = shown_plainly(short(shot, longest))
    if shot.is_chained:
        starts = _("starts from the last frame of shot {number}").format(number=shot.number - 1)
    elif shot.image_id is not None:
        starts = _("starts from its image")
    else:
        return f"**{shot.number}** {words}"
    return f"**{shot.number}** {words} · {starts}"


def _settings(board: Storyboard, catalogues: Catalogues) -> str:
    common = board.common
    parts = [catalogues.title_of(common.model)]
    parts += [*job_words.shape(common), *job_words.manner(common)]
    parts += [_("cross-fades")] if board.cross_fades else []
    return " · ".join(parts)


def _course(seen: Course, catalogues: Catalogues, longest: int) -> str:
    board = seen.board
    lines = [f"{_mark(seen)} {headed(seen)}"]
    lines += [
        _shot(shot, take, longest) for shot, take in zip(board.shots, seen.takes, strict=False)
    ]
    whose = _("for {member}").format(member=f"<@{board.user_id}>")
    lines.append(f"-# {_settings(board, catalogues)}{_cost(seen)} · {whose}")
    if board.is_open:
        lines += _will_be_told(board)
    return "\n".join(lines)


def _will_be_told(board: Storyboard) -> list[str]:
    return [told_by(board.tell_by, board.user_id)] if board.tell_by else []


def _headline(seen: Course) -> str:
    board, shots = seen.board, len(seen.takes)
    if seen.is_closed:
        return _("has ended: something of it was taken down or deleted")
    if board.is_open and seen.made < shots:
        return _("is being made: {made} of {shots} shots are there").format(
            made=seen.made, shots=shots
        )
    if board.is_open:
        return _("has all its shots. I am joining them into a film")
    if seen.has_film and seen.film is not None:
        return _film(seen.film)
    if board.join_failure is not None and seen.made == shots:
        return _(
            "has all its shots, but I could not join them into a film. Each shot is posted by "
            "itself, so nothing is lost; joining costs nothing"
        )
    return _(
        "stands still: not every shot could be made. Retake those that are missing, and the "
        "film is joined"
    )


def _film(film: Job) -> str:
    if film.state is JobState.DELIVERED:
        where = film.place.thread_id or film.place.channel_id
        if film.place.result_is_direct:
            return _("is done: the film, video #{number}, is in the direct messages").format(
                number=film.job_id
            )
        link = f"https://discord.com/channels/{film.place.guild_id}/{where}/"
        link += str(film.place.result_message_id)
        return _("is done: the film is video #{number}, {link}").format(
            number=film.job_id, link=link
        )
    if film.parked_at is not None:
        return _("is done, but I can post the film nowhere. Get it with `/video claim`")
    if film.is_terminal:
        return _("is done, but its film could not be posted")
    return _("is done: the film is ready and on its way here")


def _shot(shot: Shot, take: Job, longest: int) -> str:
    if take.taken_down_at is not None or take.erased_at is not None:
        return f"**{shot.number}** 🚫 " + _("was taken down or deleted")
    words = shown_plainly(short(shot, longest))
    return f"**{shot.number}** {_take_mark(take)} {words} · {_take(shot, take)}"


def _take(shot: Shot, take: Job) -> str:  # noqa: PLR0911  # one line per state
    number = take.job_id
    if take.state is JobState.QUEUED:
        if take.route == WAITS_FOR_SHOT:
            return _("waits for shot {number}").format(number=shot.number - 1)
        return _("is waiting, as video #{number}").format(number=number)
    if take.state is JobState.DELIVERED or is_made(take):
        return _("is video #{number}").format(number=number)
    if take.state in {JobState.SUBMITTING, JobState.RENDERING}:
        since = job_words.relative(take.submitted_at or take.state_at)
        return _("is rendering, started {since}, as video #{number}").format(
            since=since, number=number
        )
    if take.state is JobState.FETCHED:
        return _("is ready and on its way here")
    if take.reason is OutcomeReason.NO_FIRST_FRAME:
        return _("waited for shot {number}, which could not be made").format(number=shot.number - 1)
    outcome = _(texts.OUTCOMES[take.reason]) if take.reason else ""
    return _("could not be made: {outcome}").format(outcome=outcome)


def _mark(seen: Course) -> str:
    if seen.is_closed:
        return "🚫"
    if seen.board.is_open:
        return "🎞️"
    return "✅" if seen.has_film else "⚠️"


def _take_mark(take: Job) -> str:
    if is_made(take):
        return "✅"
    if take.state is JobState.QUEUED:
        return "⏳"
    return "⚠️" if take.is_terminal or take.state is JobState.HELD else "🎞️"


def _cost(seen: Course) -> str:
    """What all takes cost in all, in the words of one video."""
    if not seen.charges:
        return ""
    moneys = [charge.money for charge in seen.charges]
    known = [money for money in moneys if money is not None]
    is_final = all(charge.is_final for charge in seen.charges)
    if len(known) < len(moneys) or len({money.currency for money in known}) > 1:
        return texts.cost_words(Charge(money=None, is_final=is_final))
    total = replace(known[0], micros=sum(money.micros for money in known))
    return texts.cost_words(Charge(money=total, is_final=is_final))
