"""A whole bot but for Discord: real database, files and HTTP; the channel and time are ours."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any

import aiohttp
from pydantic import SecretStr

from bot.domain.account import Account
from bot.domain.catalogues import Catalogues
from bot.domain.gates import Visitor
from bot.domain.job import Job, JobState, Origin, Place
from bot.domain.quota import Terms
from bot.engine.fitting import Fitter
from bot.engine.gate import AccountGate
from bot.engine.housekeeping import sweep_left_overs
from bot.engine.live_account import LiveAccount, rooms_of
from bot.engine.scheduler import Scheduler
from bot.engine.tools import Tools
from bot.live_accounts import AccountOpener
from bot.own_accounts import LiveOwnAccounts, servers_own
from bot.services.blocks import Blocks
from bot.services.confirmations import Confirmations
from bot.services.entrance import Asker, Entrance
from bot.services.intake import ImageIntake
from bot.services.jobs import Jobs
from bot.services.options import Options
from bot.services.policies import Policies
from bot.services.privacy import Privacy
from bot.services.quotas import Quotas
from bot.services.sealing import Sealer, new_secrets_key
from bot.services.submissions import Submissions
from bot.services.takedowns import Takedowns
from bot.services.turns import MemberCaps, Turns
from bot.services.viewer import Viewer
from bot.services.words import Words
from bot.settings import AccountSettings
from bot.storyboards import storyboards_with
from media.addresses import AddressPolicy
from media.download import make_download_session
from media.fit_worker import FitWorker
from media.worker import MediaWorker
from providers.capabilities import capability_for, rows_of
from providers.gateways import GATEWAYS
from providers.zhipu_create import Dialect
from storage import job_queries
from storage.balances import differences
from storage.database import Database
from tests.services.fake_clock import START

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import AsyncGenerator, Callable
    from pathlib import Path

    from bot.domain.capability import Capability
    from bot.domain.clip_links import LinkSigner
    from bot.engine.director import Director
    from bot.engine.live_account import LiveAccounts
    from bot.services.drafts import Drafts
    from bot.services.own_keys import OwnKeys
    from bot.services.stand_ins import StandIns
    from bot.services.storyboards import Storyboards
    from tests.services.channel import Channel
    from tests.services.fake_clock import FakeClock
    from tests.services.gateway import Gateway

CAPABILITY = capability_for("zai", "cogvideox-3")
assert CAPABILITY.images is not None
IMAGE_RULES = CAPABILITY.images
LOOPBACK = AddressPolicy(loopback=True)
MAX_WAITING = 1_000
CLIP_MAX_BYTES = 32 * 1024 * 1024
IMAGE_MAX_BYTES = 1024 * 1024
PATIENCE_S = 50.0  # with a machine that is busy with other tests; below the limit of one test
# All the same, so that the emulator renders one clip for all tests.
OPTIONS = Options(prompt="A calm sea", size="1280x720", duration_s=5, fps=30)
GUILD, ALICE, BOB = 1, 10, 11
_clicks = count(1)


def asker(
    *,
    user_id: int = ALICE,
    guild_id: int = GUILD,
    role_ids: tuple[int, ...] = (),
    origin: Origin = Origin.COMMAND,
    origin_key: str | None = "",
) -> Asker:
    """Someone who asks in the first channel of a server; each by a click of their own."""
    return Asker(
        visitor=Visitor(
            user_id=user_id,
            role_ids=(guild_id, *role_ids),
            channel_id=100 + guild_id,
            in_age_restricted=False,
            joined_at=START,
        ),
        place=Place(guild_id=guild_id, channel_id=100 + guild_id, in_thread=False),
        origin=origin,
        origin_key=f"interaction:{next(_clicks)}" if origin_key == "" else origin_key,
    )


def viewer(
    *, user_id: int = ALICE, guild_id: int = GUILD, is_moderator: bool = False, sees: bool = True
) -> Viewer:
    """Someone who looks at jobs; by default at those of every channel of the server."""
    return Viewer(
        user_id=user_id, guild_id=guild_id, is_moderator=is_moderator, sees=lambda _: sees
    )


@dataclass(kw_only=True)
class World:
    """One folder of state, and the processes that come and go on it.

    Attributes:
        folder: Holds the database and the files.
        clock: Everybody's.
        channel: Where posts go; outlives restarts, as Discord does.
        gateway: The video API.
        rows: What the first account's models accept.
        further: Other accounts, by name: their gateway and rows.
        in_flight: How many renders at once, of each model of each account.
        dearer: Whether moderators let dearer accounts stand in.
        sealer: Seals the servers' own keys; None where the operator set no secrets key.
        terms: The operator's limits and rates.
        fits: Makes clips fit.
        links: Signs links; None where the bot has no web server of its own.
    """

    folder: Path
    clock: FakeClock
    channel: Channel
    gateway: Gateway
    rows: tuple[Capability, ...] = field(default_factory=lambda: rows_of("zai"))
    further: dict[str, tuple[str, tuple[Capability, ...]]] = field(
        default_factory=dict[str, tuple[str, "tuple[Capability, ...]"]]
    )
    in_flight: int = 1
    dearer: bool = False
    sealer: Sealer | None = field(default_factory=lambda: Sealer(SecretStr(new_secrets_key())))
    terms: Terms = field(default_factory=Terms)
    clip_max_bytes: int = CLIP_MAX_BYTES
    fits: FitWorker = field(default_factory=FitWorker)
    links: LinkSigner | None = None
    media: MediaWorker = field(default_factory=lambda: MediaWorker(request_s=PATIENCE_S))

    @property
    def files_dir(self) -> Path:
        return self.folder / "files"

    def without_safe_repeats(self, *models: str) -> None:
        """As where nobody promises that a repeated ``request_id`` is recognised.

        Args:
            models: For these; none named is for all.
        """
        self.rows = tuple(
            replace(row, repeat_is_safe=False) if not models or row.model in models else row
            for row in self.rows
        )

    def offer(self, *models: str) -> None:
        """As if the operator had chosen these models."""
        self.rows = tuple(capability_for("zai", model) for model in models)

    def account(self, name: str) -> Account:
        """An account of this world."""
        gateway, rows = self.further.get(name, ("zai", self.rows))
        return Account(
            name=name,
            title=f"{gateway} ({name})",
            rows=rows,
            in_flight={row.model: self.in_flight for row in rows},
        )

    @asynccontextmanager
    async def process(
        self, *, max_waiting: int = MAX_WAITING, max_waiting_per_guild: int | None = None
    ) -> AsyncGenerator[Process]:
        """The bot's process, its engine not yet started; leaving it is its end."""
        self.files_dir.mkdir(exist_ok=True)
        async with AsyncExitStack() as stack:
            await asyncio.to_thread(sweep_left_overs, self.files_dir)
            database = await stack.enter_async_context(
                await Database.open(self.folder / "cogreel.sqlite3")
            )
            api = await stack.enter_async_context(aiohttp.ClientSession())
            downloads = await stack.enter_async_context(make_download_session(LOOPBACK))
            tools = self._tools(database, api, downloads)
            opener = await stack.enter_async_context(AccountOpener(self.clock, pace=1.0))
            live = LiveOwnAccounts(tools.accounts, opener, self._operators())
            own_keys, stand_ins = await servers_own(tools, live, self.sealer)
            scheduler = Scheduler(tools)
            stack.push_async_callback(scheduler.stop)
            intake = ImageIntake(
                database=database,
                downloads=downloads,
                attachments_policy=LOOPBACK,
                media=self.media,
                clock=self.clock,
                files_dir=self.files_dir,
                image_max_bytes=IMAGE_MAX_BYTES,
                clip_max_bytes=64 * 1024 * 1024,
            )
            blocks = Blocks(database=database, clock=self.clock)
            policies = Policies(
                database=database,
                clock=self.clock,
                catalogues=tools.catalogues,
                keep_days_max=365,
            )
            await policies.load()
            words = Words(database=database, clock=self.clock)
            submissions = Submissions(
                database=database,
                intake=intake,
                catalogues=tools.catalogues,
                policies=policies,
                blocks=blocks,
                words=words,
                entrance=Entrance(
                    database=database,
                    clock=self.clock,
                    catalogues=tools.catalogues,
                    policies=policies,
                    max_waiting_per_member=max_waiting,
                    max_waiting_per_guild=max_waiting_per_guild,
                    terms=self.terms,
                    job_arrived=scheduler.job_arrived,
                ),
            )
            drafts, storyboards, director = storyboards_with(
                tools, scheduler, submissions=submissions, intake=intake, policies=policies
            )
            stack.push_async_callback(director.stop)
            yield Process(
                world=self,
                tools=tools,
                accounts=tools.accounts,
                catalogues=tools.catalogues,
                database=database,
                scheduler=scheduler,
                intake=intake,
                submissions=submissions,
                drafts=drafts,
                storyboards=storyboards,
                director=director,
                confirmations=Confirmations(
                    database=database, clock=self.clock, submissions=submissions
                ),
                jobs=Jobs(
                    database=database,
                    clock=self.clock,
                    catalogues=tools.catalogues,
                    rooms=lambda: rooms_of(tools.accounts),
                    poll_pace=1.0,
                    fitting=tools.fitter.of,
                ),
                words=words,
                own_keys=own_keys,
                stand_ins=stand_ins,
                quotas=Quotas(
                    database=database,
                    clock=self.clock,
                    catalogues=tools.catalogues,
                    terms=self.terms,
                ),
                turns=Turns(
                    database=database,
                    clock=self.clock,
                    operators=MemberCaps(in_flight=None, waiting=max_waiting),
                    max_waiting_per_guild=max_waiting_per_guild,
                    job_arrived=scheduler.job_arrived,
                ),
                blocks=blocks,
                policies=policies,
                takedowns=Takedowns(database=database, clock=self.clock, files_dir=self.files_dir),
                privacy=Privacy(database=database, clock=self.clock, keep_days=365),
            )

    async def close(self) -> None:
        await self.media.close()

    def _operators(self) -> list[AccountSettings]:
        """The operator's accounts, as far as the servers' own go to the same addresses."""
        return [
            AccountSettings.model_validate(
                {"api_key": "x", "gateway": name, "gateway_url": self.gateway.base_of(name)}
            )
            for name in GATEWAYS
        ]

    def _tools(
        self, database: Database, api: aiohttp.ClientSession, downloads: aiohttp.ClientSession
    ) -> Tools:
        accounts = [self.account(name) for name in ("main", *self.further)]
        catalogues = Catalogues(accounts, default=self.rows[0].model, rates=self.terms.rates)
        catalogues.let_dearer_stand_in(GUILD, allowed=self.dearer)
        return Tools(
            database=database,
            accounts={
                account.name: LiveAccount(
                    account=account,
                    transport=self.gateway.transport(api, account.rows[0].gateway, self.clock),
                    downloads=downloads,
                    results_policy=LOOPBACK,
                    dialect=Dialect(),
                    gate=AccountGate(self.clock, name=account.name, pace=1.0),
                )
                for account in accounts
            },
            media=self.media,
            clock=self.clock,
            catalogues=catalogues,
            delivery=self.channel,
            files_dir=self.files_dir,
            clip_max_bytes=self.clip_max_bytes,
            notice_added=lambda: None,
            fitter=Fitter(self.fits),
            links=self.links,
            poll_pace=1.0,
            quota_terms=self.terms,
        )


