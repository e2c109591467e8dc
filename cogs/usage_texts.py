"""What was made, as a message says it and as a chart shows it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from bot.domain.chart import Bar, Chart, Panel
from bot.domain.language import _
from bot.domain.usage import UsageBy, UsageOf, at_most
from cogs.quota_texts import MESSAGE_MAX_CHARACTERS
from cogs.usage_figures import (
    HALF,
    Rest,
    Row,
    View,
    day_text,
    figure,
    first_rows,
    rest_text,
    span,
    ticks,
    title,
    total,
    when,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.language import Language

SHOWN_MAX = 10  # members or roles; the others are one row
PANELS_MAX = 3  # currencies that nobody can convert
DAYS_PER_LINE = 7
ID_DIGITS = 4  # of an id, where a name cannot be drawn


def messages(view: View) -> list[str]:
    """All figures of the chart as text, for whom a picture is of no use; of many days in parts."""
    whose = "" if view.user_id is None else f" <@{view.user_id}>,"
    where = f"{when(view)} ({view.days.time_zone})"
    if view.is_empty:
        return [f"**{title(view)}**,{whose} {where}: {_nothing(view)}"]
    head = f"**{title(view)}**,{whose} {where}: **{total(view)}**"
    lines = [line for currency in view.currencies[:PANELS_MAX] for line in _lines(view, currency)]
    parts = [head]
    for line in (*lines, *(f"-# {note}" for note in _notes(view))):
        longer = f"{parts[-1]}\n{line}"
        if len(longer) <= MESSAGE_MAX_CHARACTERS:
            parts[-1] = longer
        else:
            parts.append(line)
    return parts


def chart(view: View, language: Language) -> Chart:
    """The picture."""
    whole = _("The whole server") if view.user_id is None else _("One member")
    return Chart(
        title=title(view),
        subtitle=f"{whole} · {when(view)} · {view.days.time_zone}",
        total=total(view),
        panels=tuple(_panel(view, currency) for currency in view.currencies[:PANELS_MAX]),
        legend=(_("half waited no longer"), _("nine in ten waited no longer"))
        if view.of is UsageOf.WAITING
        else (),
        language=language,
    )


def alt_text(view: View) -> str:
    """What the picture shows, for whom it is read out to."""
    text = _("A chart: {title}, {when}. In all: {total}. The message has the same figures.")
    return text.format(title=title(view), when=when(view), total=total(view))


def _panel(view: View, currency: str) -> Panel:
    rows = _shown(view)
    bars = tuple(_bar(view, currency, number, row) for number, row in enumerate(rows, 1))
    highest = max(bar.highest for bar in bars)
    return Panel(
        heading=currency if len(view.currencies) > 1 else "",
        bars=bars,
        ticks=ticks(view, highest),
        upright=view.by is UsageBy.DAY,
    )


def _bar(view: View, currency: str, number: int, row: Row) -> Bar:
    found = figure(view, row.made, currency)
    value, reach, text = found.value, found.reach, found.text
    if isinstance(row.of, Rest | date):
        label = day_text(row.of) if isinstance(row.of, date) else rest_text(row)
        return Bar(label=label, value=value, reach=reach, text=text)
    short = f"#{row.of % 10**ID_DIGITS:0{ID_DIGITS}}"
    return Bar(
        number=f"{number}. ",
        label=row.name or short,
        short=short,
        value=value,
        reach=reach,
        text=text,
    )


def _lines(view: View, currency: str) -> Iterable[str]:
    if len(view.currencies) > 1:
        yield f"**{currency}**"
    rows = _shown(view)
    if view.by is not UsageBy.DAY:
        for number, row in enumerate(rows, 1):
            yield f"{_named(view, number, row)}: {_text(view, row, currency)}"
        return
    step = 1 if len(rows) <= DAYS_PER_LINE else DAYS_PER_LINE
    for start in range(0, len(rows), step):
        some = rows[start : start + step]
        days = [day_text(row.of) for row in some if isinstance(row.of, date)]
        label = (
            days[0]
            if len(days) == 1
            else _("{first} to {last}").format(first=days[0], last=days[-1])
        )
        yield f"{label}: " + " · ".join(_text(view, row, currency) for row in some)


def _named(view: View, number: int, row: Row) -> str:
    if isinstance(row.of, Rest | date):
        return rest_text(row)
    mention = f"<@{row.of}>" if view.by is UsageBy.MEMBER else f"<@&{row.of}>"
    return f"{number}. {mention}"


def _text(view: View, row: Row, currency: str) -> str:
    return figure(view, row.made, currency).text


def _shown(view: View) -> list[Row]:
    if view.by is UsageBy.DAY:
        return list(view.rows)
    rests = [row for row in view.rows if isinstance(row.of, Rest)]
    named = [row for row in view.rows if not isinstance(row.of, Rest)]
    if view.by is UsageBy.ROLE:  # added up they would count a member with two roles twice
        return [*named[:SHOWN_MAX], *rests]
    return [*first_rows(named, SHOWN_MAX), *rests]


def _nothing(view: View) -> str:
    if view.of is UsageOf.MONEY and view.total.use.videos:
        return _("nothing was paid.")
    return _("no video was made.")


def _notes(view: View) -> list[str]:
    notes: list[str] = []
    if view.of is UsageOf.WAITING:
        text = _(
            "From the command to the start of rendering: half of the videos waited no longer than "
            "the first time, nine in ten no longer than the second. Half were there within {span} "
            "of the command."
        )
        notes.append(text.format(span=span(at_most(view.total.in_all_s, HALF))))
    if view.by is UsageBy.ROLE:
        notes.append(_("Roles as members have them now; who has several counts for each of them."))
    if view.is_converted:
        text = (
            _("Several currencies, converted at the operator's rates of {date}.")
            if view.rates.of
            else _("Several currencies, converted at the operator's rates.")
        )
        notes.append(text.format(date=view.rates.of))
    notes.append(_("Videos that were made, on the day on which they were asked for."))
    return notes
