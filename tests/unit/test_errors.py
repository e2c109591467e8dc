"""The tree of errors: whole, drawn, and readable."""

from __future__ import annotations

import inspect
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain import errors
from bot.domain.block import Block, BlockedMemberError
from bot.domain.confirmation import (
    AlreadyConfirmedError,
    Confirmation,
    ConfirmationGoneError,
    ConfirmationNeededError,
)
from bot.domain.delivery import ClipNotFittedError
from bot.domain.destination import NoWayError, ServerLeftError
from bot.domain.durations import DurationNotUsableError
from bot.domain.errors import CogreelError, MemberError, QueueFullError
from bot.domain.extension import CannotExtendError
from bot.domain.further_post import (
    FileNotKeptError,
    NotDoneError,
    NotForHereError,
    NothingLeftError,
    TooManyPostsError,
)
from bot.domain.gates import Gate, GateClosedError
from bot.domain.job import Origin, Place
from bot.domain.looks import LookNameError, TooManyLooksError, UnknownLookError
from bot.domain.money import Money
from bot.domain.own_key import (
    OwnKeyFormError,
    OwnKeyRefusedError,
    OwnKeysOffError,
    OwnKeyUntestedError,
    SealBrokenError,
)
from bot.domain.quota import Measure, QuotaRule, Scope, Standing
from bot.domain.reaction import EmojiNotUsableError, EmojiTwiceError
from bot.domain.request import VideoRequest
from bot.domain.storyboard import (
    FilmTakenAgainError,
    NoSuchShotError,
    RetakePriceError,
    ShotStartsTwiceError,
    ShotUnderWayError,
    StoryboardClosedError,
    StoryboardCostError,
    StoryboardGoneError,
    TooFewShotsError,
    TooManyShotsError,
)
from bot.domain.takedown import (
    NotKeptError,
    NoVideoThereError,
    TakenDownError,
    TakenDownMeanwhileError,
)
from bot.domain.takes import NotAllFitError
from bot.domain.windows import Window
from bot.domain.words import (
    TooManyWordRulesError,
    WordKind,
    WordNotUsableError,
    WordRule,
)
from bot.engine.held_jobs import NotHeldError, TaskNotUsableError
from bot.services.jobs import NotWaitingError, NumberDecidesError
from bot.services.policies import KeptTooLongError
from bot.services.quotas import UnknownTimeZoneError
from bot.services.reports import TooManyReportsError
from bot.services.tellings import NoFilmToTellError, NothingToTellError
from bot.services.turns import CapTooHighError, EverybodysShareError
from bot.services.word_patterns import PatternNotUsableError
from bot.services.words import BlockedWordsError, RestrictedWordsError
from cogs.animate import NoPictureThereError
from cogs.asking import ChannelNotUsableError
from cogs.keeping import DirectMessagesClosedError
from cogs.limit_options import (
    AmountNotUnderstoodError,
    OneMeasureError,
    OneSubjectError,
    WindowMissingError,
)
from cogs.privacy import ExportTooLargeForDiscordError
from cogs.quota import ExportTooLargeError
from cogs.setup_channels import ChannelNotWritableError
from cogs.setup_keeping import StarsNotUsableError
from cogs.setup_panel import OldPanelError
from cogs.setup_turns import CapNotUsableError
from cogs.usage import MembersUnknownError, OneMemberOnlyByDayError, OwnUsageAloneError
from cogs.wish_modal import FormSentError

