"""Moderators say what no prompt may have, or only in some channels; every prompt is held to it."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.audit import Act, AuditAction, SubjectKind
from bot.domain.errors import MemberError
from bot.domain.folding import visible
from bot.domain.language import _
from bot.domain.validation import shortened
from bot.domain.words import BlockedWords, WordKind, WordRule, canonical_word
from bot.services.refusals import record_blocked
from bot.services.word_patterns import PatternNotUsableError, WordPattern, pattern_texts
from storage import audit, words

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from bot.clock import Clock
    from storage.database import Database

log = logging.getLogger(__name__)

SERVERS_REMEMBERED = 200  # whose rules are kept ready
RULES_TOLD = 3  # of those that stop one prompt


class BlockedWordsError(MemberError):
    """A prompt has something that the moderators of the server do not allow. Told in private.

    Attributes:
        found: The rules that it meets, at least one.
    """

    def __init__(self, *, found: list[WordRule]) -> None:
        self.found = found
        super().__init__(
            _(
                "The prompt has something in it that the moderators of this server do not allow: "
                "{told}. Nothing was started. Try other words; if this is a mistake, ask a "
                "moderator."
            ).format(told=_told(found))
        )


class RestrictedWordsError(MemberError):
    """A prompt has something that is for age-restricted channels, and is asked for elsewhere.

    Attributes:
        found: The rules that it meets, at least one, and none that stops it everywhere.
    """

    def __init__(self, *, found: list[WordRule]) -> None:
        self.found = found
        super().__init__(
            _(
                "The prompt has something in it that is for age-restricted channels only on this "
                "server: {told}. Nothing was started. Try other words, or use an "
                "age-restricted channel."
            ).format(told=_told(found))
        )


@dataclass(frozen=True, slots=True)
class _Ready:
    """The rules of one server, ready to be found."""

    rules: list[WordRule]
    words: BlockedWords
    patterns: list[WordPattern]

    def found_in(self, prompt: str) -> list[WordRule]:
        texts = pattern_texts(prompt) if self.patterns else ()
        found = {
            WordKind.WORD: set(self.words.found_in(prompt)),
            WordKind.PATTERN: {each.text for each in self.patterns if each.is_in(texts)},
        }
        return [rule for rule in self.rules if rule.text in found[rule.kind]]


class Words:
    """What each server's moderators do not allow in prompts. Who may change it: the caller's.

    What a moderator does to it is recorded in the transaction that does it.
    """

    def __init__(self, *, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._ready: dict[int, _Ready] = {}
        self._changes = 0

    async def add(self, guild_id: int, rule: WordRule, *, added_by: int) -> bool:
        """Add a rule made by `rule_of`; whether it was not there yet, or said otherwise.

        Raises:
            TooManyWordRulesError: The server has as many of this kind as it may have.
        """
        at = self._clock.now()

        def write(db: sqlite3.Connection) -> bool:
            added = words.add(db, guild_id, rule, added_by=added_by, at=at)
            if added:
                action = (
                    AuditAction.WORD_RESTRICTED if rule.age_restricted else AuditAction.WORD_BLOCKED
                )
                act = _act(action, rule, guild_id=guild_id, actor_id=added_by)
                audit.append(db, act, at=at)
            return added

        added = await self._database.write(write)
        self._forget(guild_id)
        return added

    async def remove(self, guild_id: int, typed: str, *, removed_by: int) -> list[WordRule]:
        """Take the word and the pattern away that are written so; those that there were."""
        at, rules = self._clock.now(), _written(typed)

        def write(db: sqlite3.Connection) -> list[WordRule]:
            removed = [rule for rule in rules if words.remove(db, guild_id, rule)]
            for rule in removed:
                act = _act(AuditAction.WORD_ALLOWED, rule, guild_id=guild_id, actor_id=removed_by)
                audit.append(db, act, at=at)
            return removed

        removed = await self._database.write(write)
        self._forget(guild_id)
        return removed

    async def rules(self, guild_id: int) -> list[WordRule]:
        """The server's rules: words, then patterns, each in the order of the alphabet."""
        return (await self._rules_of(guild_id)).rules

    async def found_in(self, guild_id: int, prompt: str) -> list[WordRule]:
        """The rules that a prompt meets."""
        ready = await self._rules_of(guild_id)
        return await _found(ready, prompt) if ready.rules else []

    async def check(
        self, guild_id: int, prompt: str, *, user_id: int, in_age_restricted: bool
    ) -> None:
        """Let a member's prompt pass, or not, and then put that on record.

        Args:
            guild_id: The server.
            prompt: What they typed.
            user_id: The member.
            in_age_restricted: Whether the channel in which they ask is for adults.

        Raises:
            BlockedWordsError: Names what stops it everywhere.
            RestrictedWordsError: Names what stops it here.
        """
        met = await self.found_in(guild_id, prompt)
        found = [rule for rule in met if rule.stops(in_age_restricted=in_age_restricted)]
        blocked = [rule for rule in found if not rule.age_restricted]
        if found:
            await record_blocked(
                self._database,
                (blocked or found)[0],
                guild_id=guild_id,
                user_id=user_id,
                at=self._clock.now(),
            )
        if blocked:
            raise BlockedWordsError(found=blocked)
        if found:
            raise RestrictedWordsError(found=found)

    def _forget(self, guild_id: int) -> None:
        self._changes += 1
        self._ready.pop(guild_id, None)

    async def _rules_of(self, guild_id: int) -> _Ready:
        if guild_id in self._ready:
            return self._ready[guild_id]
        changes = self._changes
        ready = _made_ready(
            await self._database.read(lambda db: words.rules_of_guild(db, guild_id))
        )
        if changes == self._changes:  # else what was read may be old by now
            while len(self._ready) >= SERVERS_REMEMBERED:
                del self._ready[next(iter(self._ready))]
            self._ready[guild_id] = ready
        return ready


