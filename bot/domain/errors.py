"""Every error the project raises on purpose, in one tree.

Three questions make a class: who can mend it, is trying again right, was money spent.
Classes carry the facts and build their own message; callers pass values, not sentences.
Each edge maps foreign exceptions once: those of `aiohttp`, `sqlite3` and `discord` cross no layer.

    CogreelError
    ├── MemberError                     the person can mend it; its message is safe to show to them
    │   ├── InvalidOptionError          an option is outside what the model accepts
    │   ├── UnusableImageError          an attached image cannot be used
    │   ├── QuotaExceededError          a limit set by the moderators is used up
    │   ├── QueueFullError              they, or their server, wait for too many videos
    │   ├── TakeAlreadyOpenError        the member's take of this result is still being made
    │   ├── NotAllowedError             somebody else's job, or a moderator's command
    │   ├── JobNotFoundError            no such job on this server
    │   └── NotCancellableError         the job is past the point where cancelling saves anything
    ├── ProviderError                   the video API
    │   ├── ProviderUnavailableError    it cannot have taken effect: try again later
    │   ├── SubmissionUnknownError      sent, no answer: repeat with the same request_id only
    │   ├── ProviderBusyError           concurrency or overload: backpressure, never a failure
    │   ├── DuplicateRequestError       this request_id already has a task: adopt it
    │   ├── RequestRejectedError        the API refuses our fields: our defect; free of charge
    │   ├── ModelUnavailableError       the API does not serve this model to this account; free
    │   ├── ContentRefusedError         the API refuses the prompt or the image; free of charge
    │   ├── AccountError                key, balance or plan: the operator's to mend
    │   ├── TaskNotFoundError           the API does not know the task
    │   └── ProviderProtocolError       an answer that is not as documented
    ├── ClipError                       the finished clip's file
    │   ├── ClipUnavailableError        the file host did not give it this time: try again
    │   ├── ClipLinkExpiredError        the link is no longer valid: poll for a fresh one
    │   └── ClipUnusableError           what came is no playable MP4, or is larger than we take
    ├── DeliveryError                   posting into Discord
    │   ├── DeliveryUnavailableError    Discord is in trouble: try again later
    │   ├── DestinationGoneError        the channel or thread does not exist any more
    │   ├── MissingPermissionsError     the bot may not post there; names the permissions
    │   ├── PostRefusedError            Discord refused for certain: nothing was posted there
    │   └── UploadTooLargeError         Discord refused the file for its size
    ├── MediaError                      the decoding child process
    │   └── MediaWorkerError            it crashed, hung or was killed; the file may be hostile
    ├── StorageError                    the database
    │   ├── StorageBusyError            locked for longer than the busy timeout; nothing changed
    │   ├── StorageFullError            the disk is full or read-only; nothing changed
    │   ├── StaleStateError             the job has left the state that the step expected
    │   ├── MigrationError              the file is newer than the program, or damaged
    │   ├── AlreadyRunningError         another process holds the database
    │   └── BackupError                 a backup cannot be written or put in place; nothing changed
    └── StartupError                    settings or login: one readable line, exit code 2
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from bot.domain import refusal_words
from bot.domain.language import _

if TYPE_CHECKING:
    from datetime import datetime


class CogreelError(Exception):
    """Base of everything raised on purpose.

    Attributes:
        retriable: Whether the same step may be tried again, unchanged, later.
    """

    retriable: ClassVar[bool] = False


class MemberError(CogreelError):
    """The person can mend it. ``str()`` gives full sentences with the next step, safe to show."""


class InvalidOptionError(MemberError):
    """An option is outside what the model accepts.

    Attributes:
        option: The option's name as the member typed it.
        limit: What is accepted, in words.
        given: What was given, shortened.
        next_step: What to change.
    """

    def __init__(self, *, option: str, limit: str, given: str, next_step: str) -> None:
        self.option, self.limit, self.given, self.next_step = option, limit, given, next_step
        super().__init__(
            _("`{option}`: {limit}; you gave {given}. {next_step}").format(
                option=option, limit=limit, given=given, next_step=next_step
            )
        )


class UnusableImageError(MemberError):
    """An attached image cannot be used.

    Attributes:
        option: Which option it was attached to.
        reason: Why, in words, as the end of the sentence "The image … ".
        next_step: What to do.
    """

    def __init__(self, *, option: str, reason: str, next_step: str) -> None:
        self.option, self.reason, self.next_step = option, reason, next_step
        super().__init__(
            _("The image in `{option}` {reason}. {next_step}").format(
                option=option, reason=reason, next_step=next_step
            )
        )


class QuotaExceededError(MemberError):
    """A limit set by the moderators is used up.

    Attributes:
        scope: ``member``, ``role``, ``server`` or ``bot``.
        subject_id: The member's, role's or server's id.
        limit: Videos in one window.
        used: Videos counted in this window.
        window: A `Window`.
        resets_at: When there is room again, aware UTC; None for never.
    """

    def __init__(
        self,
        *,
        scope: str,
        subject_id: int,
        limit: int,
        used: int,
        window: str,
        resets_at: datetime | None,
    ) -> None:
        self.scope, self.subject_id, self.limit = scope, subject_id, limit
        self.used, self.window, self.resets_at = used, window, resets_at
        super().__init__(
            refusal_words.limit_used_up(
                scope=scope, limit=limit, used=used, window=window, resets_at=resets_at
            )
        )


class QueueFullError(MemberError):
    """The member, or their server, already waits for too many videos.

    Attributes:
        limit: How many of one member's jobs, or of one server's, may wait at once.
        of_server: Whose.
    """

    def __init__(self, *, limit: int, of_server: bool = False) -> None:
        self.limit = limit
        self.of_server = of_server
        super().__init__(refusal_words.queue_full(limit=limit, of_server=of_server))


class TakeAlreadyOpenError(MemberError):
    """The member's take of this result is still being made; a second click starts no second one.

    Attributes:
        job_id: The take that is under way.
    """

    def __init__(self, *, job_id: int) -> None:
        self.job_id = job_id
        super().__init__(refusal_words.take_already_open(job_id=job_id))


class NotAllowedError(MemberError):
    """Somebody else's job, or a moderator's command.

    Attributes:
        action: What was tried, as an infinitive.
        needed: Who may.
    """

    def __init__(self, *, action: str, needed: str) -> None:
        self.action, self.needed = action, needed
        super().__init__(
            _("Only {needed} can {action}. Ask one of them.").format(needed=needed, action=action)
        )


class JobNotFoundError(MemberError, LookupError):
    """No such job on this server.

    Attributes:
        job_id: The id asked for, or None where the person has no job at all.
    """

    def __init__(self, *, job_id: int | None) -> None:
        self.job_id = job_id
        super().__init__(refusal_words.job_not_found(job_id=job_id))


class NotCancellableError(MemberError):
    """The job is past the point where cancelling saves anything.

    Attributes:
        job_id: The job.
        state: Its state, a `JobState` value.
    """

    def __init__(self, *, job_id: int, state: str) -> None:
        self.job_id, self.state = job_id, state
        super().__init__(refusal_words.not_cancellable(job_id=job_id, state=state))


class ProviderError(CogreelError):
    """The video API did not do what we asked.

    Attributes:
        code: The API's own business code, or None.
        detail: A short, redacted description for the log; never shown to members.
    """

    def __init__(self, detail: str, *, code: str | None = None) -> None:
        self.code, self.detail = code, detail
        super().__init__(f"{detail} (code {code})" if code else detail)


class ProviderUnavailableError(ProviderError):
    """The call cannot have taken effect: no connection, or a server error on a harmless call."""

    retriable = True


class SubmissionUnknownError(ProviderError):
    """A create was sent and its answer never came. Repeat with the same request_id, or hold."""


class ProviderBusyError(ProviderError):
    """Concurrency or overload. The job keeps its place; this is never a failure."""

    retriable = True


class DuplicateRequestError(ProviderError):
    """This request_id already has a task.

    Attributes:
        task_id: The existing task, or None where the answer does not name it.
    """

    def __init__(self, detail: str, *, code: str | None, task_id: str | None) -> None:
        self.task_id = task_id
        super().__init__(detail, code=code)


class RequestRejectedError(ProviderError):
    """The API refuses our fields. Free of charge; the operator is told."""


class ModelUnavailableError(ProviderError):
    """The API does not serve this model to this account. Free; the model is off until a restart."""


class ContentRefusedError(ProviderError):
    """The API refuses the prompt or the image for its content. Free of charge."""


class AccountError(ProviderError):
    """Key, balance or plan: the operator's to mend. The account pauses, its jobs wait."""

    retriable = True


