"""Chat markdown as the page shows it, run in the browser that shows it."""

import re
from typing import Final

import pytest
from playwright.async_api import expect

from playground.server import Playground
from tests.browser.visitor import Visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

_A: Final = 'target="_blank" rel="noopener noreferrer nofollow"'
MARKS: Final = {
    "**a *b* c**": "<p><strong>a <em>b</em> c</strong></p>",
    "***both***": "<p><strong><em>both</em></strong></p>",
    "__u__ ~~s~~ _i_": "<p><u>u</u> <s>s</s> <em>i</em></p>",
    "snake_case_name and a_b_ c": "<p>snake_case_name and a_b_ c</p>",
    "**unclosed and * alone": "<p>**unclosed and * alone</p>",
    "`**x** <b>`": "<p><code>**x** &lt;b&gt;</code></p>",
    r"\*no\* \<@1>": "<p>*no* &lt;@1&gt;</p>",
    r"302\.AI \🎬 C:\a": r"<p>302.AI 🎬 C:\a</p>",
    "one\n\ntwo": "<p>one\n\ntwo</p>",
    "# Head\nbody\n-# small": '<p class="heading heading-1">Head</p><p>body</p><p class="subtext">'
    "small</p>",
    "> said\n- point": '<blockquote>said</blockquote><p class="bullet">point</p>',
    "see\n```py\nx = '*'\n```\nend": "<p>see</p><pre><code>x = '*'</code></pre><p>end</p>",
    "https://a.test/c_d?x=1&y=2).": f'<p><a href="https://a.test/c_d?x=1&amp;y=2" {_A}>'
    "https://a.test/c_d?x=1&amp;y=2</a>).</p>",
    "[name](<https://a.test/>)": f'<p><a href="https://a.test/" {_A}>name</a></p>',
    "[trap](javascript:alert(1))": "<p>[trap](javascript:alert(1))</p>",
    "<script>alert(1)</script>": "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
    "<t:99999999999999:R> <t:1:Q>": "<p>&lt;t:99999999999999:R&gt; &lt;t:1:Q&gt;</p>",
    "<@1> </video create:7>": '<p><span class="mention">@unknown</span> <span class="mention">'
    "/video create</span></p>",
}
_SHOW: Final = """async (texts) => {
    const { markdown } = await import("/page/js/markdown.js");
    const box = document.createElement("div");
    const shown = (text) => (box.replaceChildren(...markdown(text)), box.innerHTML);
    return Object.fromEntries(texts.map((text) => [text, shown(text)]));
}"""
_TIME: Final = """async (texts) => {
    const { markdown } = await import("/page/js/markdown.js");
    const start = performance.now();
    texts.forEach(markdown);
    return performance.now() - start;
}"""


async def test_marks_become_elements_and_all_else_stays_text(
    playground: Playground, visit: Visit
) -> None:
    alice = await visit(playground.page_url, "Alice")
    assert await alice.page.evaluate(_SHOW, list(MARKS)) == MARKS


async def test_what_names_a_channel_or_a_message_leads_there(
    playground: Playground, visit: Visit
) -> None:
    alice = await visit(playground.page_url, "Alice", "video-lab")
    general = next(c for c in playground.world.channels.values() if c.name == "general")
    await alice.say(f"<#{general.id}> https://discord.com/channels/1/{general.id}/2")
    await alice.page.get_by_role("link", name=re.compile("general.+message")).click()
    await expect(alice.page.get_by_role("heading", name="general")).to_be_visible()


async def test_no_text_keeps_the_page_busy(playground: Playground, visit: Visit) -> None:
    alice = await visit(playground.page_url, "Alice")
    marks = (
        "*",
        "**",
        "_",
        "||",
        "~~",
        "`",
        "```",
        "[",
        "<t:",
        "**a ",
        "[a](",
        "https://",
        "||*_~",
    )
    milliseconds = await alice.page.evaluate(_TIME, [(mark * 4000)[:4000] for mark in marks])
    assert milliseconds < 2000
