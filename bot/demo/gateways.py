"""The tour's second part: other models, at other gateways, and one that takes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.stage import Expected
from bot.demo.visit import make_references, make_video, picture

if TYPE_CHECKING:
    from bot.demo.stage import Stage


async def models(stage: Stage) -> None:
    """Two models that the default one's gateway does not have, or renders otherwise."""
    stage.title("CogVideoX-2, through BigModel")
    stage.tell("Alice", "/video create prompt:Rain on a tin roof model:cogvideox-2 size:720x480")
    rain = await make_video(
        stage.alice,
        stage.channel,
        prompt="Rain on a tin roof",
        model="cogvideox-2",
        size="720x480",
    )
    await stage.keep(rain, "5-cogvideox-2.mp4", Expected(size="720x480"))
    await _must_be_paid_at(stage, "bigmodel", "cogvideox-2")

    stage.title("Vidu 2, with two pictures of what appears in it")
    stage.tell("Alice", "/video references prompt:They meet image:dawn.png image2:dusk.png")
    files = {"image": ("dawn.png", picture("dawn")), "image2": ("dusk.png", picture("dusk"))}
    meeting = await make_references(stage.alice, stage.channel, files, prompt="They meet")
    await stage.keep(meeting, "6-references.mp4", VIDU_2)
    await _must_be_paid_at(stage, "zai", "vidu2-reference")


async def own_key(stage: Stage) -> None:
    """A server's own key, at a gateway that the operator has this model not from."""
    stage.title("A server brings its own key: CogVideoX-3, through 302.AI")
    stage.tell("Mara", "/cogreel key, and fills in the form that only she sees")
    form = await stage.mara.command(stage.channel, "cogreel key")
    await stage.mara.submit(form["modal"], gateway="302ai", key=stage.keys["302ai"])
    kept = await stage.mara.see(
        stage.channel, lambda message: "takes the key" in message["content"]
    )
    stage.hear(kept, "  (only Mara sees this)")
    stage.must(kept["ephemeral"], "the answer is private")
    stage.must(stage.keys["302ai"] not in str(kept), "the key is not shown again")
    stage.tell("Alice", "/video create prompt:A kite over dunes size:1280x720")
    made = await make_video(stage.alice, stage.channel, prompt="A kite over dunes", size="1280x720")
    await stage.keep(made, "7-own-key.mp4")
    await _must_be_paid_at(stage, "302ai", "cogvideox-3")
    stage.tell("Mara", "/cogreel forget-key")
    await stage.mara.command(stage.channel, "cogreel forget-key")
    gone = await stage.mara.see(
        stage.channel, lambda message: "is taken away" in message["content"]
    )
    stage.hear(gone, "  (only Mara sees this)")


async def stand_in(stage: Stage) -> None:
    """An account without balance, and the one that takes over."""
    stage.title("An account runs dry, and another takes over")
    stage.note("Z.AI answers 1113 from now on: no balance")
    refusal = {"on": "create", "do": "error 429 1113", "times": 100, "gateway": "zai"}
    await stage.turn_knobs(faults=[refusal])
    stage.tell("Alice", "/video create prompt:A lighthouse at night size:1280x720")
    made = await make_video(
        stage.alice, stage.channel, prompt="A lighthouse at night", size="1280x720"
    )
    stage.hear(made.status)
    stage.must("because Z.AI takes nothing" in made.status["content"], "the status says so")
    await stage.keep(made, "8-stand-in.mp4")
    await _must_be_paid_at(stage, "bigmodel", "cogvideox-3")
    notice = await stage.mara.see(
        stage.operators, lambda message: "takes no videos" in message["content"]
    )
    stage.hear(notice, "  (in the operator's own channel)")
    await stage.turn_knobs(faults=[])


async def _must_be_paid_at(stage: Stage, gateway: str, model: str) -> None:
    last = (await stage.paid())[-1]
    stage.must((last["gateway"], last["model"]) == (gateway, model), f"{gateway} made it")


VIDU_2 = Expected(fps=24, duration_s=4.0)
