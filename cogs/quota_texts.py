"""How limits, grants and what decides are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.explanation import Part
from bot.domain.money import Money
from bot.domain.quota import Measure, QuotaRule, Scope
from bot.domain.quota_refusals import moment, rule_text, span_text, videos

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
    Part.REFUSES: " Refuses.",
    Part.DECIDES: " **This one decides.**",
    Part.SPARED: " Not asked: a grant is spent first.",
    Part.SUPERSEDED: " Not asked: another of their roles is more generous.",
}

_FULL = "**It would be refused**, because so many videos wait; until one of them starts."


def shown(standings: list[Standing], grants: list[Grant], user_id: int) -> str:
    """What `/quota show` says."""
    lines = [f"No limit applies to <@{user_id}> here."]
    if standings:
        lines = [f"Limits that apply to <@{user_id}>:", *map(_standing_line, standings)]
    if grants:
        lines.append("Granted besides, and spent first:")
    return fitting([*lines, *map(grant_line, grants)])


def listed(rules: list[QuotaRule], time_zone: str) -> str:
    """What `/quota list` says."""
    if not rules:
        return f"There are no limits here. Set one with `/quota set`. Time zone: {time_zone}."
    lines = [f"- {_named(rule)}: **{rule_text(rule)}**" for rule in rules]
    return fitting([f"Limits here, in the time zone {time_zone}:", *lines])


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
    price = "an unknown price" if found.price is None else _price(found.price)
    lines = [f"One more video of <@{user_id}> with {model}, for {price}:"]
    full = next((backlog for backlog in backlogs if backlog.is_full), None)
    lines += [_backlog_line(each, full) for each in backlogs if each.most is not None]
    lines += [_explained_line(limit, decides=full is None) for limit in found.limits]
    if not found.limits:
        lines.append("No limit names them here.")
    lines += [grant_line(grant) for grant in found.grants]
    lines.append(_outcome(found) if full is None else _FULL)
    lines.append(f"-# Days, weeks and months begin at midnight in {found.time_zone}.")
    return fitting(lines)


def grant_line(grant: Grant) -> str:
    """One grant, on one line."""
    until = int(grant.expires_at.timestamp())
    return f"- Grant: **{grant.left} of {videos(grant.videos)}** left, until <t:{until}:f>."


def trial(rule: QuotaRule, found: Trial, whom: str) -> str:
    """What a limit would mean, were it set."""
    head = f"Nothing was saved. With {rule_text(rule)} for {whom}, "
    if rule.is_pool:
        return head + _of_pool(rule, found.pool_used)
    if rule.limit == 0 and rule.measure is not Measure.COOLDOWN and rule.scope is not Scope.MEMBER:
        return f"{head}all of them would be stopped{_but_for(rule)}."
    if not found.stopped:
        return f"{head}nobody would be stopped now."
    named = [f"<@{user_id}> ({_trial_use(rule, used)})" for user_id, used in found.stopped]
    more = f" and {len(named) - NAMED_MAX} more" if len(named) > NAMED_MAX else ""
    who = "of those with the role, these" if rule.scope is Scope.ROLE else "these"
    return f"{head}{who} would be stopped now: {', '.join(named[:NAMED_MAX])}{more}."


def _of_pool(rule: QuotaRule, used: int | None) -> str:
    if used is None:
        return (
            "videos that cost something would be refused: what was paid cannot be converted. Ask "
            "the operator of this bot for the exchange rate."
        )
    left = max(0, rule.limit - used)
    return (
        f"{_amount(rule, used)} would be used and {_amount(rule, left)} left, "
        f"so {'nobody' if left == 0 else 'videos'} could go on now."
    )


def _but_for(rule: QuotaRule) -> str:
    if rule.measure is Measure.CONCURRENT:
        return ""
    of = ", but only from videos that cost something" if rule.currency is not None else ""
    return f"{of}, and not while they have a grant"


def _trial_use(rule: QuotaRule, used: int | None) -> str:
    if used is None:
        return "nobody can convert what was paid"
    return f"{span_text(used)} to wait" if rule.measure is Measure.COOLDOWN else _amount(rule, used)


def budgets(standings: list[Standing], time_zone: str) -> str:
    """What `/budget show` says."""
    if not standings:
        return "This server has no budget. Set one with `/budget set`."
    lines = [f"- {_budget_line(standing)}" for standing in standings]
    return fitting([*lines, f"-# Days, weeks and months begin at midnight in {time_zone}."])


def fitting(lines: Iterable[str]) -> str:
    """As many lines as a message takes; says so where there are more."""
    kept: list[str] = []
    more = "… and more."
    room = MESSAGE_MAX_CHARACTERS - len(more) - 1
    for line in lines:
        if len(line) + 1 > room:
            return "\n".join([*kept, more])
        kept.append(line)
        room -= len(line) + 1
    return "\n".join(kept)


def _budget_line(standing: Standing) -> str:
    rule = standing.rule
    used = standing.used
    if used is None:
        return (
            f"**{rule_text(rule)}**: what was paid cannot be converted, so nothing passes. Ask the "
            "operator of this bot for the exchange rate."
        )
    part = 100 * used // rule.limit if rule.limit else 100
    return (
        f"**{rule_text(rule)}**: {_amount(rule, used)} used ({part} %), "
        f"{_amount(rule, standing.remaining)} left. {_reset(standing)}".rstrip()
    )


def _standing_line(standing: Standing) -> str:
    rule = standing.rule
    if rule.measure is Measure.COOLDOWN:
        wait = f"the next {moment(standing)}" if standing.used else "the next one now"
        return f"- {_whose(rule)}: {rule_text(rule)}, {wait}."
    if rule.measure is Measure.CONCURRENT:
        return f"- {_whose(rule)}: **{standing.used} of {rule.limit}** at once under way."
    if rule.measure is Measure.MONEY:
        used = "an unknown part" if standing.used is None else _amount(rule, standing.used)
        counted = f"**{used} of {rule.money}**"
    else:
        counted = f"**{standing.used} of {rule.limit}**"
    left = _left(standing)
    return f"- {_whose(rule)}: {counted} per {rule.window} used, {left} left. {_reset(standing)}"


def _backlog_line(backlog: Backlog, full: Backlog | None) -> str:
    whose = "Waiting on this server" if backlog.of_server else "Waiting of theirs"
    mark = _MARKS[Part.REFUSES if backlog.is_full else Part.PASSES]
    part = Part.DECIDES if backlog is full else Part.REFUSES
    remark = _REMARKS[part] if backlog.is_full else ""
    return f"{mark} {whose}, at most {backlog.most}: {videos(backlog.waiting)}.{remark}"


def _explained_line(limit: ExplainedLimit, *, decides: bool) -> str:
    part = limit.part
    if part is Part.DECIDES and not decides:
        part = Part.REFUSES
    standing, rule = limit.standing, limit.standing.rule
    line = f"{_MARKS[limit.part]} {_whose(rule)}, {rule_text(rule)}: {_state(limit)}."
    if rule.window is not None and standing.used:
        line += f" {_reset(standing)}"
    return line.rstrip() + _REMARKS[part]


def _state(limit: ExplainedLimit) -> str:
    standing, rule = limit.standing, limit.standing.rule
    if rule.measure is Measure.COOLDOWN:
        if not standing.used:
            return "no wait"
        return f"{span_text(standing.used)} to wait, until {moment(standing)}"
    used = "nobody knows what is" if standing.used is None else _amount(rule, standing.used)
    if rule.measure is Measure.CONCURRENT:
        return f"{used} under way"
    if rule.measure is Measure.MONEY:
        need = "an unknown amount" if limit.need is None else _amount(rule, limit.need)
        return f"{used} used, {need} needed"
    return f"{used} used"


def _outcome(found: Explanation) -> str:
    verdict = found.verdict
    if verdict.deciding is not None:
        rule = verdict.deciding.rule
        return f"**It would be refused** by this limit: {_whose(rule)}, {rule_text(rule)}."
    if verdict.grant is not None:
        return "**It would be made**, of the grant."
    return "**It would be made.**"


def _reset(standing: Standing) -> str:
    return "" if standing.resets_at is None else f"Resets {moment(standing)}."


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
    return f"at most {price}" if price.micros else "nothing"


def _named(rule: QuotaRule) -> str:
    return f"<@{rule.subject_id}> alone" if rule.scope is Scope.MEMBER else _whose(rule)


def _whose(rule: QuotaRule) -> str:
    match rule.scope:
        case Scope.MEMBER:
            return "Own limit"
        case Scope.ROLE:
            return f"Role <@&{rule.subject_id}>"
        case Scope.BOT:
            return "The whole bot"
        case Scope.SERVER if rule.measure in {Measure.COOLDOWN, Measure.CONCURRENT}:
            return "Each member of this server"
        case Scope.SERVER:
            return "This server together"
