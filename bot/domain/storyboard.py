"""Storyboards: shots that are made as ordinary jobs, and joined into one film."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.capability import Choice
from bot.domain.errors import MemberError
from bot.domain.job import JobState
from bot.domain.language import _

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.domain.cost import Cost
    from bot.domain.job import Job, Place, TellBy
    from bot.domain.money import Money, Rates
    from bot.domain.request import VideoRequest

SHOTS_MIN, SHOTS_MAX = 2, 8
DRAFT_KEPT = timedelta(days=7)
"""How long a draft is kept that nobody touches."""
CHOICES_OF_SHOTS = (Choice.DURATION, Choice.QUALITY, Choice.STYLE, Choice.MOVEMENT)
"""What may differ from shot to shot. A film has one size and one rate."""
FADE_S = 0.5
"""How long a cross-fade takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One shot of a storyboard.

    Attributes:
        position: From 0.
        prompt: What happens in it; empty where its words were deleted.
        image_id: The artifact that is its first frame; None without one.
        is_chained: Whether its first frame is the last one of the shot before.
        job_id: Its newest take; None in a draft.
        settings: What that asked for, without words and images; None where it is what all shots
            have in common.
    """

    position: int
    prompt: str
    image_id: str | None = None
    is_chained: bool = False
    job_id: int | None = None
    settings: VideoRequest | None = None

    @property
    def number(self) -> int:
        """As people count."""
        return self.position + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Storyboard:
    """A member's shots: a draft until it is started.

    Attributes:
        storyboard_id: From 1.
        user_id: Whose it is, and whose quota holds its reservations.
        place: Where its jobs live; the status message is its own.
        common: What all shots have in common as they are started; its prompt is empty.
        shots: In their order.
        changed_at: When its member last changed it.
        started_at: None for a draft.
        is_open: Whether something is still to be done by itself.
        cross_fades: Whether the film fades from shot to shot.
        told: What its member was told that it may cost, where they were asked.
        join_tries: How often the joining of these takes was begun.
        join_failure: Why these takes could not be joined; None where that is not known.
        film_job_id: The newest film; None without one.
        tell_by: How its member is told of the film, or that none comes; None where they did not
            ask for that, were told, or the film's job has it.
    """

    storyboard_id: int
    user_id: int
    place: Place
    common: VideoRequest
    shots: tuple[Shot, ...]
    changed_at: datetime
    started_at: datetime | None = None
    is_open: bool = False
    cross_fades: bool = False
    told: Money | None = None
    join_tries: int = 0
    join_failure: str | None = None
    film_job_id: int | None = None
    tell_by: TellBy | None = None

    @property
    def place_of_jobs(self) -> Place:
        """Where its takes live: its status message is none of theirs."""
        return replace(self.place, status_message_id=None)

    @property
    def film_prompt(self) -> str:
        """What its film shows, in the shots' words."""
        return " / ".join(shot.prompt for shot in self.shots if shot.prompt)

    def request_of(self, shot: Shot, *, first_frame: str | None = None) -> VideoRequest:
        """What a shot asks for.

        Args:
            shot: One of its shots.
            first_frame: The last frame of the shot before, for one that is chained.
        """
        image = first_frame if shot.is_chained else shot.image_id
        settings = shot.settings or self.common
        return replace(settings, prompt=shot.prompt, images=() if image is None else (image,))

    def with_followers(self, position: int) -> tuple[Shot, ...]:
        """A shot, and those that start, one after the other, from its last frame."""
        found = [self.shots[position]]
        for shot in self.shots[position + 1 :]:
            if not shot.is_chained:
                break
            found.append(shot)
        return tuple(found)

    @property
    def longest_chain(self) -> int:
        """How many shots have to be made one after the other at most."""
        return max((len(self.with_followers(shot.position)) for shot in self.shots), default=0)


def film_key(storyboard_id: int, job_ids: Iterable[int]) -> str:
    """The origin of the one film that is made of these takes."""
    return f"film:{storyboard_id}:{'-'.join(map(str, job_ids))}"


