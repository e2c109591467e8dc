"""Accepted creates and what has become of them."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from emulator.auth import key_digest
from emulator.errors import ApiError
from emulator.gateways import TIERS
from emulator.ledger import Entry, Ledger
from emulator.renderer import RenderState

if TYPE_CHECKING:
    from emulator.clock import Clock
    from emulator.gateways import Gateway, Offer
    from emulator.knobs import Knobs
    from emulator.models import ModelSpec
    from emulator.renderer import Render, Renderer
    from emulator.requests import CreateRequest

_TASK_LIMIT = 50_000  # remembered; beyond it the oldest settled ones are forgotten


@dataclass(slots=True, kw_only=True, eq=False)
class Task:
    """One accepted create.

    Attributes:
        id: As the live service writes them: UTC time to the second and 16 more characters.
        request_id: The caller's, or the same as ``id``.
        gateway: Who was asked.
        model: Its row.
        key: Whose it is; never shown.
        render: The clip in the making.
        accepted_at: Seconds since the epoch on the emulator's clock.
        ready_at: Not finished before this.
        number: Stands for ``id`` where a fault wants a number: 19 digits, as seen from the service.
        doomed: Ends as FAIL whatever the render does.
        file_id: Names the result's files.
        expires_at: When its links end, once a poll has given them out.
    """

    id: str
    request_id: str
    gateway: Gateway
    model: ModelSpec
    key: str = field(repr=False)
    render: Render
    accepted_at: float
    ready_at: float
    number: int
    doomed: bool = False
    file_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    expires_at: int | None = None

    def status(self, now_s: float) -> str:
        """``PROCESSING``, ``SUCCESS`` or ``FAIL``."""
        if now_s < self.ready_at:
            return "PROCESSING"
        if self.doomed or self.render.state is RenderState.FAILED:
            return "FAIL"
        return "SUCCESS" if self.render.state is RenderState.DONE else "PROCESSING"

    def to_dict(self, now_s: float) -> dict[str, Any]:
        """For ``GET /emulator/tasks``, JSON-ready."""
        return {
            "id": self.id,
            "number": self.number,
            "request_id": self.request_id,
            "gateway": self.gateway.name,
            "model": self.model.name,
            "api_key_digest": key_digest(self.key),
            "status": self.status(now_s),
            "accepted_at": self.accepted_at,
            "ready_at": self.ready_at,
        }


class TaskBook:
    """Accepts creates under the limits, writes the ledger, and finds tasks again."""

    def __init__(self, *, clock: Clock, knobs: Knobs, ledger: Ledger, renderer: Renderer) -> None:
        self._clock = clock
        self._knobs = knobs
        self._ledger = ledger
        self._renderer = renderer
        self._tasks: dict[str, Task] = {}  # oldest first
        self._by_number: dict[str, Task] = {}
        self._by_request: dict[tuple[str, str, str], str] = {}
        self._by_file: dict[str, Task] = {}
        self._unfinished: dict[tuple[str, str, str], list[Task]] = {}  # by gateway, key, model

    def accept(self, request: CreateRequest, key: str) -> Task:
        """Start a task and charge for it: both or neither.

        Raises:
            ApiError: 1231 for a repeated request_id, 1302 at the in-flight limit, 1304 or 1305
                when there is no room.
        """
        if request.request_id is not None and self._knobs.recognises_repeats(request.model.name):
            existing = self._by_request.get((request.gateway.name, key, request.request_id))
            if existing is not None:
                raise ApiError("1231", f"You already have a request: {existing}")
        unfinished = self._unfinished_of(request, key)
        if len(unfinished) >= self._limit(request.offer):
            raise ApiError("1302")
        self._ledger.require_room()
        render = self._renderer.submit(request)
        task = self._new_task(request, key, render)
        unfinished.append(task)
        self._remember(task)
        self._ledger.add(
            Entry(
                seq=len(self._ledger) + 1,
                task_id=task.id,
                request_id=task.request_id,
                gateway=request.gateway.name,
                model=request.model.name,
                api_key_digest=key_digest(key),
                request_digest=request.digest,
                price=request.offer.price,
                currency=request.gateway.currency,
                at=task.accepted_at,
            )
        )
        return task

    def find(self, task_id: str, *, gateway: Gateway, key: str) -> Task:
        """The caller's own task, by its id or by its number.

        Raises:
            ApiError: 1233, there is none.
        """
        task = self._tasks.get(task_id) or self._by_number.get(task_id)
        if task is None or (task.gateway, task.key) != (gateway, key):
            raise ApiError("1233")
        return task

    def find_by_file(self, file_id: str) -> Task | None:
        """The task whose result has this name."""
        return self._by_file.get(file_id)

    def to_list(self) -> list[dict[str, Any]]:
        """The newest thousand tasks, newest last, JSON-ready."""
        now_s = self._clock.now_s()
        return [task.to_dict(now_s) for task in list(self._tasks.values())[-1000:]]

    def _new_task(self, request: CreateRequest, key: str, render: Render) -> Task:
        now_s = self._clock.now_s()
        stamp = datetime.fromtimestamp(now_s, UTC).strftime("%Y%m%d%H%M%S")
        task_id = stamp + secrets.token_hex(8)
        return Task(
            id=task_id,
            request_id=request.request_id or task_id,
            gateway=request.gateway,
            model=request.model,
            key=key,
            render=render,
            accepted_at=now_s,
            ready_at=now_s + self._knobs.render_delay_s,
            number=10**18 + secrets.randbelow(8 * 10**18),
        )

    def _limit(self, offer: Offer) -> int:
        """Tasks that one key may have unfinished."""
        return self._knobs.in_flight_limit or offer.in_flight_limit or TIERS[self._knobs.tier]

    def _unfinished_of(self, request: CreateRequest, key: str) -> list[Task]:
        """Tasks of the same model and account; the list may be added to."""
        now_s = self._clock.now_s()
        account = (request.gateway.name, key, request.model.name)
        left = [
            task for task in self._unfinished.get(account, ()) if task.status(now_s) == "PROCESSING"
        ]
        self._unfinished[account] = left
        return left

    def _remember(self, task: Task) -> None:
        self._tasks[task.id] = task
        self._by_file[task.file_id] = task
        self._by_number[str(task.number)] = task
        self._by_request[task.gateway.name, task.key, task.request_id] = task.id
        if len(self._tasks) > _TASK_LIMIT:
            now_s = self._clock.now_s()
            old = next(
                (one for one in self._tasks.values() if one.status(now_s) != "PROCESSING"), None
            )
            if old is None:
                return
            del self._tasks[old.id], self._by_file[old.file_id], self._by_number[str(old.number)]
            asked = (old.gateway.name, old.key, old.request_id)
            if self._by_request.get(asked) == old.id:
                del self._by_request[asked]
