"""The one HTTP client of the video APIs. What the bytes mean, the wire module says."""

from __future__ import annotations

import io
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urlsplit

import aiohttp
from yarl import URL

from bot.domain.errors import (
    AccountError,
    ModelUnavailableError,
    ProviderError,
    ProviderProtocolError,
    ProviderUnavailableError,
    RequestRejectedError,
    SubmissionUnknownError,
    TaskNotFoundError,
)
from bot.metrics import GATEWAY_CALLS, GATEWAY_ERRORS
from providers.redaction import sample
from providers.zhipu_codes import EXPIRED, MEANING_BY_CODE
from providers.zhipu_wire import CreatedTask, PollResult, read_create, read_poll

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

    from providers.credentials import Credentials

_Answer = TypeVar("_Answer", CreatedTask, PollResult)

ANSWER_MAX_BYTES = 1024 * 1024  # real answers are under 2 KiB
CONNECT_S = 15.0  # at most, and at most half of the totals: ends before anything was sent
CREATE_TOTAL_S = 60.0  # an upload of two images and a slow answer
POLL_TOTAL_S = 20.0
AT_ONCE_MAX_BYTES = 64 * 1024  # of a body; a longer one is sent piece by piece
_FOREIGN = (aiohttp.ClientError, OSError)  # TimeoutError is an OSError
_NO_TASK = "00000000000000000000"
_ABOUT_THE_TASK = (TaskNotFoundError, RequestRejectedError, ModelUnavailableError)