def shot_key(storyboard_id: int, position: int, before: int | None) -> str:
    """The origin of a shot's take: the first one, or the one that comes after a job."""
    return f"shot:{storyboard_id}:{position}:{before or 0}"


def total_of(costs: Iterable[Cost], rates: Rates) -> Money | None:
    """The most that several jobs may cost in all; None where that is not known."""
    prices = [cost.highest(rates) for cost in costs]
    known = [price for price in prices if price is not None]
    if not known or len(known) < len(prices) or len({price.currency for price in known}) > 1:
        return None
    return replace(known[0], micros=sum(price.micros for price in known))


class StoryboardGoneError(MemberError):
    """There is no such draft of this member's here."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "This storyboard is not a draft any more. Nothing was started by this. "
                "Use `/video storyboard` to open your draft, or to begin another one."
            )
        )


class TooFewShotsError(MemberError):
    """A storyboard needs more shots before it can be started."""

    def __init__(self) -> None:
        super().__init__(
            _("A storyboard needs at least {count} shots. Use **Add shot** first.").format(
                count=SHOTS_MIN
            )
        )


class TooManyShotsError(MemberError):
    """A storyboard has as many shots as it may have."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "A storyboard has {count} shots at most. Leave one out before you add another."
            ).format(count=SHOTS_MAX)
        )


class NoSuchShotError(MemberError):
    """The shot was removed meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            _("This shot is not there any more. Use `/video storyboard` to see those that are.")
        )


class ShotStartsTwiceError(MemberError):
    """A shot has an image, and is to start from the last frame of the shot before."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "A shot starts from an image or from the last frame of the shot before, not from "
                "both. Leave one of them out."
            )
        )


class StoryboardCostError(MemberError):
    """The member has to say that a storyboard may cost so much. Nothing was started.

    Attributes:
        storyboard_id: Which.
    """

    def __init__(self, storyboard_id: int, *, price: Money | None, above: Money) -> None:
        self.storyboard_id = storyboard_id
        costs = (
            _("What this storyboard will cost is not known.")
            if price is None
            else _("This storyboard will cost up to **{price}** in all.").format(price=price)
        )
        super().__init__(
            _(
                "{costs} Make it?\n"
                "-# Nothing was started: this server asks about everything that may cost more "
                "than {above}. Choose below."
            ).format(costs=costs, above=above)
        )


class RetakePriceError(MemberError):
    """A retake, as it is wanted now, costs more than its member was told."""

    def __init__(self, price: Money | None) -> None:
        costs = (
            _("What this would cost is not known.")
            if price is None
            else _("This would cost up to {price}.").format(price=price)
        )
        super().__init__(
            _(
                "{costs} That is not what you were told, so nothing was started. Use "
                "**Retake a shot** again to see what it costs by now, or leave the settings as "
                "they were."
            ).format(costs=costs)
        )


class StoryboardClosedError(MemberError):
    """Something of a storyboard was taken down or deleted, so nothing of it is made again."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Something of this storyboard was taken down or deleted, so none of its shots is "
                "made again. Start another one with `/video storyboard`."
            )
        )


class ShotUnderWayError(MemberError):
    """A take of the shot is still being made."""

    def __init__(self, *, number: int) -> None:
        super().__init__(
            _("Shot {number} is still being made. Wait until it is done.").format(number=number)
        )


class FilmTakenAgainError(MemberError):
    """A film is made of shots, and is no video of its own that a model could make again."""

    def __init__(self, *, job_id: int) -> None:
        self.job_id = job_id
        super().__init__(
            _(
                "Video #{job_id} is a film made of shots. Use **Retake a shot** under it: "
                "the film is joined anew then."
            ).format(job_id=job_id)
        )


def is_made(job: Job) -> bool:
    """Whether a shot's clip is there, and posted, or waits for its member to claim it."""
    return (
        job.clip is not None
        and job.taken_down_at is None
        and (job.state is JobState.DELIVERED or job.parked_at is not None)
    )
