"""How limits, grants and what decides are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.explanation import Part
from bot.domain.language import N_, _
from bot.domain.money import Money
from bot.domain.quota import Measure, QuotaRule, Scope
from bot.domain.quota_refusals import moment, rule_text, span_text, videos
from bot.domain.windows import Window, window_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.domain.explanation import ExplainedLimit, Explanation
    from bot.domain.quota import Grant, Standing
    from bot.services.quotas import Trial
    from bot.services.turns import Backlog

MESSAGE_MAX_CHARACTERS = 2000  # Discord's
NAMED_MAX = 20  # members in one answer: more are not read
_MARKS = {
    Part.PASSES: "✅",
    Part.REFUSES: "🚫",
    Part.DECIDES: "🚫",
    Part.SPARED: "🎁",
    Part.SUPERSEDED: "💤",
}
_REMARKS = {
    Part.PASSES: "",
    Part.REFUSES: N_("Refuses."),
    Part.DECIDES: N_("**This one decides.**"),
    Part.SPARED: N_("Not asked: a grant is spent first."),
    Part.SUPERSEDED: N_("Not asked: another of their roles is more generous."),
}

_FULL = N_("**It would be refused**, because so many videos wait; until one of them starts.")


def shown(standings: list[Standing], grants: list[Grant], user_id: int) -> str:
    """What `/quota show` says."""
    lines = [_("No limit applies to <@{user_id}> here.").format(user_id=user_id)]
    if standings:
        head = _("Limits that apply to <@{user_id}>:").format(user_id=user_id)
        lines = [head, *map(_standing_line, standings)]
    if grants:
        lines.append(_("Granted besides, and spent first:"))
    return fitting([*lines, *map(grant_line, grants)])


def listed(rules: list[QuotaRule], time_zone: str) -> str:
    """What `/quota list` says."""
    if not rules:
        text = _("There are no limits here. Set one with `/quota set`. Time zone: {time_zone}.")
        return text.format(time_zone=time_zone)
    lines = [f"- {_named(rule)}: **{rule_text(rule)}**" for rule in rules]
    head = _("Limits here, in the time zone {time_zone}:").format(time_zone=time_zone)
    return fitting([head, *lines])


def explanation(
    found: Explanation, *, user_id: int, model: str, backlogs: Sequence[Backlog] = ()
) -> str:
    """What `/quota explain` says: every limit, which one decides, and what would come of it.

    Args:
        found: The limits.
        user_id: Whose.
        model: The model's title.
        backlogs: What waits, in the order in which it is asked for, and before the limits.
    """
    price = _("an unknown price") if found.price is None else _price(found.price)
    text = _("One more video of <@{user_id}> with {model}, for {price}:")
    lines = [text.format(user_id=user_id, model=model, price=price)]
    full = next((backlog for backlog in backlogs if backlog.is_full), None)
    lines += [_backlog_line(each, full) for each in backlogs if each.most is not None]
    lines += [_explained_line(limit, decides=full is None) for limit in found.limits]
    if not found.limits:
        lines.append(_("No limit names them here."))
    lines += [grant_line(grant) for grant in found.grants]
    lines.append(_outcome(found) if full is None else _(_FULL))
    lines.append(_midnight(found.time_zone))
    return fitting(lines)


def grant_line(grant: Grant) -> str:
    """One grant, on one line."""
    until = f"<t:{int(grant.expires_at.timestamp())}:f>"
    text = _("- Grant: **{left} of {videos}** left, until {until}.")
    return text.format(left=grant.left, videos=videos(grant.videos), until=until)


def trial(rule: QuotaRule, found: Trial, whom: str) -> str:
    """What a limit would mean, were it set."""
    limit = rule_text(rule)
    if rule.is_pool:
        return _of_pool(rule, found.pool_used).format(limit=limit, whom=whom)
    if rule.limit == 0 and rule.measure is not Measure.COOLDOWN and rule.scope is not Scope.MEMBER:
        return _of_none(rule).format(limit=limit, whom=whom)
    if not found.stopped:
        text = _("Nothing was saved. With {limit} for {whom}, nobody would be stopped now.")
        return text.format(limit=limit, whom=whom)
    named = [f"<@{user_id}> ({_trial_use(rule, used)})" for user_id, used in found.stopped]
    told = ", ".join(named[:NAMED_MAX])
    if len(named) > NAMED_MAX:
        told = _("{some} and {count} more").format(some=told, count=len(named) - NAMED_MAX)
    text = (
        _(
            "Nothing was saved. With {limit} for {whom}, of those with the role, these would be "
            "stopped now: {members}."
        )
        if rule.scope is Scope.ROLE
        else _("Nothing was saved. With {limit} for {whom}, these would be stopped now: {members}.")
    )
    return text.format(limit=limit, whom=whom, members=told)


def _of_pool(rule: QuotaRule, used: int | None) -> str:
    """With places for the limit and whom it is for."""
    if used is None:
        return _(
            "Nothing was saved. With {limit} for {whom}, videos that cost something would be "
            "refused: what was paid cannot be converted. Ask the operator of this bot for the "
            "exchange rate."
        )
    left = max(0, rule.limit - used)
    text = (
        _(
            "Nothing was saved. With {limit} for {whom}, {used} would be used and {left} left, "
            "so videos could go on now."
        )
        if left
        else _(
            "Nothing was saved. With {limit} for {whom}, {used} would be used and {left} left, "
            "so nobody could go on now."
        )
    )
    places = {"limit": "{limit}", "whom": "{whom}"}  # filled by the caller
    return text.format(used=_amount(rule, used), left=_amount(rule, left), **places)


def _of_none(rule: QuotaRule) -> str:
    """Likewise, of a limit that allows none."""
    if rule.measure is Measure.CONCURRENT:
        return _("Nothing was saved. With {limit} for {whom}, all of them would be stopped.")
    if rule.currency is not None:
        return _(
            "Nothing was saved. With {limit} for {whom}, all of them would be stopped, but only "
            "from videos that cost something, and not while they have a grant."
        )
    return _(
        "Nothing was saved. With {limit} for {whom}, all of them would be stopped, and not while "
        "they have a grant."
    )


def _trial_use(rule: QuotaRule, used: int | None) -> str:
    if used is None:
        return _("nobody can convert what was paid")
    if rule.measure is Measure.COOLDOWN:
        return _("{span} to wait").format(span=span_text(used))
    return _amount(rule, used)


def budgets(standings: list[Standing], time_zone: str) -> str:
    """What `/budget show` says."""
    if not standings:
        return _("This server has no budget. Set one with `/budget set`.")
    lines = [f"- {budget_line(standing)}" for standing in standings]
    return fitting([*lines, _midnight(time_zone)])


def fitting(lines: Iterable[str]) -> str:
    """As many lines as a message takes; says so where there are more."""
    kept: list[str] = []
    more = _("… and more.")
    room = MESSAGE_MAX_CHARACTERS - len(more) - 1
    for line in lines:
        if len(line) + 1 > room:
            return "\n".join([*kept, more])
        kept.append(line)
        room -= len(line) + 1
    return "\n".join(kept)


def budget_line(standing: Standing) -> str:
    """How one budget stands."""
    rule = standing.rule
    used = standing.used
    if used is None:
        return _(
            "**{limit}**: what was paid cannot be converted, so nothing passes. Ask the operator "
            "of this bot for the exchange rate."
        ).format(limit=rule_text(rule))
    text = _("**{limit}**: {used} used ({percent} %), {left} left.").format(
        limit=rule_text(rule),
        used=_amount(rule, used),
        percent=100 * used // rule.limit if rule.limit else 100,
        left=_amount(rule, standing.remaining),
    )
    return f"{text} {_reset(standing)}".rstrip()


def _standing_line(standing: Standing) -> str:
    rule = standing.rule
    if rule.measure is Measure.COOLDOWN:
        text = (
            _("- {whose}: {limit}, the next {when}.")
            if standing.used
            else _("- {whose}: {limit}, the next one now.")
        )
        return text.format(whose=_whose(rule), limit=rule_text(rule), when=moment(standing))
    if rule.measure is Measure.CONCURRENT:
        text = (
            _("- {whose}: **{used} of {limit}** at once under way.")
            if (standing.used or 0) <= rule.limit
            else _("- {whose}: **{used} under way**, more than the limit of {limit} at once.")
        )
        return text.format(whose=_whose(rule), used=standing.used, limit=rule.limit)
    used, limit = str(standing.used), str(rule.limit)
    if rule.measure is Measure.MONEY:
        used = _("an unknown part") if standing.used is None else _amount(rule, standing.used)
        limit = str(rule.money)
    text = (
        _("- {whose}: **{used} of {limit}** per {window} used, {left} left.")
        if (standing.used or 0) <= rule.limit
        else _(
            "- {whose}: **{used} used**, more than the limit of {limit} per {window}; none left."
        )
    ).format(
        whose=_whose(rule),
        used=used,
        limit=limit,
        window=window_name(rule.window or Window.DAY),
        left=_left(standing),
    )
    return f"{text} {_reset(standing)}"


def _backlog_line(backlog: Backlog, full: Backlog | None) -> str:
    text = (
        _("{mark} Waiting on this server, at most {most}: {videos}.")
        if backlog.of_server
        else _("{mark} Waiting of theirs, at most {most}: {videos}.")
    )
    mark = _MARKS[Part.REFUSES if backlog.is_full else Part.PASSES]
    line = text.format(mark=mark, most=backlog.most, videos=videos(backlog.waiting))
    part = Part.DECIDES if backlog is full else Part.REFUSES
    remark = _(_REMARKS[part]) if backlog.is_full else ""
    return " ".join(filter(None, (line, remark)))


def _explained_line(limit: ExplainedLimit, *, decides: bool) -> str:
    part = limit.part
    if part is Part.DECIDES and not decides:
        part = Part.REFUSES
    standing, rule = limit.standing, limit.standing.rule
    line = f"{_MARKS[limit.part]} {_whose(rule)}, {rule_text(rule)}: {_state(limit)}."
    if rule.window is not None and standing.used:
        line += f" {_reset(standing)}"
    remark = _REMARKS[part]
    return " ".join(filter(None, (line.rstrip(), _(remark))))


def _state(limit: ExplainedLimit) -> str:
    standing, rule = limit.standing, limit.standing.rule
    if rule.measure is Measure.COOLDOWN:
        if not standing.used:
            return _("no wait")
        text = _("{span} to wait, until {when}")
        return text.format(span=span_text(standing.used), when=moment(standing))
    used = _("nobody knows what is") if standing.used is None else _amount(rule, standing.used)
    if rule.measure is Measure.CONCURRENT:
        return _("{used} under way").format(used=used)
    if rule.measure is Measure.MONEY:
        need = _("an unknown amount") if limit.need is None else _amount(rule, limit.need)
        return _("{used} used, {need} needed").format(used=used, need=need)
    return _("{used} used").format(used=used)


def _outcome(found: Explanation) -> str:
    verdict = found.verdict
    if verdict.deciding is not None:
        rule = verdict.deciding.rule
        text = _("**It would be refused** by this limit: {whose}, {limit}.")
        return text.format(whose=_whose(rule), limit=rule_text(rule))
    if verdict.grant is not None:
        return _("**It would be made**, of the grant.")
    return _("**It would be made.**")


def _reset(standing: Standing) -> str:
    if standing.resets_at is None:
        return ""
    return _("Resets {when}.").format(when=moment(standing))


def _midnight(time_zone: str) -> str:
    text = _("-# Days, weeks and months begin at midnight in {time_zone}.")
    return text.format(time_zone=time_zone)


def _left(standing: Standing) -> str:
    rule = standing.rule
    if rule.measure is Measure.MONEY:
        return _amount(rule, standing.remaining)
    return str(standing.remaining)


def _amount(rule: QuotaRule, amount: int) -> str:
    if rule.currency is not None:
        return str(Money(micros=amount, currency=rule.currency))
    if rule.measure is Measure.COOLDOWN:
        return span_text(amount)
    return videos(amount)


def _price(price: Money) -> str:
    return _("at most {price}").format(price=price) if price.micros else _("nothing")


def _named(rule: QuotaRule) -> str:
    if rule.scope is not Scope.MEMBER:
        return _whose(rule)
    return _("<@{member}> alone").format(member=rule.subject_id)


def _whose(rule: QuotaRule) -> str:
    match rule.scope:
        case Scope.MEMBER:
            return _("Own limit")
        case Scope.ROLE:
            return _("Role <@&{role}>").format(role=rule.subject_id)
        case Scope.BOT:
            return _("The whole bot")
        case Scope.SERVER if rule.measure in {Measure.COOLDOWN, Measure.CONCURRENT}:
            return _("Each member of this server")
        case Scope.SERVER:
            return _("This server together")