class ZhipuTransport:
    """One account at one gateway.

    The key goes to ``base_url`` and nowhere else: redirects are not followed. Nothing is ever sent
    again by itself, as a repeated create may be a second bill; but for a call that was refused
    because its token had expired.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        base_url: str,
        credentials: Credentials,
        create_total_s: float = CREATE_TOTAL_S,
        poll_total_s: float = POLL_TOTAL_S,
    ) -> None:
        """Hold the session, which the caller owns and closes.

        Args:
            session: Used for this gateway only.
            base_url: Up to and including the version, e.g. ``https://api.z.ai/api/paas/v4``.
            credentials: The account's key, or what is signed with it.
            create_total_s: Limit of a create from the first byte to the last, in seconds.
            poll_total_s: The same of a poll.
        """
        self._session = session
        self._base_url = base_url.rstrip("/")
        self._host = urlsplit(base_url).hostname or ""
        self._calls = {
            call: GATEWAY_CALLS.labels(host=self._host, call=call) for call in ("create", "poll")
        }
        self._credentials = credentials
        self._create_limits = _limits(create_total_s)
        self._poll_limits = _limits(poll_total_s)

    async def create(self, body: bytes) -> CreatedTask:
        """Hand in a create. The paid call.

        Args:
            body: As made by `providers.zhipu_create.create_body`.

        Raises:
            ProviderUnavailableError: No connection; certainly without effect.
            SubmissionUnknownError: It may have been accepted.
            ProviderError: A refusal, by its code; certainly free.
        """
        with self._counted("create"):
            return await self._with_fresh_token(lambda: self._create(body))

    async def poll(self, task_id: str) -> PollResult:
        """Ask for a task's state. Harmless, any number of times.

        Raises:
            ProviderUnavailableError: No connection, no answer in time, or a server error.
            TaskNotFoundError: The API does not know the task.
            ProviderProtocolError: An answer that is not as documented.
            ProviderError: A refusal, by its code.
        """
        with self._counted("poll"):
            return await self._with_fresh_token(lambda: self._poll(task_id))

    async def check_key(self) -> None:
        """Find out whether the gateway takes the key, by a free call: a poll for no real task.

        The gateways look at the key before anything else, so a refusal that is about the task
        means that the key is good.

        Raises:
            AccountError: The key is refused, or its account is.
            ProviderError: Another one: the gateway did not say.
        """
        try:
            # Not counted: that there is no such task is what is hoped for.
            await self._with_fresh_token(lambda: self._poll(_NO_TASK))
        except _ABOUT_THE_TASK:
            return
        except ProviderProtocolError as exc:
            if exc.code is None:  # not the API: a page of somebody in between, perhaps
                raise

    @contextmanager
    def _counted(self, call: str) -> Generator[None]:
        self._calls[call].inc()
        try:
            yield
        except ProviderError as exc:
            GATEWAY_ERRORS.labels(host=self._host, call=call, code=_counted_as(exc)).inc()
            raise

    async def _create(self, body: bytes) -> CreatedTask:
        try:
            status, answer = await self._exchange(
                "POST", "/videos/generations", body=body, limits=self._create_limits
            )
        except _FOREIGN as exc:
            raise _mapped("create", exc, cut_off=SubmissionUnknownError) from None
        return read_create(status, answer)

    async def _poll(self, task_id: str) -> PollResult:
        path = f"/async-result/{quote(task_id, safe='')}"
        try:
            status, answer = await self._exchange("GET", path, body=None, limits=self._poll_limits)
        except _FOREIGN as exc:
            raise _mapped("poll", exc, cut_off=ProviderUnavailableError) from None
        return read_poll(status, answer)

    async def _with_fresh_token(self, call: Callable[[], Awaitable[_Answer]]) -> _Answer:
        """Sign anew and call once more where the token had expired: that refusal was free."""
        try:
            return await call()
        except AccountError as exc:
            if exc.code != EXPIRED or not self._credentials.renew():
                raise
        return await call()

    async def _exchange(
        self, method: str, path: str, *, body: bytes | None, limits: aiohttp.ClientTimeout
    ) -> tuple[int, bytes]:
        headers = {
            "Authorization": f"Bearer {self._credentials.bearer()}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",  # nothing to inflate beyond the cap
        }
        if body is not None:
            headers["Content-Type"] = "application/json"
        async with self._session.request(
            method,
            URL(self._base_url + path, encoded=True),
            data=_sendable(body),
            headers=headers,
            allow_redirects=False,
            timeout=limits,
        ) as response:
            answer = await _read_bounded(response)
        for secret in self._credentials.secrets():
            # A gateway that echoes the key must not carry it into an error.
            answer = answer.replace(secret, b"***")
        return response.status, answer


async def _read_bounded(response: aiohttp.ClientResponse) -> bytes:
    answer = bytearray()
    async for piece in response.content.iter_any():
        answer += piece
        if len(answer) > ANSWER_MAX_BYTES:
            raise aiohttp.ClientPayloadError(f"longer than {ANSWER_MAX_BYTES} bytes")
    return bytes(answer)


def _sendable(body: bytes | None) -> io.BytesIO | bytes | None:
    """A large body as a file object: aiohttp sends that piece by piece, not in one long step."""
    return body if body is None or len(body) <= AT_ONCE_MAX_BYTES else io.BytesIO(body)


def _limits(total_s: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=total_s, connect=min(CONNECT_S, total_s / 2))


def _mapped(call: str, exc: Exception, *, cut_off: type[ProviderError]) -> ProviderError:
    """Ours for one of aiohttp's errors.

    Theirs hold the request with its key: raise this one ``from None``.

    Args:
        call: The name of the call, for the log.
        exc: What was raised.
        cut_off: What it means when the request may have left and no whole answer came.
    """
    if isinstance(exc, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return ProviderUnavailableError(_described(call, exc))
    if isinstance(exc, aiohttp.InvalidURL):
        return ProviderProtocolError(f"{call}: the gateway's address is not a URL")
    return cut_off(_described(call, exc))


def _counted_as(error: ProviderError) -> str:
    """A code that we know, or the error's kind: a gateway may answer anything."""
    code = getattr(error, "code", None)
    return code if code in MEANING_BY_CODE else type(error).__name__


def _described(call: str, exc: Exception) -> str:
    if isinstance(exc, aiohttp.ClientResponseError):
        return f"{call}: {type(exc).__name__}"  # its text may quote the answer's raw bytes
    return f"{call}: {type(exc).__name__}: {sample(str(exc)) or 'no answer in time'}"
