from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from bot.domain.job import Job, JobState, Origin, Place
from bot.domain.request import VideoRequest

if TYPE_CHECKING:
    from collections.abc import Callable

AT = datetime(2026, 1, 14, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def make_job() -> Callable[..., Job]:
    """A job as the database would give it back; keywords override single facts."""

    def make(*, prompt: str = "A calm sea", images: tuple[str, ...] = (), **facts: Any) -> Job:  # noqa: ANN401  # the fields of `Job`
        defaults: dict[str, Any] = {
            "job_id": 12,
            "state": JobState.QUEUED,
            "state_at": AT,
            "request": VideoRequest(model="cogvideox-3", prompt=prompt, images=images),
            "user_id": 10,
            "place": Place(guild_id=1, channel_id=5, in_thread=False),
            "origin": Origin.COMMAND,
            "parent_job_id": None,
            "created_at": AT,
            "route": "cogvideox-3 main",
            "account": None,
            "passed_over": None,
            "attempt": 0,
            "request_id": None,
            "submitted_at": None,
            "provider_task_id": None,
            "result_url": None,
            "clip": None,
            "reason": None,
        }
        return Job(**(defaults | facts))

    return make
