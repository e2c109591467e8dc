"""What storyboards are made with, put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.engine.director import Director
from bot.services.drafts import Drafts
from bot.services.shots import ShotIntake, ShotPlanner
from bot.services.storyboards import Storyboards

if TYPE_CHECKING:
    from bot.engine.scheduler import Scheduler
    from bot.engine.tools import Tools
    from bot.services.intake import ImageIntake
    from bot.services.policies import Policies
    from bot.services.submissions import Submissions


def storyboards_with(
    tools: Tools,
    scheduler: Scheduler,
    *,
    submissions: Submissions,
    intake: ImageIntake,
    policies: Policies,
) -> tuple[Drafts, Storyboards, Director]:
    """What storyboards are made with, and what carries them on."""
    planner = ShotPlanner(submissions=submissions, catalogues=tools.catalogues)
    shots = ShotIntake(planner=planner, images=intake)
    drafts = Drafts(
        database=tools.database,
        clock=tools.clock,
        shots=shots,
        rates=tools.catalogues.rates,
        poll_pace=tools.poll_pace,
    )
    storyboards = Storyboards(
        database=tools.database,
        clock=tools.clock,
        shots=shots,
        policies=policies,
        rates=tools.catalogues.rates,
        let_go=(scheduler.job_arrived, tools.shots_moved.set),
    )
    return drafts, storyboards, Director(tools, scheduler)
