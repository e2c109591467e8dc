"""The job: its states, the moves between them, and the value that the database gives back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.cost import UNPRICED, Cost

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.render_setting import RenderSetting
    from bot.domain.request import VideoRequest


class JobState(StrEnum):
    """The last durable fact about a job."""

    QUEUED = "queued"  # waits for its turn; free to cancel
    SUBMITTING = "submitting"  # the intent to pay is written; the answer is not known yet
    RENDERING = "rendering"  # the provider has a task for it
    FETCHED = "fetched"  # the clip is on our disk, checked
    DELIVERED = "delivered"  # the clip, or its link, is posted
    FAILED = "failed"  # ended without a clip; the reservation is released
    CANCELLED = "cancelled"  # ended by a person while it waited; free
    EXPIRED = (
        "expired"  # the provider no longer knows the task, or the clip's link is gone for good
    )
    HELD = (
        "held"  # the outcome of a paid call is unknown and cannot be asked: waits for the operator
    )


TERMINAL_STATES = frozenset(
    {JobState.DELIVERED, JobState.FAILED, JobState.CANCELLED, JobState.EXPIRED}
)
FILM_ACCOUNT = "(film)"
"""In the place of an account: the bot joined the clip itself, and nobody was paid."""
AT_REST_STATES = TERMINAL_STATES | {JobState.HELD}
"""States that no step of ours leaves: what is shown of them stays true."""

MOVES: dict[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.SUBMITTING, JobState.CANCELLED, JobState.FAILED}),
    # Back to queued: the provider said busy, or our account was refused; nothing was accepted.
    JobState.SUBMITTING: frozenset(
        {JobState.RENDERING, JobState.QUEUED, JobState.FAILED, JobState.HELD}
    ),
    JobState.RENDERING: frozenset({JobState.FETCHED, JobState.FAILED, JobState.EXPIRED}),
    JobState.FETCHED: frozenset({JobState.DELIVERED, JobState.FAILED}),
    JobState.HELD: frozenset({JobState.RENDERING, JobState.QUEUED, JobState.FAILED}),
    JobState.DELIVERED: frozenset(),
    JobState.FAILED: frozenset(),
    JobState.CANCELLED: frozenset(),
    JobState.EXPIRED: frozenset(),
}


class Origin(StrEnum):
    """What the person did to cause the job."""

    COMMAND = "command"
    AGAIN = "again"
    EDIT = "edit"
    REACTION = "reaction"
    TAKES = "takes"  # several at once
    EXTEND = "extend"  # it goes on from where its parent ends
    REMIX = "remix"
    ANIMATE = "animate"  # from a picture that somebody posted


class OutcomeReason(StrEnum):
    """Why a job ended without a clip. ``cogs/texts`` says each in the member's words."""

    CONTENT_REFUSED = "content_refused"
    REQUEST_REJECTED = "request_rejected"
    MODEL_UNAVAILABLE = "model_unavailable"
    BUDGET_USED_UP = "budget_used_up"
    RENDER_FAILED = "render_failed"
    TASK_LOST = "task_lost"
    LINK_DEAD = "link_dead"
    KEY_REMOVED = "key_removed"
    CLIP_UNUSABLE = "clip_unusable"
    DESTINATION_GONE = "destination_gone"
    SERVER_LEFT = "server_left"
    NEVER_CLAIMED = "never_claimed"
    CANCELLED_BY_MEMBER = "cancelled_by_member"
    CANCELLED_BY_MODERATOR = "cancelled_by_moderator"
    SUBMISSION_UNKNOWN = "submission_unknown"
    PAID_CLIP_LOST = "paid_clip_lost"
    NEVER_TAKEN = "never_taken"
    INPUT_LOST = "input_lost"
    TAKEN_DOWN = "taken_down"
    WITHDRAWN = "withdrawn"
    NO_FIRST_FRAME = "no_first_frame"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a job lives in Discord. Ids are snowflakes; None means not there yet.

    Attributes:
        guild_id: The server.
        channel_id: Where the command was used: a channel or a thread.
        in_thread: Whether that is itself a thread, so that no other is made.
        status_message_id: The first answer, edited as the job moves.
        thread_id: The thread that holds the result, once known.
        result_message_id: The message with the clip.
        parent_channel_id: The channel above, where `channel_id` is a public thread.
        result_is_direct: Whether the result is in the member's direct messages.
        thread_under_id: The message whose thread the result goes to, where it is not the job's own.
    """

    guild_id: int
    channel_id: int
    in_thread: bool
    status_message_id: int | None = None
    thread_id: int | None = None
    result_message_id: int | None = None
    parent_channel_id: int | None = None
    result_is_direct: bool = False
    thread_under_id: int | None = None

    @property
    def thread_root_id(self) -> int | None:
        """The message under which the job's thread is, or will be."""
        return self.status_message_id or self.thread_under_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A fetched clip, as probed.

    Attributes:
        artifact_id: The file we hold: SHA-256 of its bytes, hexadecimal.
        size_bytes: Its length.
        width_px: Frame width.
        height_px: Frame height.
        duration_s: Length in seconds.
        fps: Average frame rate.
        has_audio: Whether it has a sound track.
        attachable: H.264, yuv420p, AAC or silent, index first: plays inline in Discord's clients.
        picture_plays: H.264 and yuv420p: its picture need not be encoded anew to play.
    """

    artifact_id: str
    size_bytes: int
    width_px: int
    height_px: int
    duration_s: float
    fps: float
    has_audio: bool
    attachable: bool
    picture_plays: bool = False


def unknown_clip(artifact_id: str, size_bytes: int) -> Clip:
    """A clip that we hold and could not look into: no frame size, never attached."""
    return Clip(
        artifact_id=artifact_id,
        size_bytes=size_bytes,
        width_px=0,
        height_px=0,
        duration_s=0,
        fps=0,
        has_audio=False,
        attachable=False,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One row of the queue, as last read. Instants are aware UTC.

    Attributes:
        job_id: Ours, from 1; shown to people as ``#12``.
        state: The last durable fact.
        state_at: When it became true.
        request: What is to be made.
        user_id: Who asked, and whose quota holds the reservation.
        place: Where it lives in Discord.
        origin: What caused it.
        parent_job_id: The take this one was made from.
        created_at: When it was enqueued.
        route: Which accounts may render it; see ``bot/domain/routing.py``.
        account: The name of the account that its latest attempt is with; None before the first.
        passed_over: The account that this one stands in for, being broken; None without one.
        attempt: Submissions so far; 0 while it waits for the first.
        request_id: The idempotency key of the latest attempt, 6 to 64 characters.
        submitted_at: When the latest attempt was claimed.
        provider_task_id: The provider's handle, once accepted.
        result_url: The gateway's link to the clip, once the task succeeded.
        clip: The fetched clip.
        reason: Why it ended without one.
        taken_down_at: When it was taken down, by moderators or by its member; else None.
        withdrawn_at: When its member had it taken down and deleted; else None.
        erased_at: When its words and images were deleted; else None.
        late_at: When it was found to take longer than its patience; None where it did not.
        parked_at: When no place took its clip, which waits for the member since; None where one
            may still take it.
        parked_why: What was in the way, in words.
        claimed_into: The channel that the member wants the clip in; None for the usual way.
        storyboard_id: The storyboard that it is a shot, or the film, of; None for most.
    """

    job_id: int
    state: JobState
    state_at: datetime
    request: VideoRequest
    user_id: int
    place: Place
    origin: Origin
    parent_job_id: int | None
    created_at: datetime
    route: str
    account: str | None
    passed_over: str | None
    attempt: int
    request_id: str | None
    submitted_at: datetime | None
    provider_task_id: str | None
    result_url: str | None
    clip: Clip | None
    reason: OutcomeReason | None
    taken_down_at: datetime | None = None
    withdrawn_at: datetime | None = None
    erased_at: datetime | None = None
    late_at: datetime | None = None
    parked_at: datetime | None = None
    parked_why: str | None = None
    claimed_into: int | None = None
    storyboard_id: int | None = None

    @property
    def is_film(self) -> bool:
        """Whether it was joined from the shots of a storyboard."""
        return self.account == FILM_ACCOUNT

    @property
    def is_terminal(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self.state in TERMINAL_STATES

    @property
    def delivery_nonce(self) -> str:
        """The message nonce of its one post; at most 25 characters, as Discord demands."""
        return f"cogreel-{self.job_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """What is written when a job is enqueued.

    Attributes:
        origin_key: Unique per cause: a repeated delivery of one interaction is one job.
            None for reactions: one open take per parent and member catches their repeats.
        role_ids: The member's roles now, for role quotas; @everyone (the server's id) too.
        route: Which accounts may render it.
        setting: What its render time depends on; its cost is what is expected of that.
        cost: What it may cost there.
        storyboard_id: The storyboard that it is a shot of.
        is_further: Whether the same act asked for another job in this transaction: members need
            not wait between the two.
    """

    request: VideoRequest
    route: str
    setting: RenderSetting
    user_id: int
    role_ids: tuple[int, ...]
    place: Place
    origin: Origin
    origin_key: str | None
    parent_job_id: int | None = None
    cost: Cost = UNPRICED
    storyboard_id: int | None = None
    is_further: bool = False