@dataclass(frozen=True, kw_only=True)
class Process:
    """One run of the bot's process."""

    world: World
    tools: Tools
    accounts: LiveAccounts
    catalogues: Catalogues
    database: Database
    scheduler: Scheduler
    intake: ImageIntake
    submissions: Submissions
    drafts: Drafts
    storyboards: Storyboards
    director: Director
    confirmations: Confirmations
    jobs: Jobs
    quotas: Quotas
    turns: Turns
    words: Words
    own_keys: OwnKeys
    stand_ins: StandIns
    privacy: Privacy
    blocks: Blocks
    policies: Policies
    takedowns: Takedowns

    async def submit(self, options: Options = OPTIONS, **who: Any) -> Job:  # noqa: ANN401  # see `asker`
        """A member asks for a video without images."""
        return await self.submissions.submit(options, (), asker(**who))

    async def job(self, job_id: int) -> Job:
        found = await self.database.read(lambda db: job_queries.get_job(db, job_id))
        assert found is not None
        return found

    async def until(self, job: Job, *states: JobState) -> Job:
        """Wait until the job is in one of the states; fails where it ends in another."""
        async with asyncio.timeout(PATIENCE_S):
            while (now := await self.job(job.job_id)).state not in states:
                assert not now.is_terminal, now
                await self.world.channel.next_change()
        return now

    async def let_others_run(self, until: Callable[[], bool]) -> None:
        """Go on once something holds that takes no time."""
        async with asyncio.timeout(PATIENCE_S):
            while not until():
                await self.database.read(lambda _: None)

    async def delivered(self, *jobs: Job) -> list[Job]:
        """Wait until all of them are delivered."""
        return [await self.until(job, JobState.DELIVERED) for job in jobs]

    async def reservation(self, job: Job) -> str:
        """``reserved``, ``settled`` or ``released``: the ledger's last word on a job."""

        def read(db: sqlite3.Connection) -> str:
            assert differences(db) == 0
            (kind,) = db.execute(
                "SELECT kind FROM ledger WHERE job_id = ? ORDER BY entry_id DESC LIMIT 1",
                (job.job_id,),
            ).fetchone()
            return f"{str(kind).removesuffix('e')}ed"

        return await self.database.read(read)
