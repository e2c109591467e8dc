"""Result files: real bytes behind links that expire."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

if TYPE_CHECKING:
    from tests.emulator.conftest import Caller


async def links(caller: Caller) -> dict[str, str]:
    """Fresh links of a clip that all these tests share."""
    await caller.turn(renew_links=True)
    task = (await caller.create(prompt="sunset over the sea")).json
    result = await caller.finished(task["id"])
    assert result["task_status"] == "SUCCESS"
    item: dict[str, str] = result["video_result"][0]
    return item


async def test_a_finished_task_names_the_model_as_the_service_does_and_serves_clip_and_cover(
    shared: Caller,
) -> None:
    task = (await shared.create(prompt="sunset over the sea")).json
    result = await shared.finished(task["id"])
    assert result["model"] == "CogVideoX-3"
    assert result["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    [item] = result["video_result"]
    video = await shared.call("GET", item["url"], headers={})
    assert (video.status, video.headers["Content-Type"]) == (200, "video/mp4")
    assert video.content[4:8] == b"ftyp"
    cover = await shared.call("GET", item["cover_image_url"], headers={})
    assert (cover.status, cover.headers["Content-Type"]) == (200, "image/jpeg")
    assert cover.content[:2] == b"\xff\xd8"


async def test_a_part_of_a_file_can_be_asked_for(shared: Caller) -> None:
    url = (await links(shared))["url"]
    whole = await shared.call("GET", url, headers={})
    size = len(whole.content)
    for asked, start, end in (
        ("100-199", 100, 200),
        ("100-", 100, size),
        ("-100", size - 100, size),
        ("100-999999999", 100, size),
        (f"0-{size - 1}", 0, size),
    ):
        part = await shared.call("GET", url, headers={"Range": f"bytes={asked}"})
        assert part.status == 206
        assert part.headers["Content-Range"] == f"bytes {start}-{end - 1}/{size}"
        assert part.headers["Content-Type"] == "video/mp4"
        assert part.headers["ETag"] == whole.headers["ETag"]
        assert part.content == whole.content[start:end]
    for asked in (f"{size}-", "999999999-"):
        beyond = await shared.call("GET", url, headers={"Range": f"bytes={asked}"})
        assert (beyond.status, beyond.headers["Content-Range"]) == (416, f"bytes */{size}")
    for meaningless in ("bytes=5-2", "bytes=0-1,5-6", "bytes=-", "lines=1-2", "x"):
        answer = await shared.call("GET", url, headers={"Range": meaningless})
        assert (answer.status, len(answer.content)) == (200, size)


async def test_a_part_is_given_only_of_the_file_that_is_meant(shared: Caller) -> None:
    item = await links(shared)
    whole = await shared.call("GET", item["url"], headers={})
    cover = await shared.call("GET", item["cover_image_url"], headers={})
    asked = {"Range": "bytes=100-199"}
    for same in (whole.headers["ETag"], whole.headers["Last-Modified"]):
        part = await shared.call("GET", item["url"], headers={**asked, "If-Range": same})
        assert (part.status, part.content) == (206, whole.content[100:200])
    weak, older = "W/" + whole.headers["ETag"], "Tue, 03 Mar 2026 10:00:00 GMT"
    for other in (cover.headers["ETag"], weak, older, "x"):
        answer = await shared.call("GET", item["url"], headers={**asked, "If-Range": other})
        assert (answer.status, answer.content) == (200, whole.content)


async def test_a_host_can_ignore_that_a_part_was_asked_for(shared: Caller) -> None:
    url = (await links(shared))["url"]
    await shared.turn(file_ranges="ignore")
    answer = await shared.call("GET", url, headers={"Range": "bytes=100-199"})
    assert answer.status == 200
    assert "Accept-Ranges" not in answer.headers
    assert answer.content[4:8] == b"ftyp"


async def test_a_link_dies_after_its_lifetime_and_only_renewal_brings_another(
    shared: Caller,
) -> None:
    await links(shared)
    await shared.turn(link_lifetime_s=60, renew_links=False)
    task = (await shared.create(prompt="sunset over the sea")).json
    item = (await shared.finished(task["id"]))["video_result"][0]
    assert (await shared.call("GET", item["url"], headers={})).status == 200
    await shared.turn(advance_s=61)
    assert (await shared.call("GET", item["url"], headers={})).status == 401
    assert (await shared.finished(task["id"]))["video_result"][0] == item
    await shared.turn(renew_links=True)
    renewed = (await shared.finished(task["id"]))["video_result"][0]
    assert (await shared.call("GET", renewed["url"], headers={})).status == 200


async def test_a_link_cannot_be_made_up(shared: Caller) -> None:
    url = (await links(shared))["url"]
    base, _, query = url.partition("?")
    expires = query.partition("&")[0]
    for forged in (
        base,
        f"{base}?{expires}",
        f"{base}?{expires}&Signature=0",
        f"{base}?Expires=9999999999&Signature={url.rpartition('=')[2]}",
        f"{base}?Expires=x&Signature=%FF",
        f"{shared.url}/files/..%2f..%2fetc%2fpasswd?{query}",
    ):
        assert (await shared.call("GET", forged, headers={})).status == 401


async def until_cut(response: aiohttp.ClientResponse) -> bytes:
    """What comes before the connection breaks."""
    received = bytearray()
    try:
        async for piece in response.content.iter_any():
            received += piece
    except aiohttp.ClientPayloadError:
        return bytes(received)
    pytest.fail("it came whole")


async def test_a_truncated_file_breaks_off_in_the_middle(shared: Caller) -> None:
    url = (await links(shared))["url"]
    await shared.turn(faults=[{"on": "file", "do": "truncate"}])
    with pytest.raises(aiohttp.ClientPayloadError):
        await shared.call("GET", url, headers={})
    whole = await shared.call("GET", url, headers={})
    assert whole.status == 200
    await shared.turn(faults=[{"on": "file", "do": f"truncate {n}"} for n in (1_000, 10, 0)])
    for start, status, came in ((0, 200, 1_000), (5, 206, 10), (0, 200, 0)):
        asked = {"Range": f"bytes={start}-"} if start else {}
        async with shared.session.get(url, headers=asked) as response:
            assert response.status == status
            assert response.content_length == len(whole.content) - start
            assert await until_cut(response) == whole.content[start : start + came]


async def test_a_file_that_hangs_stops_in_its_middle_until_it_is_released(shared: Caller) -> None:
    url = (await links(shared))["url"]
    whole = (await shared.call("GET", url, headers={})).content
    await shared.turn(faults=[{"on": "file", "do": "hang_after"}])
    async with shared.session.get(url) as response:
        half = await response.content.readexactly(len(whole) // 2)
        released = await shared.call("POST", f"{shared.url}/emulator/release")
        assert released.json == {"released": 1}
        assert half + await response.read() == whole


async def test_a_file_can_be_something_else_late_or_refused(shared: Caller) -> None:
    url = (await links(shared))["url"]
    orders = ["not_mp4", "nothing", "slow 0.1", "error 403", "html 503", "empty"]
    lost = {"on": "file", "do": "lost_answer", "times": 2}  # aiohttp repeats a GET once by itself
    await shared.turn(faults=[*({"on": "file", "do": order} for order in orders), lost])
    odd = await shared.call("GET", url, headers={})
    assert (odd.status, odd.headers["Content-Type"]) == (200, "video/mp4")
    assert b"ftyp" not in odd.content
    for _ in range(2):
        assert (await shared.call("GET", url, headers={})).content[4:8] == b"ftyp"
    assert (await shared.call("GET", url, headers={})).status == 403
    assert (await shared.call("GET", url, headers={})).status == 503
    assert (await shared.call("GET", url, headers={})).content == b""
    with pytest.raises(aiohttp.ClientConnectionError):
        await shared.call("GET", url, headers={})


async def test_an_endless_file_goes_on_until_the_caller_has_had_enough(shared: Caller) -> None:
    url = (await links(shared))["url"]
    size = len((await shared.call("GET", url, headers={})).content)
    await shared.turn(faults=[{"on": "file", "do": "endless"}])
    seen = 0
    async with shared.session.get(url) as response:
        assert "Content-Length" not in response.headers
        async for piece in response.content.iter_any():
            seen += len(piece)
            if seen > 3 * size:
                break
    assert seen > 3 * size
