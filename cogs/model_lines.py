"""The table of models as a person wants it: what each starts from, gives and costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.capability import Choice

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.domain.capability import Capability
    from bot.domain.catalogue import Catalogue

MANY = 3  # more values than this are told by the first and the last of them
STAND_INS_NAMED = 3  # of more accounts than these, the others are counted
PAGE_MAX_CHARACTERS = 2000  # Discord's, for a message


def model_lines(catalogue: Catalogue, restricted: Collection[str] = ()) -> list[str]:
    """A line of two per model, in the order of the table.

    Args:
        catalogue: What the server may use.
        restricted: What it keeps to age-restricted channels.
    """
    return [_line(row, catalogue, restricted) for row in _as_offered(catalogue)]


def pages(lines: list[str]) -> list[str]:
    """The lines on as few messages as they take: the table of three gateways takes two."""
    found: list[str] = []
    for line in lines:
        if found and len(found[-1]) + 1 + len(line) <= PAGE_MAX_CHARACTERS:
            found[-1] += f"\n{line}"
        else:
            found.append(line)
    return found


def _as_offered(catalogue: Catalogue) -> list[Capability]:
    """One row per model: that of the account which is asked first; of one that is off, any."""
    offered = {row.model: row for row in catalogue.offered}
    return [offered.get(row.model, row) for row in catalogue.rows]


def _line(row: Capability, catalogue: Catalogue, restricted: Collection[str]) -> str:
    head = f"**{row.title}** · `{row.model}` · {row.price_text}"
    if row.model == catalogue.default.model:
        head += " · the default"
    if row.model in restricted:
        head += " · in age-restricted channels only"
    if catalogue.is_off(row.model):
        return f"~~{head}~~\n-# The video service does not offer it to us any more."
    parts = [f"from {', '.join(row.modes)}", *_options(row), "sound" if row.audio else ""]
    parts += [_through(row, catalogue) if catalogue.has_several_accounts else ""]
    return f"{head}\n-# {' · '.join(part for part in parts if part)}" + (
        f". {row.note}" if row.note else ""
    )


def _through(row: Capability, catalogue: Catalogue) -> str:
    """Who renders it, and who stands in, each at its price where that is another one."""
    (first, _), *others = catalogue.renderers(row.model)
    titles = [f"through {first.title}"]
    titles += [
        other.title if offer.price == row.price else f"{other.title} ({offer.price_text})"
        for other, offer in others[:STAND_INS_NAMED]
    ]
    unnamed = len(others) - STAND_INS_NAMED
    titles += [f"{unnamed} more"] if unnamed > 0 else []
    return ", then ".join(titles)


def _options(row: Capability) -> list[str]:
    units = {Choice.DURATION: " s", Choice.FPS: " fps"}
    named = {Choice.STYLE: "style ", Choice.MOVEMENT: "movement "}
    return [
        f"{named.get(choice, '')}{_short(row.values(choice))}{units.get(choice, '')}"
        for choice in Choice
        if row.values(choice)
    ]


def _short(values: tuple[str, ...] | tuple[int, ...]) -> str:
    texts = [str(value) for value in values]
    if len(texts) > MANY:
        return f"{texts[0]} to {texts[-1]}"
    return " or ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))
