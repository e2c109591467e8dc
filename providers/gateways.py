"""Who serves the models: where each gateway's API lives, and how it wants the same fields written.

Sources: docs.z.ai, docs.bigmodel.cn and the pages of 302.AI, October 2026.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """One gateway.

    Attributes:
        name: As the settings and the table say it.
        title: Its name for people.
        base_url: Up to and including the version.
        takes_tokens: Whether it knows signed tokens, besides the key itself.
        takes_text: Whether its pages show the numbers of a create as text.
    """

    name: str
    title: str
    base_url: str
    takes_tokens: bool
    takes_text: bool


GATEWAYS = {
    gateway.name: gateway
    for gateway in (
        Gateway(
            name="zai",
            title="Z.AI",
            base_url="https://api.z.ai/api/paas/v4",
            takes_tokens=True,
            takes_text=False,
        ),
        Gateway(
            name="bigmodel",
            title="BigModel",
            base_url="https://open.bigmodel.cn/api/paas/v4",
            takes_tokens=True,
            takes_text=False,
        ),
        Gateway(
            name="302ai",
            title="302.AI",
            base_url="https://api.302.ai/zhipu/api/paas/v4",
            takes_tokens=False,
            takes_text=True,
        ),
    )
}
