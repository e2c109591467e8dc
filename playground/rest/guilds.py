"""Servers, their channels, members and roles: reading only."""

from playground.rest.access import get_guild
from playground.rest.call import Answer, Call, Endpoint
from playground.rest.errors import Refusal, refuse
from playground.wire.people import member_json, role_json
from playground.wire.places import channel_json, guild_json, thread_member_json
from playground.world.permissions import Permission
from playground.world.world import World


class Guilds:
    """Handlers of /guilds."""

    def __init__(self, world: World) -> None:
        self._world = world

    def endpoints(self) -> list[Endpoint]:
        """Give what this module serves."""
        return [
            Endpoint("GET", "/guilds/{guild_id}", self.guild),
            Endpoint("GET", "/guilds/{guild_id}/channels", self.channels),
            Endpoint("GET", "/guilds/{guild_id}/threads/active", self.threads),
            Endpoint("GET", "/guilds/{guild_id}/members", self.members),
            Endpoint("GET", "/guilds/{guild_id}/members/{user_id}", self.member),
            Endpoint("GET", "/guilds/{guild_id}/roles", self.roles),
            Endpoint("GET", "/guilds/{guild_id}/roles/{role_id}", self.role),
        ]

    async def guild(self, call: Call) -> Answer:
        """One server."""
        guild = get_guild(self._world, call.params["guild_id"])
        answer = guild_json(guild)
        if call.query.get("with_counts") in {"true", "1", "True"}:
            answer["approximate_member_count"] = len(guild.members)
            answer["approximate_presence_count"] = len(guild.members)
        return 200, answer

    async def channels(self, call: Call) -> Answer:
        """A server's channels, threads excepted."""
        guild = get_guild(self._world, call.params["guild_id"])
        return 200, [
            channel_json(self._world, each)
            for each in guild.channels.values()
            if not each.is_thread
        ]

    async def threads(self, call: Call) -> Answer:
        """A server's threads that are not archived and that the bot sees."""
        guild = get_guild(self._world, call.params["guild_id"])
        bot = self._world.bot.id
        found = [
            (each, each.thread)
            for each in guild.channels.values()
            if each.thread is not None
            and not each.thread.archived
            and self._world.may(bot, each, Permission.VIEW_CHANNEL)
        ]
        return 200, {
            "threads": [channel_json(self._world, each) for each, _ in found],
            "members": [
                thread_member_json(each, bot, state)
                for each, state in found
                if bot in state.members
            ],
            "has_more": False,
        }

    async def members(self, call: Call) -> Answer:
        """A server's members by id."""
        guild = get_guild(self._world, call.params["guild_id"])
        limit = call.whole("limit", least=1, most=1000, default=1)
        after = call.whole("after", least=0, most=2**63, default=0)
        ids = sorted(int(user_id) for user_id in guild.members if int(user_id) > after)
        return 200, [
            member_json(guild.members[str(each)], self._world.users[str(each)])
            for each in ids[:limit]
        ]

    async def member(self, call: Call) -> Answer:
        """One member."""
        guild = get_guild(self._world, call.params["guild_id"])
        member = guild.members.get(call.params["user_id"])
        if member is None:
            raise refuse(Refusal.UNKNOWN_MEMBER)
        return 200, member_json(member, self._world.users[member.user_id])

    async def roles(self, call: Call) -> Answer:
        """A server's roles."""
        guild = get_guild(self._world, call.params["guild_id"])
        return 200, [role_json(role, guild) for role in guild.roles.values()]

    async def role(self, call: Call) -> Answer:
        """One role."""
        guild = get_guild(self._world, call.params["guild_id"])
        role = guild.roles.get(call.params["role_id"])
        if role is None:
            raise refuse(Refusal.UNKNOWN_ROLE)
        return 200, role_json(role, guild)
