"""The bot's account and application, other users, DMs, and where the gateway is."""

from typing import TYPE_CHECKING

from playground.rest.call import Answer, Call, Endpoint, check
from playground.rest.errors import Refusal, refuse
from playground.wire.people import self_json, user_json
from playground.wire.places import channel_json
from playground.world import permissions
from playground.world.world import World

if TYPE_CHECKING:
    from playground.world.model import Json


class Accounts:
    """Handlers of /users, /applications/@me, /oauth2 and /gateway."""

    def __init__(self, world: World, gateway_url: str) -> None:
        self._world = world
        self._gateway_url = gateway_url

    def endpoints(self) -> list[Endpoint]:
        """Give what this module serves."""
        return [
            Endpoint("GET", "/users/@me", self.me),
            Endpoint("GET", "/users/@me/guilds", self.my_guilds),
            Endpoint("POST", "/users/@me/channels", self.open_dm),
            Endpoint("GET", "/users/{user_id}", self.user),
            Endpoint("GET", "/applications/@me", self.application),
            Endpoint("GET", "/oauth2/applications/@me", self.application),
            Endpoint("GET", "/gateway", self.gateway),
            Endpoint("GET", "/gateway/bot", self.gateway_bot),
        ]

    async def me(self, _call: Call) -> Answer:
        """The bot's own user."""
        return 200, self_json(self._world.bot)

    async def my_guilds(self, _call: Call) -> Answer:
        """The servers the bot is in."""
        bot = self._world.bot
        found: list[Json] = [
            {
                "id": guild.id,
                "name": guild.name,
                "icon": None,
                "banner": None,
                "owner": False,
                "permissions": str(int(permissions.in_guild(guild, guild.members[bot.id]))),
                "features": [],
            }
            for guild in self._world.guilds.values()
            if bot.id in guild.members
        ]
        return 200, found

    async def user(self, call: Call) -> Answer:
        """Any user."""
        user = self._world.users.get(call.params["user_id"])
        if user is None:
            raise refuse(Refusal.UNKNOWN_USER)
        return 200, user_json(user)

    async def open_dm(self, call: Call) -> Answer:
        """The DM channel with a person."""
        form = call.form()
        recipient = form.id("recipient_id", required=True)
        check(form.faults)
        if recipient is None or recipient not in self._world.users:
            raise refuse(Refusal.UNKNOWN_USER)
        if recipient == self._world.bot.id:
            raise refuse(Refusal.CANNOT_MESSAGE_USER)
        return 200, channel_json(self._world, self._world.dm_with(recipient))

    async def application(self, _call: Call) -> Answer:
        """The bot's application."""
        bot = self._world.bot
        owner = next(user for user in self._world.users.values() if not user.bot)
        return 200, {
            "id": bot.id,
            "name": bot.name,
            "icon": None,
            "description": "",
            "type": None,
            "bot": user_json(bot),
            "bot_public": False,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": 0,
            "flags_new": "0",
            "redirect_uris": [],
            "interactions_endpoint_url": None,
            "role_connections_verification_url": None,
            "owner": user_json(owner),
            "approximate_guild_count": len(self._world.guilds),
            "approximate_user_install_count": 0,
            "approximate_user_authorization_count": 0,
            "explicit_content_filter": 0,
            "team": None,
            "eligible_oauth2_scopes": [],
        }

    async def gateway(self, _call: Call) -> Answer:
        """Where the gateway is."""
        return 200, {"url": self._gateway_url}

    async def gateway_bot(self, _call: Call) -> Answer:
        """Where the gateway is, and how often it may be joined."""
        limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        return 200, {"url": self._gateway_url, "shards": 1, "session_start_limit": limit}
