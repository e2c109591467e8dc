"""What stands beside a clip that is posted again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.further_post import FurtherPostKind
from bot.domain.language import N_, _
from cogs import texts
from cogs.history import lineage
from cogs.message_links import link_to_result

if TYPE_CHECKING:
    from bot.domain.catalogues import Catalogues
    from bot.domain.job import Job
    from bot.services.further_posts import AtHand

PROMPT_MAX_CHARACTERS = 500  # twice as long when it is escaped, and there is a link besides
# No result begins so (see `texts.is_result`): a result is never looked for and one of these found.
HEADS = {
    FurtherPostKind.SHOWN: N_("📌 **Video #{number}** for {member}"),
    FurtherPostKind.SENT: N_("✉️ **Video #{number}** for {member}"),
    FurtherPostKind.GALLERY: N_("⭐ **Video #{number}** for {member}"),
}


def further(
    job: Job,
    kind: FurtherPostKind,
    at_hand: AtHand,
    catalogues: Catalogues,
    takes: list[int] | None = None,
) -> str:
    """The message, whole."""
    head = _(HEADS[kind]).format(number=job.job_id, member=f"<@{job.user_id}>")
    lines = [head]
    if job.request.prompt:
        lines.append(texts.quoted_prompt(job.request.prompt, longest=PROMPT_MAX_CHARACTERS))
    parts = [texts.settings_line(job, catalogues), *lineage(job, takes or [])]
    link = link_to_result(job.place)
    if link is not None and not job.place.result_is_direct:
        words = _("where it was posted first")
        parts.append(f"[{words}](<{link}>)")
    lines.append("-# " + " · ".join(parts))
    if at_hand.link is not None:
        words = _("watch or download it")
        until = f"<t:{int(at_hand.link.until.timestamp())}:f>"
        text = _("The file is too large for here: {link}, until {until}.")
        lines.append(text.format(link=f"[{words}](<{at_hand.link.url}>)", until=until))
    return "\n".join(lines)


def is_further(text: str, job_id: int) -> bool:
    """Whether a message of ours begins as a further post of a job, in whatever language."""
    head = text.partition("\n")[0]
    return head.startswith(("📌 ", "✉️ ", "⭐ ")) and f" #{job_id}**" in head
