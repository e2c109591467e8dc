"""The chain: whatever is done to it afterwards is found, and where."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random  # noqa: TC003  # hypothesis resolves it

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.audit import (
    Act,
    AuditAction,
    Fault,
    Head,
    Link,
    SubjectKind,
    Verdict,
    canonical_bytes,
    chained_hash,
    detail_text,
    genesis_hash,
    verify,
)

GENESIS = genesis_hash("0123456789ab")
ACT = Act(
    guild_id=1,
    actor_id=9,
    action=AuditAction.QUOTA_SET,
    subject_kind=SubjectKind.MEMBER,
    subject_id=10,
    detail={"window": "day", "limit": 3, "note": "\N{WATER WAVE}"},
)


def chain(contents: list[bytes]) -> list[Link]:
    links: list[Link] = []
    previous = GENESIS
    for seq, content in enumerate(contents, 1):
        own = chained_hash(previous, content)
        links.append(Link(seq=seq, content=content, previous_hash=previous, own_hash=own))
        previous = own
    return links


def head_of(links: list[Link]) -> Head:
    if not links:
        return Head(seq=0, own_hash=GENESIS)
    return Head(seq=links[-1].seq, own_hash=links[-1].own_hash)


def proved(links: list[Link], head: Head, noted_hash: str | None = None) -> Verdict:
    return verify(links, genesis=GENESIS, head=head, noted_hash=noted_hash)


contents = st.lists(st.binary(max_size=20), max_size=12)
chains = contents.map(chain)
some_chains = st.lists(st.binary(max_size=20), min_size=1, max_size=12).map(chain)


def test_the_bytes_that_are_hashed_never_change() -> None:
    content = canonical_bytes((1, 1_768_392_000_000, 1, 9, "quota_set", "member", 10, "{}"))
    assert content == b'[1,1768392000000,1,9,"quota_set","member",10,"{}"]'
    assert detail_text(ACT) == r'{"limit":3,"note":"\ud83c\udf0a","window":"day"}'
    assert chained_hash(GENESIS, content) == (
        "6e3de54ce3f7b065150d8f0a21c971ceafdbe34551d40367fc6aadbe519c40c8"
    )


def test_two_installations_begin_their_chains_differently() -> None:
    assert genesis_hash("a" * 12) != genesis_hash("b" * 12)
    assert re.fullmatch("[0-9a-f]{64}", GENESIS)


@given(chains)
def test_an_untouched_chain_is_whole_to_its_head(links: list[Link]) -> None:
    verdict = proved(links, head_of(links))
    assert verdict == Verdict(sound=head_of(links), fault=None)


@given(some_chains, st.data())
def test_a_changed_content_is_named(links: list[Link], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(links) - 1))
    other = data.draw(st.binary(max_size=20).filter(lambda new: new != links[place].content))
    changed = [*links]
    changed[place] = replace(links[place], content=other)
    verdict = proved(changed, head_of(links))
    assert (verdict.broken_seq, verdict.fault) == (place + 1, Fault.CHANGED)
    assert verdict.sound.seq == place


@given(some_chains, st.data())
def test_a_content_changed_together_with_its_hash_is_found_at_the_next_or_at_the_end(
    links: list[Link], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(links) - 1))
    link = links[place]
    content = link.content + b"!"
    changed = [*links]
    own_hash = chained_hash(link.previous_hash, content)
    changed[place] = replace(link, content=content, own_hash=own_hash)
    verdict = proved(changed, head_of(links))
    if place == len(links) - 1:
        assert (verdict.broken_seq, verdict.fault) == (place + 1, Fault.WRONG_HEAD)
    else:
        assert (verdict.broken_seq, verdict.fault) == (place + 2, Fault.WRONG_PREVIOUS)


@given(some_chains, st.data())
def test_a_missing_entry_is_named(links: list[Link], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(links) - 1))
    verdict = proved(links[:place] + links[place + 1 :], head_of(links))
    assert verdict.broken_seq == place + 1
    assert verdict.fault is (Fault.CUT_OFF if place == len(links) - 1 else Fault.GAP)


@given(some_chains, st.data())
def test_a_tail_that_was_cut_off_is_missed(links: list[Link], data: st.DataObject) -> None:
    kept = data.draw(st.integers(0, len(links) - 1))
    verdict = proved(links[:kept], head_of(links))
    assert (verdict.broken_seq, verdict.fault) == (kept + 1, Fault.CUT_OFF)


@given(chains, st.binary(max_size=20))
def test_an_entry_that_was_added_past_the_head_is_found(links: list[Link], content: bytes) -> None:
    longer = chain([*(link.content for link in links), content])
    assert proved(longer, head_of(links)).fault is Fault.WRONG_HEAD


@given(some_chains, st.randoms())
def test_entries_in_another_order_are_found(links: list[Link], random: Random) -> None:
    shuffled = [*links]
    random.shuffle(shuffled)
    renumbered = [replace(link, seq=seq) for seq, link in enumerate(shuffled, 1)]
    assert (proved(shuffled, head_of(links)).fault is None) == (shuffled == links)
    assert (proved(renumbered, head_of(links)).fault is None) == (renumbered == links)


@given(some_chains, st.data())
def test_a_noted_head_is_found_again_until_the_chain_is_written_anew(
    links: list[Link], data: st.DataObject
) -> None:
    noted = data.draw(st.sampled_from([GENESIS, *(link.own_hash for link in links)]))
    assert proved(links, head_of(links), noted).fault is None
    anew = chain([link.content + b"!" for link in links])
    verdict = proved(anew, head_of(anew), links[-1].own_hash)
    assert (verdict.broken_seq, verdict.fault) == (len(anew), Fault.NOT_AS_NOTED)


@pytest.mark.parametrize("value", [None, 1.5, b"\xff", "\udcff", float("inf"), 2**70])
def test_whatever_a_file_holds_has_bytes_to_hash(value: object) -> None:
    assert canonical_bytes((value,)) != canonical_bytes(("",))
