"""The composition root: the only place that knows every concrete class."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import aiohttp
import discord

from bot.accounts import account_name, catalogues_of
from bot.client import CogreelBot, point_at_stand_in
from bot.clock import Clock, SystemClock
from bot.domain.errors import DeliveryUnavailableError, StartupError
from bot.engine.claims import Claims
from bot.engine.departure import Departures
from bot.engine.fitting import Fitter
from bot.engine.held_jobs import HeldJobs
from bot.engine.housekeeping import Housekeeper, sweep_left_overs, sweep_unrecorded
from bot.engine.live_account import rooms_of
from bot.engine.retention import Retention
from bot.engine.scheduler import Scheduler
from bot.engine.tools import Tools
from bot.health import HealthServer, Watched
from bot.keeping import keeping_of
from bot.languages import load_languages
from bot.links import own_links
from bot.live_accounts import AccountOpener
from bot.own_accounts import LiveOwnAccounts, sealer_of, servers_own
from bot.services.blocks import Blocks
from bot.services.boards import Boards
from bot.services.command_sync import CommandSync
from bot.services.confirmations import Confirmations
from bot.services.courses import Courses
from bot.services.defaults import MemberDefaults
from bot.services.entrance import Entrance
from bot.services.guild_logs import GuildLogs
from bot.services.guild_looks import GuildLooks
from bot.services.intake import ImageIntake
from bot.services.jobs import Jobs
from bot.services.notices import Notices
from bot.services.policies import Policies
from bot.services.post_tries import PostTries
from bot.services.privacy import Privacy
from bot.services.quotas import Quotas
from bot.services.submissions import Submissions
from bot.services.takedowns import Takedowns
from bot.services.tellings import Tellings
from bot.services.turns import MemberCaps, Turns
from bot.services.usage import UsageReports
from bot.services.words import Words
from bot.settings import MAIN_ACCOUNT
from bot.start import arm_fault_point, attachments_policy_of, files_dir_of
from bot.stop_signals import on_stop_signal
from bot.storyboards import storyboards_with
from bot.terms import terms_of
from cogs.boards import BoardKeeper
from cogs.confirming import Confirming
from cogs.log_channels import LogChannels
from cogs.operator_channel import OperatorChannel
from cogs.poster import Poster
from cogs.retaking import Retaking
from cogs.services import Services
from cogs.status_board import StatusBoard
from cogs.storyboard_panel import DraftPanel
from cogs.storyboard_status import StoryboardStatus
from cogs.telling import Telling
from media.download import make_download_session
from media.worker import MediaWorker
from storage.account_pauses import name_the_first_account
from storage.database import FILE_NAME, Database
from storage.restore import restored_at

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from bot.settings import Settings

log = logging.getLogger(__name__)

BY_ITSELF = 0  # on record as nobody: the bot did it by itself


@asynccontextmanager
async def composed(settings: Settings, *, clock: Clock | None = None) -> AsyncGenerator[CogreelBot]:
    """Everything built and started but the connection to Discord; closed in reverse order.

    Raises:
        StartupError: The gateway does not have what the settings ask of it.
        StorageError: The database cannot be opened, or another process holds it.
    """
    clock = clock or SystemClock()
    catalogues = catalogues_of(settings)
    sealer = sealer_of(settings)
    terms = terms_of(settings)
    point_at_stand_in(settings)
    files_dir = await files_dir_of(settings)
    await asyncio.to_thread(load_languages)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(
            await Database.open(settings.state_dir / FILE_NAME)
        )
        await asyncio.to_thread(sweep_left_overs, files_dir)
        await sweep_unrecorded(database, files_dir)
        media = MediaWorker()
        stack.push_async_callback(media.close)
        opener = await stack.enter_async_context(AccountOpener(clock, pace=settings.poll_pace))
        described = settings.all_accounts
        named = {account_name(name, each): each for name, each in described.items()}
        accounts = {
            account.name: opener.open(account, named[account.name])
            for account in catalogues.accounts
        }
        await database.write(
            lambda db: name_the_first_account(
                db, account_name(MAIN_ACCOUNT, described[MAIN_ACCOUNT])
            )
        )
        attachments_policy = attachments_policy_of(settings)
        attachments = await stack.enter_async_context(make_download_session(attachments_policy))

        bot = await stack.enter_async_context(
            CogreelBot(
                command_sync=CommandSync(database=database, clock=clock),
                stand_in=settings.discord_api_url is not None,
            )
        )
        fitter = Fitter()
        jobs = Jobs(
            database=database,
            clock=clock,
            catalogues=catalogues,
            rooms=lambda: rooms_of(accounts),
            poll_pace=settings.poll_pace,
            terms=settings.terms,
            fitting=fitter.of,
        )
        policies = Policies(
            database=database,
            clock=clock,
            catalogues=catalogues,
            keep_days_max=settings.keep_days,
        )
        await policies.load()
        board = StatusBoard(
            bot=bot,
            jobs=jobs,
            catalogues=catalogues,
            policies=policies,
            storyboards=StoryboardStatus(
                bot=bot,
                courses=Courses(database=database),
                catalogues=catalogues,
                policies=policies,
                clock=clock,
            ),
            clock=clock,
        )
        operator_channel = OperatorChannel(
            bot=bot,
            notices=Notices(database=database, clock=clock),
            clock=clock,
            channel_id=settings.operator_channel_id,
        )
        telling = Telling(
            bot=bot,
            tellings=Tellings(
                database=database, clock=clock, jobs=jobs, courses=Courses(database=database)
            ),
            policies=policies,
            clock=clock,
        )
        links = await stack.enter_async_context(own_links(settings, database, clock, files_dir))
        tools = Tools(
            database=database,
            accounts=accounts,
            media=media,
            clock=clock,
            catalogues=catalogues,
            delivery=Poster(
                bot=bot,
                board=board,
                catalogues=catalogues,
                policies=policies,
                tries=PostTries(database=database, clock=clock),
                telling=telling,
            ),
            files_dir=files_dir,
            clip_max_bytes=settings.clip_max_bytes,
            poll_pace=settings.poll_pace,
            notice_added=operator_channel.notice_added,
            fitter=fitter,
            links=links,
            terms=settings.terms,
            quota_terms=terms,
            restored_at=await asyncio.to_thread(restored_at, settings.state_dir),
        )
        scheduler = Scheduler(tools)
        own_keys, stand_ins = await servers_own(
            tools, LiveOwnAccounts(accounts, opener, described.values()), sealer
        )
        intake = ImageIntake(
            database=database,
            downloads=attachments,
            attachments_policy=attachments_policy,
            media=media,
            clock=clock,
            files_dir=files_dir,
            image_max_bytes=settings.image_max_bytes,
            clip_max_bytes=settings.clip_max_bytes,
        )
        words = Words(database=database, clock=clock)
        blocks = Blocks(database=database, clock=clock)
        guild_logs = GuildLogs(database=database, clock=clock)
        log_channels = LogChannels(bot=bot, logs=guild_logs, policies=policies, clock=clock)
        takedowns = Takedowns(database=database, clock=clock, files_dir=files_dir)
        keeping, clearing = keeping_of(bot, policies, tools, takedowns)
        submissions = Submissions(
            database=database,
            intake=intake,
            catalogues=catalogues,
            policies=policies,
            blocks=blocks,
            words=words,
            entrance=Entrance(
                database=database,
                clock=clock,
                catalogues=catalogues,
                policies=policies,
                max_waiting_per_member=settings.max_waiting_per_member,
                max_waiting_per_guild=settings.max_waiting_per_guild,
                terms=terms,
                job_arrived=scheduler.job_arrived,
            ),
        )
        drafts, storyboards, director = storyboards_with(
            tools, scheduler, submissions=submissions, intake=intake, policies=policies
        )
        confirming = Confirming(
            bot=bot,
            confirmations=Confirmations(database=database, clock=clock, submissions=submissions),
            board=board,
            clock=clock,
        )
        bot.services = Services(
            submissions=submissions,
            jobs=jobs,
            keeping=keeping,
            drafts=drafts,
            storyboards=storyboards,
            draft_panel=DraftPanel(),
            retaking=Retaking(),
            words=words,
            own_keys=own_keys,
            stand_ins=stand_ins,
            quotas=Quotas(database=database, clock=clock, catalogues=catalogues, terms=terms),
            defaults=MemberDefaults(database=database, clock=clock, catalogues=catalogues),
            usage=UsageReports(database=database, clock=clock, terms=terms, media=media),
            turns=Turns(
                database=database,
                clock=clock,
                operators=MemberCaps(
                    in_flight=settings.in_flight_per_member,
                    waiting=settings.max_waiting_per_member,
                ),
                max_waiting_per_guild=settings.max_waiting_per_guild,
                job_arrived=scheduler.job_arrived,
            ),
            blocks=blocks,
            policies=policies,
            guild_logs=guild_logs,
            guild_looks=GuildLooks(database=database, clock=clock, words=words),
            takedowns=takedowns,
            privacy=Privacy(database=database, clock=clock, keep_days=settings.keep_days),
            clearing=clearing,
            confirming=confirming,
            board=board,
            claims=Claims(tools, scheduler),
            departures=Departures(tools),
            tellings=telling.tellings,
            held_jobs=HeldJobs(tools, scheduler),
            clock=clock,
            catalogues=catalogues,
        )
        housekeeper = Housekeeper(
            database=database,
            clock=clock,
            files_dir=files_dir,
            keep_clips=timedelta(days=settings.keep_clips_days),
            forget_ended_keys=own_keys.forget_ended,
            retention=Retention(
                database=database,
                clock=clock,
                files_dir=files_dir,
                keep_days=settings.keep_days,
                min_free_bytes=settings.min_free_bytes,
                remove_own_key=lambda guild_id: own_keys.remove(guild_id, by=BY_ITSELF),
            ),
        )
        # Once Discord has taken the token, not before: nothing is paid that cannot be posted.
        for part in (
            housekeeper,
            board,
            operator_channel,
            log_channels,
            clearing,
            telling,
            keeping.gallery,
            BoardKeeper(
                bot=bot,
                boards=Boards(
                    database=database,
                    clock=clock,
                    jobs=jobs,
                    catalogues=catalogues,
                    rooms=lambda: rooms_of(accounts),
                ),
                policies=policies,
                clock=clock,
            ),
            confirming,
            scheduler,
            director,
        ):
            bot.when_logged_in(part.start)
            stack.push_async_callback(part.stop)
        await _serve_health(
            stack,
            Watched(
                database=database,
                scheduler=scheduler,
                bot=bot,
                clock=clock,
                folder=settings.state_dir,
            ),
            settings,
        )
        yield bot


async def run(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT.

    Raises:
        StartupError: Discord refuses the token or the intents.
        DeliveryUnavailableError: Discord is in trouble, or out of reach.
    """
    arm_fault_point(settings)
    async with composed(settings) as bot:
        connecting = asyncio.create_task(bot.start(settings.discord_token.get_secret_value()))
        try:
            with on_stop_signal(connecting.cancel), contextlib.suppress(asyncio.CancelledError):
                await connecting
        except discord.LoginFailure as exc:
            raise StartupError(
                "COGREEL_DISCORD_TOKEN: Discord refuses it. Copy it again from "
                "https://discord.com/developers/applications → your application → Bot."
            ) from exc
        except discord.PrivilegedIntentsRequired as exc:
            raise StartupError("Discord refuses the intents of this bot.") from exc
        except (discord.DiscordException, aiohttp.ClientError, OSError) as exc:
            # Only the kind: a message may hold an address with a token in it. And nothing that
            # the operator has to mend: whoever watches over the program should start it again.
            raise DeliveryUnavailableError(
                f"Discord cannot be used: {type(exc).__name__}."
            ) from exc
        log.info("stopping; what is unfinished goes on at the next start")


async def _serve_health(stack: AsyncExitStack, watched: Watched, settings: Settings) -> None:
    if settings.health:
        server = HealthServer(watched, host=settings.health_host, port=settings.health_port)
        await stack.enter_async_context(server)
