"""The client against the stand-in for the API: what it would pay for, and what it gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from bot.clock import SystemClock
from bot.domain.errors import (
    AccountError,
    ClipLinkExpiredError,
    ClipUnavailableError,
    DuplicateRequestError,
    ProviderBusyError,
    ProviderUnavailableError,
    RequestRejectedError,
    SubmissionUnknownError,
    TaskNotFoundError,
)
from bot.domain.request import VideoRequest
from emulator.server import Emulator
from media.download import AddressPolicy, download, make_download_session
from media.worker import MediaWorker
from providers.capabilities import capability_for
from providers.credentials import Credentials
from providers.transport import ZhipuTransport
from providers.zhipu_create import Dialect, create_body
from providers.zhipu_wire import CreatedTask, Rendered, RenderFailed, Rendering

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    import aiohttp

ROW = capability_for("zai", "cogvideox-3")
LOOPBACK = AddressPolicy(loopback=True)


@pytest.fixture
async def emulator() -> AsyncGenerator[Emulator]:
    async with Emulator(in_flight_limit=3) as running:
        yield running


def client(emulator: Emulator, session: aiohttp.ClientSession, *, key: str = "") -> ZhipuTransport:
    return ZhipuTransport(
        session,
        base_url=emulator.api_base,
        credentials=Credentials(
            SecretStr(key or emulator.api_key), kind="raw", clock=SystemClock()
        ),
        create_total_s=5,
        poll_total_s=5,
    )


def body(request_id: str = "cogreel-x-1", prompt: str = "a lighthouse at dusk") -> bytes:
    request = VideoRequest(model="cogvideox-3", prompt=prompt, size="1280x720")
    return create_body(
        request,
        image_data_uris=(),
        request_id=request_id,
        user_id="pseudonym",
        capability=ROW,
        dialect=Dialect(),
    )


async def until_done(transport: ZhipuTransport, task_id: str) -> Rendered | RenderFailed:
    clock = SystemClock()
    while isinstance(answer := await transport.poll(task_id), Rendering):
        await clock.sleep(0.1)  # a real render is under way in another process
    return answer


async def test_a_repeated_create_finds_its_first_task_and_pays_once(
    emulator: Emulator, session: aiohttp.ClientSession
) -> None:
    transport = client(emulator, session)
    task = await transport.create(body())
    with pytest.raises(DuplicateRequestError) as caught:
        await transport.create(body())
    assert caught.value.task_id == task.task_id
    assert len(emulator.ledger) == 1


async def test_a_lost_answer_is_made_good_by_repeating_it(
    emulator: Emulator, session: aiohttp.ClientSession
) -> None:
    transport = client(emulator, session)
    emulator.knobs.update({"faults": [{"on": "create", "times": 1, "do": "lost_answer"}]})
    with pytest.raises(SubmissionUnknownError):
        await transport.create(body())
    with pytest.raises(DuplicateRequestError) as caught:
        await transport.create(body())
    (entry,) = emulator.ledger
    assert caught.value.task_id == entry.task_id
    assert not isinstance(await transport.poll(entry.task_id), RenderFailed)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("error 429 1113", AccountError),
        ("error 429 1302", ProviderBusyError),
        ("error 503 1305", ProviderBusyError),
        ("error 500 1234", SubmissionUnknownError),
        ("html 502", SubmissionUnknownError),
        ("code500", SubmissionUnknownError),
        ("malformed", SubmissionUnknownError),
    ],
)
async def test_a_fault_of_the_api_is_told_by_its_kind(
    emulator: Emulator, session: aiohttp.ClientSession, fault: str, error: type[Exception]
) -> None:
    emulator.knobs.update({"faults": [{"on": "create", "times": 1, "do": fault}]})
    with pytest.raises(error):
        await client(emulator, session).create(body())


async def test_what_the_api_refuses_is_free(
    emulator: Emulator, session: aiohttp.ClientSession
) -> None:
    with pytest.raises(RequestRejectedError):
        await client(emulator, session).create(body(prompt="x" * 513))
    with pytest.raises(AccountError):
        await client(emulator, session, key="wrong").create(body())
    assert len(emulator.ledger) == 0


async def test_an_unknown_task_is_not_found(
    emulator: Emulator, session: aiohttp.ClientSession
) -> None:
    with pytest.raises(TaskNotFoundError):
        await client(emulator, session).poll("20260101000000abcdefghijklmnop")


async def test_a_failed_poll_hurts_nothing(
    emulator: Emulator, session: aiohttp.ClientSession
) -> None:
    transport = client(emulator, session)
    emulator.knobs.update(
        {"render_delay_s": 60, "faults": [{"on": "poll", "times": 1, "do": "html 502"}]}
    )
    task = await transport.create(body())
    with pytest.raises(ProviderUnavailableError):
        await transport.poll(task.task_id)
    assert await transport.poll(task.task_id) == Rendering()


async def test_a_render_comes_back_as_a_clip_that_plays_and_its_link_ends_in_time(
    emulator: Emulator, session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    transport = client(emulator, session)
    task = await transport.create(body())
    assert isinstance(task, CreatedTask)
    answer = await until_done(transport, task.task_id)
    assert isinstance(answer, Rendered)
    worker = MediaWorker()
    async with make_download_session(LOOPBACK) as downloads:

        async def fetch(name: str) -> Path:
            await download(
                downloads,
                answer.url,
                tmp_path / name,
                max_bytes=50_000_000,
                total_s=10,
                allow=LOOPBACK,
            )
            return tmp_path / name

        facts = await worker.inspect_clip(await fetch("clip.mp4"))
        await worker.close()
        assert (facts.width_px, facts.height_px, facts.fps) == (1280, 720, 30)
        assert facts.duration_s == pytest.approx(5)
        assert facts.attachable
        emulator.knobs.update({"faults": [{"on": "file", "times": 1, "do": "truncate"}]})
        resumed = await fetch("resumed.mp4")
        assert resumed.read_bytes() == (tmp_path / "clip.mp4").read_bytes()
        emulator.knobs.update({"faults": [{"on": "file", "times": 1, "do": "html 503"}]})
        with pytest.raises(ClipUnavailableError):
            await fetch("never.mp4")
        emulator.knobs.update({"advance_s": 86_401})
        with pytest.raises(ClipLinkExpiredError):
            await fetch("late.mp4")