class TaskNotFoundError(ProviderError):
    """The API does not know the task. Once may be a hiccup, twice in a row is an end."""


class ProviderProtocolError(ProviderError):
    """An answer that is not as documented; ``detail`` holds a redacted sample."""

    retriable = True


class ClipError(CogreelError):
    """The finished clip's file. It is paid for: only `ClipUnusableError` may end the job."""


class ClipUnavailableError(ClipError):
    """The file host did not give it this time."""

    retriable = True


class ClipLinkExpiredError(ClipError):
    """The link is no longer valid (401, 403, 404, 410): poll the task for a fresh one."""

    retriable = True


class ClipUnusableError(ClipError):
    """What came is no playable MP4, or is larger than we take."""


class DeliveryError(CogreelError):
    """Posting into Discord failed."""


class DeliveryUnavailableError(DeliveryError):
    """Discord is in trouble; the effect is unknown, so look before posting again."""

    retriable = True


class DestinationGoneError(DeliveryError):
    """The channel or thread does not exist any more, or is not visible to the bot."""


class MissingPermissionsError(DeliveryError):
    """The bot may not post there.

    Attributes:
        permissions: Discord's names of what is missing, in words a moderator finds in the settings.
    """

    def __init__(self, permissions: tuple[str, ...]) -> None:
        self.permissions = permissions
        super().__init__("missing " + ", ".join(permissions))


class PostRefusedError(DeliveryError):
    """Discord refused for certain, as with a locked thread: nothing was posted there."""


class UploadTooLargeError(DeliveryError):
    """Discord refused the file for its size (413 or 40005)."""


class MediaError(CogreelError):
    """Decoding failed."""


class MediaWorkerError(MediaError):
    """The child crashed, hung or was killed over this file."""

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(f"the media worker did not finish: {detail}")


class StorageError(CogreelError):
    """The database refused. Nothing of the transaction was kept."""

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(detail)


class StorageBusyError(StorageError):
    """Locked for longer than the busy timeout."""

    retriable = True


class StorageFullError(StorageError):
    """The disk is full, or the file is read-only."""

    retriable = True


class StaleStateError(StorageError):
    """The job has left the state that the step expected: somebody else moved it on.

    Attributes:
        expected: The state named by the step.
    """

    def __init__(self, *, job_id: int, expected: str) -> None:
        self.job_id, self.expected = job_id, expected
        super().__init__(f"job {job_id} is no longer {expected}")


class MigrationError(StorageError):
    """The file is newer than the program, or a migration failed: do not start."""


class AlreadyRunningError(StorageError):
    """Another process holds the database: do not start."""


class BackupError(StorageError):
    """A backup cannot be written, or not be put in place. Nothing was changed."""


class StartupError(CogreelError):
    """Settings or login. ``str()`` of it is one readable line for the operator."""
