"""REQUEST_GUILD_MEMBERS: the answer to a client that asks who is in a server."""

from playground.form import Faults, Form
from playground.wire.people import member_json
from playground.world.model import Json
from playground.world.world import World

_MAX_MEMBERS = 1_000


def members_chunk(world: World, data: Json) -> Json | None:
    """Give the one chunk for a request; None for a server that is none.

    By ``user_ids``, or by a name's beginning in ``query`` (empty: everyone).
    """
    form = Form(data, Faults())
    guild = world.guilds.get(form.id("guild_id") or "")
    if guild is None:
        return None
    wanted = form.ids("user_ids", most=100) if isinstance(data.get("user_ids"), list) else None
    query = (form.text("query", most=100) or "").lower()
    limit = form.whole("limit", most=_MAX_MEMBERS) or _MAX_MEMBERS
    found = [
        member
        for member in guild.members.values()
        if (wanted is None and world.users[member.user_id].name.lower().startswith(query))
        or (wanted is not None and member.user_id in wanted)
    ]
    chunk: Json = {
        "guild_id": guild.id,
        "members": [member_json(member, world.users[member.user_id]) for member in found[:limit]],
        "chunk_index": 0,
        "chunk_count": 1,
        "not_found": [each for each in wanted or [] if each not in guild.members],
    }
    nonce = form.text("nonce", most=32)
    if nonce is not None:
        chunk["nonce"] = nonce
    return chunk
