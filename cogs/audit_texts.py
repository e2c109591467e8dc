"""The audit in sentences, for moderators to read.

An entry is never written anew: whatever shape a detail ever had must stay readable here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.domain.audit import AuditAction, SubjectKind
from bot.domain.language import N_, _, pgettext
from cogs import obstacles
from cogs.command_words import CHOICE
from cogs.listing import LISTED_MAX
from cogs.listing import LISTING_MAX_CHARACTERS as MESSAGE_MAX
from cogs.typed import shown_plainly

if TYPE_CHECKING:
    from bot.domain.audit import Act, AuditEntry

SENTENCES: dict[AuditAction, str] = {
    AuditAction.QUOTA_SET: N_("{actor} set the limit of {subject} to {limit} per {window}."),
    AuditAction.QUOTA_CLEARED: N_("{actor} took the limit of {subject} per {window} away."),
    AuditAction.QUOTA_RESET: N_("{actor} let {subject} begin anew: {videos} videos count no more."),
    AuditAction.LIMIT_SET: N_("{actor} set a limit of {subject}: {limit}."),
    AuditAction.LIMIT_CLEARED: N_("{actor} took a limit of {subject} away: {measure} {window}."),
    AuditAction.GRANT_GIVEN: N_(
        "{actor} gave {subject} {videos} videos besides their limits, for {days} days."
    ),
    AuditAction.TIME_ZONE_SET: N_("{actor} set the time zone of {subject} to {time_zone}."),
    AuditAction.JOB_CANCELLED: N_("{actor} cancelled {subject} of <@{member_id}>."),
    AuditAction.WORD_BLOCKED: N_("{actor} blocked the {kind} {text} in prompts."),
    AuditAction.WORD_RESTRICTED: N_(
        "{actor} allowed the {kind} {text} in prompts in age-restricted channels only."
    ),
    AuditAction.WORD_ALLOWED: N_("{actor} allowed the {kind} {text} in prompts again."),
    AuditAction.MEMBER_BLOCKED: N_(
        "{actor} blocked {subject} from making videos for {span} ({reason})."
    ),
    AuditAction.MEMBER_UNBLOCKED: N_("{actor} let {subject} make videos again."),
    AuditAction.JOB_TAKEN_DOWN: N_("{actor} took {subject} of <@{member_id}> down ({reason})."),
    AuditAction.VIDEO_REPORTED: N_(
        "{actor} reported {subject} of <@{member_id}>: {link} "
        "*Take this video down* in the menu of that message deletes it."
    ),
    AuditAction.SETTING_CHANGED: N_("{actor} changed {setting}: {value}."),
    AuditAction.SHARE_SET: N_("{actor} set the share of {subject} to {share}."),
    AuditAction.LOOK_ADDED: N_("{actor} added the look {name}."),
    AuditAction.LOOK_REMOVED: N_("{actor} removed the look {name}."),
    AuditAction.KEY_BROUGHT: N_("{actor} brought a key of {subject}'s own for {gateway}."),
    AuditAction.KEY_REMOVED: N_("{actor} took the key of {subject}'s own away."),
    AuditAction.STAND_INS_DECIDED: N_("{actor} let dearer accounts stand in: {allowed}."),
    AuditAction.BUDGET_NEARLY_USED: N_(
        "A video of {actor} brought the budget of {subject} past {percent} %: "
        "{used} of {limit} per {window}."
    ),
    AuditAction.RESULT_ELSEWHERE: N_("{subject} of {actor} went to {where}, because {why}."),
    AuditAction.RESULT_WAITS: N_(
        "{subject} of {actor} could not be posted, because {why}. It waits for `/video claim`."
    ),
    AuditAction.HELD_SETTLED: N_(
        "{actor}, the operator of this bot, settled {subject} of <@{member_id}>: {how}."
    ),
    AuditAction.REFUSED_QUOTA: N_(
        "{actor} was refused a video: the limit of {subject} was used up "
        "({used} used, {limit} per {window} allowed)."
    ),
    AuditAction.REFUSED_LIMIT: N_("{actor} was refused a video by a limit of {subject}: {limit}."),
    AuditAction.REFUSED_QUEUE_FULL: N_(
        "{actor} was refused a video: {subject} had {limit} waiting already, the most at once."
    ),
    AuditAction.REFUSED_WORDS: N_(
        "{actor} was refused a video: the {kind} {text} is blocked in prompts."
    ),
    AuditAction.REFUSED_RESTRICTED_WORDS: N_(
        "{actor} was refused a video: the {kind} {text} is for age-restricted channels only."
    ),
    AuditAction.REFUSED_BLOCKED: N_("{actor} was refused a video: moderators have blocked them."),
    AuditAction.REFUSED_CHANNEL: N_(
        "{actor} was refused a video: none are made in <#{channel_id}>."
    ),
    AuditAction.REFUSED_ROLE: N_(
        "{actor} was refused a video: they have none of the roles for it."
    ),
    AuditAction.REFUSED_ACCOUNT_AGE: N_("{actor} was refused a video: their account is too new."),
    AuditAction.REFUSED_MEMBERSHIP: N_(
        "{actor} was refused a video: they are too new on this server."
    ),
    AuditAction.REFUSED_AGE_RESTRICTION: N_(
        "{actor} was refused a video: {model} is for age-restricted channels only."
    ),
}

# The names of the values in a detail that are words of the bot's own.
WORDS = frozenset({"setting", "value", "window", "where", "how"})
CHOICES = frozenset({"kind", "measure", "allowed"})
NO_REASON = N_("no reason given")
PLACES = (N_("thread"), N_("channel"))  # of results

OLDER_MAX_CHARACTERS = 80  # of the line that tells how to see older ones

# How ids are shown that a detail lists as its value, by what kind they are.
MENTIONS = {"channel": "<#{}>", "role": "<@&{}>"}


def entry_line(entry: AuditEntry) -> str:
    """One line: the number, when, who, and what. Whom it names is told nothing by it."""
    act = entry.act
    detail = {
        name: shown_plainly(_in_words(name, str(value))) for name, value in act.detail.items()
    }
    if act.detail.get("kind") in MENTIONS and "value" in act.detail:
        form = MENTIONS[str(act.detail["kind"])]
        detail["value"] = re.sub(r"\d+", lambda found: form.format(found[0]), detail["value"])
    if "link" in act.detail:  # made by the bot itself, of numbers alone
        detail["link"] = f"<{act.detail['link']}>"
    actor = f"<@{act.actor_id}>" if act.actor_id else _("I")
    sentence = _(SENTENCES[act.action]).format(actor=actor, subject=_subject(act), **detail)
    return f"`{entry.seq}` <t:{int(entry.at.timestamp())}:f> {sentence}"


def log_page(entries: list[AuditEntry]) -> str:
    """The newest entries that one message can carry, newest first, and how to see older ones."""
    text = ""
    for shown, entry in enumerate(entries):
        line = entry_line(entry)
        if shown == LISTED_MAX or len(text) + len(line) + OLDER_MAX_CHARACTERS > MESSAGE_MAX:
            before = entries[shown - 1].seq if shown else entry.seq
            older = _("-# `/moderate log before:{before}` shows what came before.")
            return f"{text}\n{older.format(before=before)}"
        text = f"{text}\n{line}" if text else line
    return text


def _in_words(name: str, value: str) -> str:
    """A value, where it is the bot's own word and not what somebody typed."""
    if name in WORDS or value == NO_REASON:
        return _(value)
    if name == "why":
        return obstacles.in_words(value).replace("**", "")  # plainly, as on record
    return pgettext(CHOICE, value) if name in CHOICES else value


def _subject(act: Act) -> str:
    match act.subject_kind:
        case SubjectKind.MEMBER:
            return f"<@{act.subject_id}>"
        case SubjectKind.ROLE if act.subject_id == act.guild_id:  # @everyone
            return _("each member")
        case SubjectKind.ROLE:
            return _("each member with <@&{role}>").format(role=act.subject_id)
        case SubjectKind.SERVER:
            return _("the whole server")
        case SubjectKind.BOT:
            return _("the whole bot")
        case SubjectKind.JOB:
            return _("video #{number}").format(number=act.subject_id)
