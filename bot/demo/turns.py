"""The tour's third part: one who asks for much, and one who comes after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.stage import Expected
from bot.demo.visit import ask, job_number, result_of

if TYPE_CHECKING:
    from bot.demo.stage import Stage

FLOOD = 4
QUICK = {"model": "cogvideox-2", "size": "720x480"}
LOW = Expected(size="720x480")


async def fair_turns(stage: Stage) -> None:
    """A newcomer is served before what another member still has waiting."""
    stage.title(f"Chen asks for {FLOOD} videos; Bob, who comes after, takes turns with them")
    chen, bob = stage.chen, stage.bob
    stage.tell("Chen", f"/video create prompt:Fireworks model:cogvideox-2, {FLOOD} times")
    flood = [
        await ask(chen, stage.channel, prompt=f"Fireworks, take {number}", **QUICK)
        for number in range(1, FLOOD + 1)
    ]
    stage.hear(flood[-1], "  (to the last of them)")
    stage.tell("Bob", "/video create prompt:A quiet pond model:cogvideox-2")
    newcomer = await ask(bob, stage.channel, prompt="A quiet pond", **QUICK)
    stage.hear(newcomer)
    pond = await result_of(bob, stage.channel, str(newcomer["id"]))
    await stage.keep(pond, "9-newcomer.mp4", LOW)
    for message in flood:
        await result_of(chen, stage.channel, str(message["id"]))
    whose = {job_number(message): "Chen" for message in flood} | {job_number(newcomer): "Bob"}
    served = [whose[job] for job in await stage.jobs_in_order() if job in whose]
    stage.note(f"the order in which they were handed to BigModel: {', '.join(served)}")
    stage.must(len(served) == FLOOD + 1, "each was handed over once")
    stage.must(served[-1] == "Chen", "Bob did not wait for all that Chen had asked for before him")
