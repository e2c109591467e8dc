"""Pages of a channel's messages: before, after or around an id, newest first."""

from itertools import islice

from playground.rest.call import Call
from playground.world.model import Channel, Message


def page(channel: Channel, call: Call) -> list[Message]:
    """Give the page a query asks for; ephemeral messages are on none.

    Raises:
        ApiError: 50035 for a limit outside 1 to 100 or a bad id.
    """
    limit = call.whole("limit", least=1, most=100, default=50)
    newest_first = (
        each for each in reversed(channel.messages.values()) if each.ephemeral_for is None
    )
    if "around" in call.query:
        around = call.whole("around", least=0, most=2**63, default=0)
        found = list(newest_first)
        older = [each for each in found if int(each.id) < around][: limit // 2]
        newer = [each for each in found if int(each.id) >= around][-(limit - limit // 2) :]
        return newer + older
    if "after" in call.query:
        after = call.whole("after", least=0, most=2**63, default=0)
        oldest_first = (
            each
            for each in channel.messages.values()
            if each.ephemeral_for is None and int(each.id) > after
        )
        return list(islice(oldest_first, limit))[::-1]
    before = call.whole("before", least=0, most=2**63, default=2**63)
    return list(islice((each for each in newest_first if int(each.id) < before), limit))