A_STANDING = Standing(
    rule=QuotaRule(
        scope=Scope.SERVER,
        subject_id=1,
        limit=5_000_000,
        window=Window.MONTH,
        measure=Measure.MONEY,
        currency="USD",
    ),
    used=4_900_000,
    resets_at=datetime(2026, 1, 15, tzinfo=UTC),
)
A_QUESTION = Confirmation(
    confirmation_id=1,
    request=VideoRequest(model="cogvideox-3", prompt="A calm sea"),
    user_id=10,
    place=Place(guild_id=1, channel_id=5, in_thread=False),
    origin=Origin.COMMAND,
    parent_job_id=None,
    price=Money(micros=200_000, currency="USD"),
    expires_at=datetime(2026, 1, 15, tzinfo=UTC),
)
FACTS: dict[str, Any] = {
    "standing": A_STANDING,
    "need": 200_000,
    "refusal": QueueFullError(limit=3),
    "fitting": 1,
    "wanted": 3,
    "currencies": ("USD", "CNY"),
    "text": "It is used up. Wait a little.",
    "option": "size",
    "limit": 3,
    "of_server": True,
    "given": "`4`",
    "next_step": "Choose another.",
    "reason": "is torn",
    "scope": "role",
    "subject_id": 7,
    "used": 3,
    "window": "day",
    "resets_at": datetime(2026, 1, 15, tzinfo=UTC),
    "job_id": 12,
    "action": "cancel this video",
    "needed": "moderators",
    "state": "rendering",
    "detail": "the gateway answered HTTP 500",
    "code": "500",
    "task_id": None,
    "permissions": ("Send Messages",),
    "gateway": "Z.AI",
    "missing": ("send_messages", "attach_files"),
    "expected": "queued",
    "kind": "word",
    "typed": "soon",
    "days_max": 30,
    "gate": Gate.ROLE,
    "why": "You have no role.",
    "block": Block(
        user_id=10,
        blocked_by=9,
        blocked_at=datetime(2026, 1, 14, tzinfo=UTC),
        until=datetime(2026, 1, 15, tzinfo=UTC),
        reason="rude",
    ),
    "confirmation": A_QUESTION,
    "above": Money(micros=100_000, currency="USD"),
    "was_told": True,
    "notes": (),
    "link": "<https://discord.com/channels/1/2/3>",
    "storyboard_id": 4,
    "price": None,
    "number": 2,
    "looks": (),
    "found": [WordRule(kind=WordKind.WORD, text="bad")],
}
# How a next step begins: what to do, or whom to ask.
NEXT_STEP = re.compile(
    r"(Ask|Attach|Choose|Describe|Leave|Save|See|Shorten|Start|Try|Use|Wait|A moderator can)\b"
)


def subclasses(base: type[CogreelError]) -> list[type[CogreelError]]:
    direct = base.__subclasses__()
    return [*direct, *(deeper for child in direct for deeper in subclasses(child))]


