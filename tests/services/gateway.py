"""A running emulator, as one test's account sees it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from emulator.auth import key_digest
from providers.credentials import Credentials
from providers.transport import ZhipuTransport

if TYPE_CHECKING:
    import aiohttp

    from bot.clock import Clock

# The emulator's keys: the operator's account has the first one.
OPERATORS_KEY = "0123456789abcdef0123456789abcdef.operatorsoperato"
SERVERS_KEY = "fedcba9876543210fedcba9876543210.serversserversse"
SERVERS_NEXT_KEY = "00112233445566778899aabbccddeeff.nextnextnextnext"

AT_REST: dict[str, Any] = {
    "faults": [],
    "render_delay_s": 0,
    "link_lifetime_s": 86_400,
    "renew_links": False,
    "result_file": None,
    "file_ranges": "answer",
    "in_flight_limit": 1_000,
    "vidu_on_zai": "accept",
    "forgetful_models": [],
}


class Gateway:
    """Turns the knobs and reads the ledger, over HTTP. One emulator serves all tests.

    The ledger is read from where this test began, and its knobs are turned back afterwards.
    """

    def __init__(self, session: aiohttp.ClientSession, addresses: dict[str, Any]) -> None:
        self._session = session
        self._url = addresses["url"]
        self.api_base = addresses["api_base"]
        self.key = addresses["api_key"]
        self._bases: dict[str, str] = addresses["bases"]
        self._keys: dict[str, str] = addresses["keys"]
        # How long an answer is waited for, in real seconds.
        self.create_total_s = self.poll_total_s = 20.0
        self._before = 0

    def base_of(self, gateway: str) -> str:
        """The address of the API of one of the gateways that it stands in for."""
        return self._bases[gateway]

    def transport(self, api: aiohttp.ClientSession, gateway: str, clock: Clock) -> ZhipuTransport:
        """An account of one of the gateways that it stands in for."""
        credentials = Credentials(SecretStr(self._keys[gateway]), kind="raw", clock=clock)
        return ZhipuTransport(
            api,
            base_url=self._bases[gateway],
            credentials=credentials,
            create_total_s=self.create_total_s,
            poll_total_s=self.poll_total_s,
        )

    async def begin(self) -> None:
        """Turn the knobs to rest, finish what an earlier test left, count from here."""
        await self._call("POST", "/emulator/release")
        await self.turn(**AT_REST)
        # One that went on would take this test's place: for its time, or until its file is made.
        took_s = [task["ready_at"] - task["accepted_at"] for task in await self._unfinished()]
        await self.turn(advance_s=max(took_s, default=0))
        while await self._unfinished():
            pass
        self._before = len((await self._call("GET", "/emulator/ledger"))["entries"])

    async def turn(self, **knobs: Any) -> dict[str, Any]:  # noqa: ANN401  # each knob has its own type
        return await self._call("POST", "/emulator/knobs", knobs)

    async def order(self, on: str, do: str, times: int = 1) -> None:
        """Order one fault, in place of all others."""
        await self.turn(faults=[{"on": on, "do": do, "times": times}])

    async def faults_left(self) -> list[dict[str, Any]]:
        faults: list[dict[str, Any]] = (await self._call("GET", "/emulator/knobs"))["faults"]
        return faults

    async def charged(self) -> list[str]:
        """The ``request_id`` of every charge since this test began, in order."""
        return [entry["request_id"] for entry in await self.ledger()]

    async def ledger(self) -> list[dict[str, Any]]:
        """Every charge since this test began, in order, as the emulator wrote it down."""
        answer = await self._call("GET", f"/emulator/ledger?after={self._before}")
        entries: list[dict[str, Any]] = answer["entries"]
        return entries

    async def tasks(self) -> dict[str, dict[str, Any]]:
        """The newest thousand tasks by their id."""
        tasks: list[dict[str, Any]] = (await self._call("GET", "/emulator/tasks"))["tasks"]
        return {task["id"]: task for task in tasks}

    async def _unfinished(self) -> list[dict[str, Any]]:
        return [task for task in (await self.tasks()).values() if task["status"] == "PROCESSING"]

    async def charged_at(self) -> list[str]:
        """The gateway of every charge since this test began, in order."""
        answer = await self._call("GET", f"/emulator/ledger?after={self._before}")
        return [entry["gateway"] for entry in answer["entries"]]

    async def payers(self) -> list[str]:
        """The key behind every charge since this test began, in order."""
        answer = await self._call("GET", f"/emulator/ledger?after={self._before}")
        keys = (OPERATORS_KEY, SERVERS_KEY, SERVERS_NEXT_KEY)
        by_digest = {key_digest(key): key for key in keys}
        return [by_digest[entry["api_key_digest"]] for entry in answer["entries"]]

    async def charged_jobs(self) -> list[int]:
        """The jobs that were charged for, in order."""
        return [int(request_id.split("-")[2]) for request_id in await self.charged()]

    async def fault_struck(self) -> None:
        """Wait until every ordered fault was used up. Each look is a call, so others go on."""
        while await self.faults_left():
            pass

    async def _call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:  # noqa: ANN401  # any JSON
        data = None if body is None else json.dumps(body).encode()
        async with self._session.request(method, self._url + path, data=data) as response:
            answer: dict[str, Any] = await response.json()
            assert response.status == 200, answer
            return answer
