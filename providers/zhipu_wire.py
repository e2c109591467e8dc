"""The answers of Z.AI, BigModel and their resellers: bytes in, value or typed error out. No I/O.

The rules are those of https://docs.z.ai/api-reference/video/generate-video and of
https://docs.z.ai/api-reference/api-code, and what the live service was seen to answer besides.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from bot.domain.errors import (
    AccountError,
    ContentRefusedError,
    DuplicateRequestError,
    ModelUnavailableError,
    ProviderBusyError,
    ProviderError,
    ProviderProtocolError,
    ProviderUnavailableError,
    RequestRejectedError,
    SubmissionUnknownError,
    TaskNotFoundError,
)
from providers.redaction import sample
from providers.zhipu_codes import Meaning, meaning_of

if TYPE_CHECKING:
    from collections.abc import Mapping

URL_MAX_CHARACTERS = 4_096
_NEVER_IN_A_URL = frozenset(' <>"\\`')  # RFC 3986 has none; they would end a link in a message
_TASK_ID = re.compile(r"[0-9A-Za-z][!-~]{0,127}")  # opaque; 19 to 36 characters were seen
_DUPLICATE = re.compile(
    r"already have a request\s*[:\uff1a]?\s*[\"'`]?([0-9A-Za-z][\w-]{5,127})", re.IGNORECASE
)
_NOT_ERRORS = ("0", "200")  # values of a flat "code" that some gateways add to good answers
_HTTP_OK = range(200, 300)

_CERTAIN: dict[Meaning, type[ProviderError]] = {
    Meaning.OFFLINE: ProviderUnavailableError,
    Meaning.BUSY: ProviderBusyError,
    Meaning.ACCOUNT: AccountError,
    Meaning.REJECTED: RequestRejectedError,
    Meaning.NO_MODEL: ModelUnavailableError,
    Meaning.CONTENT: ContentRefusedError,
    Meaning.NO_TASK: TaskNotFoundError,
    Meaning.UNCLEAR_REFUSAL: ProviderProtocolError,
}
_AFTER_CREATE = {
    **_CERTAIN,
    Meaning.SERVER_TROUBLE: SubmissionUnknownError,
    Meaning.UNCLEAR_ANSWER: SubmissionUnknownError,
}
_AFTER_POLL = {
    **_CERTAIN,
    Meaning.SERVER_TROUBLE: ProviderUnavailableError,
    Meaning.UNCLEAR_ANSWER: ProviderProtocolError,
}


@dataclass(frozen=True, slots=True)
class CreatedTask:
    """An accepted create: from here on it is paid for.

    Attributes:
        task_id: The provider's handle, opaque.
    """

    task_id: str


@dataclass(frozen=True, slots=True)
class Rendering:
    """The task is not done yet."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """The clip is ready.

    Attributes:
        url: Where it lies. It may carry a signature: send no key there, log it nowhere.
        cover_url: A still of it, if the answer names one; never to be relied on.
    """

    url: str
    cover_url: str | None


@dataclass(frozen=True, slots=True)
class RenderFailed:
    """The task ended without a clip.

    Attributes:
        detail: What the API said, redacted; usually nothing.
    """

    detail: str


PollResult = Rendering | Rendered | RenderFailed


# --- what comes back --------------------------------------------------------------------------


def read_create(status: int, body: bytes) -> CreatedTask:
    """Read the answer to a create.

    Args:
        status: The HTTP status.
        body: The whole body.

    Raises:
        SubmissionUnknownError: A server error, or an answer from which nobody can tell whether the
            task was accepted.
        ProviderError: One of the others: a refusal that is certain and free.
    """
    answer = _json_object(body)
    if answer is not None and status in _HTTP_OK:
        task_id = _task_id(answer.get("id"))
        if task_id is not None:
            return CreatedTask(task_id)
    raise _error("create", _AFTER_CREATE, status, answer, body)


def read_poll(status: int, body: bytes) -> PollResult:
    """Read the answer to a poll. A task status that we do not know counts as still rendering.

    Args:
        status: The HTTP status.
        body: The whole body.

    Raises:
        ProviderUnavailableError: A server error.
        ProviderProtocolError: An answer that is not as documented.
        ProviderError: One of the others, by its code.
    """
    answer = _json_object(body)
    if answer is not None and status in _HTTP_OK:
        task_status = answer.get("task_status")
        if isinstance(task_status, str):
            return _read_task(task_status.strip().upper(), answer, body)
    raise _error("poll", _AFTER_POLL, status, answer, body)


def _read_task(task_status: str, answer: Mapping[str, object], body: bytes) -> PollResult:
    if task_status == "FAIL":
        code, message = _refusal(answer)
        return RenderFailed(sample(" ".join(filter(None, (code, message)))) or "no reason given")
    if task_status != "SUCCESS":
        return Rendering()
    results = answer.get("video_result")
    # Two steps, for pyright: an isinstance() alone leaves the element type unknown.
    listed = cast("list[object]", results) if isinstance(results, list) else []
    first = _mapping(listed[0]) if listed else None
    url = _url(first.get("url")) if first is not None else None
    if first is None or url is None:
        raise ProviderProtocolError(f"poll: SUCCESS without a link: {sample(_text(body))}")
    return Rendered(url, _url(first.get("cover_image_url")))


def _error(
    call: str,
    classes: Mapping[Meaning, type[ProviderError]],
    status: int,
    answer: Mapping[str, object] | None,
    body: bytes,
) -> ProviderError:
    code, message = _refusal(answer)
    detail = f"{call} answered HTTP {status}: {sample(message or _text(body)) or '(empty)'}"
    meaning = meaning_of(code, status)
    if meaning is Meaning.DUPLICATE:
        found = _DUPLICATE.search(message)
        return DuplicateRequestError(detail, code=code, task_id=found[1] if found else None)
    return classes[meaning](detail, code=code)


# --- pieces -----------------------------------------------------------------------------------


def _refusal(answer: Mapping[str, object] | None) -> tuple[str | None, str]:
    """Code and message of whichever envelope the answer uses; the message may be empty.

    Seen: ``{"error": {"code", "message"}}``, ``{"code", "message"}``, 302.AI's own
    ``{"error": {"err_code": -10001, "message", "message_cn"}}``,
    ``{"code": 500, "msg", "success": false}`` with status 200, and a gateway's
    ``{"status": 404, "error": "Not Found", "path"}``.
    """
    if answer is None:
        return None, ""
    error = answer.get("error")
    envelope = _mapping(error)
    if envelope is None:
        envelope = answer
    code = _code(envelope.get("code", envelope.get("err_code")))
    said = (
        envelope.get("message") or envelope.get("msg") or (error if error is not envelope else None)
    )
    return code, said if isinstance(said, str) else ""


def _code(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9:
        value = str(value)
    if not isinstance(value, str) or value in _NOT_ERRORS:
        return None
    return sample(value.strip())[:16] or None


def _task_id(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**40:
        value = str(value)
    return value if isinstance(value, str) and _TASK_ID.fullmatch(value) else None


def _url(value: object) -> str | None:
    if not isinstance(value, str) or len(value) > URL_MAX_CHARACTERS or not value.isprintable():
        return None
    if not _NEVER_IN_A_URL.isdisjoint(value):
        return None
    return value if value.lower().startswith(("https://", "http://")) else None


def _json_object(body: bytes) -> Mapping[str, object] | None:
    try:
        # The slower parser on purpose: it keeps long whole numbers, which some task ids are.
        return _mapping(json.loads(body))
    except (ValueError, RecursionError):
        return None


def _mapping(value: object) -> Mapping[str, object] | None:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else None


def _text(body: bytes) -> str:
    return body[:16_384].decode("utf-8", "replace")