def example(kind: type[CogreelError]) -> CogreelError:
    if kind.__init__ is Exception.__init__ or kind is MemberError:  # whoever raises it writes it
        return kind("It is torn. Choose another.")
    parameters = list(inspect.signature(kind).parameters.values())
    positional = [FACTS[p.name] for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    keywords = {p.name: FACTS[p.name] for p in parameters if p.kind is p.KEYWORD_ONLY}
    return kind(*positional, **keywords)


ALL = subclasses(CogreelError)
OF_THE_TREE = [kind for kind in ALL if kind.__module__ == errors.__name__]
# Refusals that only one module can know live with it.
OF_ONE_MODULE = {
    AlreadyConfirmedError,
    NotAllFitError,
    NoPictureThereError,
    CannotExtendError,
    BlockedMemberError,
    BlockedWordsError,
    RestrictedWordsError,
    ConfirmationGoneError,
    ConfirmationNeededError,
    ChannelNotUsableError,
    ClipNotFittedError,
    AmountNotUnderstoodError,
    ExportTooLargeError,
    ExportTooLargeForDiscordError,
    OneMeasureError,
    NotHeldError,
    NotWaitingError,
    TaskNotUsableError,
    NoFilmToTellError,
    NothingToTellError,
    NumberDecidesError,
    DurationNotUsableError,
    GateClosedError,
    ChannelNotWritableError,
    FormSentError,
    OldPanelError,
    CapNotUsableError,
    CapTooHighError,
    DirectMessagesClosedError,
    EmojiNotUsableError,
    EmojiTwiceError,
    FileNotKeptError,
    KeptTooLongError,
    NotDoneError,
    NotForHereError,
    NothingLeftError,
    StarsNotUsableError,
    TooManyPostsError,
    TooManyReportsError,
    EverybodysShareError,
    OneSubjectError,
    OneMemberOnlyByDayError,
    OwnUsageAloneError,
    MembersUnknownError,
    WindowMissingError,
    OwnKeyFormError,
    OwnKeyRefusedError,
    OwnKeysOffError,
    OwnKeyUntestedError,
    PatternNotUsableError,
    SealBrokenError,
    NoVideoThereError,
    NotKeptError,
    NoWayError,
    ServerLeftError,
    TakenDownError,
    LookNameError,
    TooManyLooksError,
    UnknownLookError,
    FilmTakenAgainError,
    NoSuchShotError,
    RetakePriceError,
    ShotStartsTwiceError,
    ShotUnderWayError,
    StoryboardClosedError,
    StoryboardCostError,
    StoryboardGoneError,
    TooFewShotsError,
    TooManyShotsError,
    TooManyWordRulesError,
    WordNotUsableError,
    UnknownTimeZoneError,
    TakenDownMeanwhileError,
    *subclasses(errors.QuotaExceededError),
}


def test_every_class_is_drawn_in_the_docstring_under_its_parent() -> None:
    drawn: list[tuple[int, str]] = [
        (len(found[1]), found[2])
        for line in (errors.__doc__ or "").splitlines()
        if (found := re.match(r" {4}([ │├└─]*)(\w+Error)\b", line))
    ]
    parents: dict[str, str] = {}
    path: list[tuple[int, str]] = []
    for depth, name in drawn:
        while path and path[-1][0] >= depth:
            path.pop()
        if path:
            parents[name] = path[-1][1]
        path.append((depth, name))
    assert parents == {kind.__name__: kind.__bases__[0].__name__ for kind in OF_THE_TREE}


def test_no_class_of_the_project_is_raised_outside_the_tree_by_accident() -> None:
    assert {kind for kind in ALL if kind not in OF_THE_TREE} == OF_ONE_MODULE


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_every_message_renders_its_facts(kind: type[CogreelError]) -> None:
    message = str(example(kind))
    assert message.strip()
    assert "object at 0x" not in message
    assert isinstance(kind.retriable, bool)


MEMBERS = [kind for kind in ALL if issubclass(kind, MemberError)]


@pytest.mark.parametrize("kind", MEMBERS, ids=lambda kind: kind.__name__)
def test_what_a_member_reads_ends_with_the_next_step(kind: type[MemberError]) -> None:
    *_, last = re.split(r"(?<=\.) ", str(example(kind)))
    assert NEXT_STEP.match(last), last
    assert last.endswith(".")
    assert not kind.retriable


@pytest.mark.parametrize("state", ["submitting", "held", "delivered", "cancelled"])
def test_a_job_that_cannot_be_cancelled_says_why_in_every_state(state: str) -> None:
    message = str(errors.NotCancellableError(job_id=3, state=state))
    assert "#3" in message
    assert NEXT_STEP.match(re.split(r"(?<=\.) ", message)[-1])


def test_who_has_no_job_at_all_is_told_how_to_start_one() -> None:
    assert str(errors.JobNotFoundError(job_id=None)).startswith("You have no video here yet.")


@pytest.mark.parametrize(("scope", "whose"), [("member", "Your limit"), ("server", "This server")])
def test_a_refusal_by_quota_names_whose_limit_it_is(scope: str, whose: str) -> None:
    facts = {name: FACTS[name] for name in ("subject_id", "used", "window", "resets_at")}
    assert str(errors.QuotaExceededError(scope=scope, limit=1, **facts)).startswith(whose)


def test_a_lookup_that_fails_is_also_a_lookup_error() -> None:
    assert issubclass(errors.JobNotFoundError, LookupError)