def rule_of(kind: WordKind, typed: str, *, age_restricted: bool = False) -> WordRule:
    """The rule that somebody means who typed this.

    Raises:
        WordNotUsableError: It is no word that could be found.
        PatternNotUsableError: It is no pattern that could be looked for.
    """
    text = canonical_word(typed) if kind is WordKind.WORD else WordPattern(typed).text
    return WordRule(kind=kind, text=text, age_restricted=age_restricted)


async def is_met(rule: WordRule, prompt: str) -> bool:
    """Whether a prompt meets one rule, stored or not."""
    return bool(await _found(_made_ready([rule]), prompt))


def named(rule: WordRule) -> str:
    """A rule in a sentence."""
    text = _("the pattern `{text}`") if rule.kind is WordKind.PATTERN else "`{text}`"
    return text.format(text=shortened(rule.text))


def _told(found: list[WordRule]) -> str:
    """A few of the rules that stop a prompt, and how many more there are."""
    told = ", ".join(named(rule) for rule in found[:RULES_TOLD])
    if len(found) <= RULES_TOLD:
        return told
    return _("{some} and {count} more").format(some=told, count=len(found) - RULES_TOLD)


def _act(action: AuditAction, rule: WordRule, *, guild_id: int, actor_id: int) -> Act:
    return Act(
        guild_id=guild_id,
        actor_id=actor_id,
        action=action,
        subject_kind=SubjectKind.SERVER,
        subject_id=guild_id,
        detail={"kind": rule.kind.value, "text": rule.text},
    )


async def _found(ready: _Ready, prompt: str) -> list[WordRule]:
    # On a thread: many rules on a long prompt take some milliseconds.
    return await asyncio.to_thread(ready.found_in, prompt)


def _made_ready(rules: list[WordRule]) -> _Ready:
    return _Ready(
        rules=rules,
        words=BlockedWords(rule.text for rule in rules if rule.kind is WordKind.WORD),
        patterns=list(_patterns(rules)),
    )


def _patterns(rules: Iterable[WordRule]) -> Iterable[WordPattern]:
    for rule in rules:
        if rule.kind is WordKind.PATTERN:
            try:
                yield WordPattern(rule.text)
            except PatternNotUsableError:
                # Another version of RE2 took it once. The others go on stopping prompts.
                log.error("a stored pattern cannot be used any more and stops nothing")  # noqa: TRY400  # it would show the pattern


def _written(typed: str) -> list[WordRule]:
    """What is stored under what was typed: a word, a pattern, or both."""
    rules = [WordRule(kind=WordKind.PATTERN, text=visible(typed).strip())]
    try:
        return [rule_of(WordKind.WORD, typed), *rules]
    except MemberError:
        return rules
