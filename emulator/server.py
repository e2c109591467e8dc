"""The emulator as a whole: wires the parts together and serves them on loopback."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Self

from aiohttp import web

from emulator.answers import Held
from emulator.api import VideoApi, refusals
from emulator.auth import KeyRing
from emulator.clock import Clock
from emulator.control import Control, loopback_only
from emulator.files import ResultFiles
from emulator.gateways import GATEWAYS, ZAI
from emulator.knobs import Knobs
from emulator.ledger import Ledger
from emulator.renderer import Renderer
from emulator.tasks import TaskBook

if TYPE_CHECKING:
    from collections.abc import Sequence

_HOST = "127.0.0.1"
_BODIES_AT_ONCE = 16  # of all gateways together: a body may be that large
_BODY_BYTES_LIMIT = 70 * 1024 * 1024  # an image of 50 MB, the most any model documents, in base64


class Emulator:
    """A stand-in for the video API, as each gateway speaks it.

    ``async with Emulator() as emulator:`` serves on a free port until the block ends.

    Attributes:
        api_key: The first accepted key, ``<id>.<secret>``; every gateway takes it.
        knobs: Its switches.
        ledger: What it would have charged.
    """

    def __init__(  # noqa: PLR0913  # options, each by name and each with a default
        self,
        *,
        port: int = 0,
        keys: Sequence[str] = (),
        in_flight_limit: int | None = None,
        render_delay_s: float = 0.0,
        renders_at_once: int = 1,
        render_limit_s: int = 600,
        cache_bytes: int = 1024 * 1024 * 1024,
    ) -> None:
        """Set up; nothing runs before :meth:`start`.

        Args:
            port: 0 takes any free one.
            keys: Accepted API keys; none makes one up.
            in_flight_limit: Unfinished tasks per key, None for each model's own figure.
            render_delay_s: Least time in PROCESSING.
            renders_at_once: Child processes at a time.
            render_limit_s: Wall-clock seconds one render may take before it is killed.
            cache_bytes: Of finished clips; beyond it the oldest are dropped.
        """
        accepted = tuple(keys) or (f"{secrets.token_hex(16)}.{secrets.token_hex(8)}",)
        self.api_key = accepted[0]
        self.ledger = Ledger()
        self._clock = Clock()
        self.knobs = Knobs(self._clock)
        self.knobs.update({"in_flight_limit": in_flight_limit, "render_delay_s": render_delay_s})
        self._port = port
        self._accepted = accepted
        self._reseller_key = next(
            (key for key in accepted if key.startswith("sk-")), f"sk-{secrets.token_hex(24)}"
        )
        self._held = Held()
        self._renders = (renders_at_once, render_limit_s, cache_bytes)
        self._folder: Path | None = None
        self._renderer: Renderer | None = None
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Base address, without a slash at its end; known once started."""
        return f"http://{_HOST}:{self._port}"

    @property
    def api_base(self) -> str:
        """What a client of Z.AI takes as the API's base address."""
        return self.base_of(ZAI.name)

    @property
    def bases(self) -> dict[str, str]:
        """The base address of each gateway's API, by the gateway's name."""
        return {name: self.url + gateway.prefix for name, gateway in GATEWAYS.items()}

    @property
    def keys(self) -> dict[str, str]:
        """A key in the form that each gateway gives out, by the gateway's name."""
        return {
            name: self._reseller_key if gateway.reseller else self.api_key
            for name, gateway in GATEWAYS.items()
        }

    def base_of(self, gateway: str) -> str:
        """One of `bases`."""
        return self.bases[gateway]

    @property
    def held_count(self) -> int:
        """Answers being kept back now."""
        return self._held.count

    def release(self) -> int:
        """Let all held answers go, and say how many there were."""
        return self._held.release()

    async def start(self) -> None:
        """Serve. After a failed start nothing is left over."""
        at_once, limit_s, cache_bytes = self._renders
        self._folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="cogreel-emulator-"))
        self._renderer = Renderer(
            self._folder, at_once=at_once, limit_s=limit_s, cache_bytes=cache_bytes
        )
        try:
            self._runner = web.AppRunner(
                self._app(self._renderer), access_log=None, shutdown_timeout=1.0
            )
            await self._runner.setup()
            await web.TCPSite(self._runner, _HOST, self._port, backlog=512).start()
            self._port = self._runner.addresses[0][1]
            self._renderer.start()
        except BaseException:  # nothing may be left over of a failed start
            await self.close()
            raise

    async def close(self) -> None:
        """Stop serving, kill the render under way, delete all clips. May be called twice."""
        self._held.release()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        if self._renderer is not None:
            await self._renderer.close()
            self._renderer = None
        if self._folder is not None:
            await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)
            self._folder = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _app(self, renderer: Renderer) -> web.Application:
        tasks = TaskBook(clock=self._clock, knobs=self.knobs, ledger=self.ledger, renderer=renderer)
        files = ResultFiles(
            base=lambda: self.url, tasks=tasks, clock=self._clock, knobs=self.knobs, held=self._held
        )
        control = Control(ledger=self.ledger, knobs=self.knobs, tasks=tasks, held=self._held)
        app = web.Application(
            client_max_size=_BODY_BYTES_LIMIT, middlewares=[loopback_only, refusals]
        )
        app.add_routes([*control.routes(), web.get("/files/{name}", files.serve)])
        bodies = asyncio.Semaphore(_BODIES_AT_ONCE)
        # The one without a prefix of its own comes last: it answers everything that is left.
        for gateway in sorted(GATEWAYS.values(), key=lambda one: one is ZAI):
            keys = (*self._accepted, self._reseller_key) if gateway.reseller else self._accepted
            api = VideoApi(
                gateway=gateway,
                keys=KeyRing(keys, signed_tokens=not gateway.reseller),
                clock=self._clock,
                knobs=self.knobs,
                tasks=tasks,
                files=files,
                held=self._held,
                bodies=bodies,
            )
            rest = "" if gateway is ZAI else gateway.prefix
            app.add_routes(
                [
                    web.post(f"{gateway.prefix}/videos/generations", api.create),
                    web.get(f"{gateway.prefix}/async-result/{{id}}", api.result),
                    web.route("*", rest + "/{path:.*}", api.elsewhere),
                ]
            )
        return app
