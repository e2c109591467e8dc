"""The application commands that the bot has registered, globally and per server."""

from collections.abc import Iterable

from playground.world.ids import Snowflakes
from playground.world.model import Json

Key = tuple[str, int]  # name and type are unique in a scope


class CommandBook:
    """Registered commands as Discord returns them. The scope None is the global one."""

    def __init__(self, application_id: str, ids: Snowflakes) -> None:
        self._application_id = application_id
        self._ids = ids
        self._scopes: dict[str | None, dict[str, Json]] = {}

    def all(self, scope: str | None) -> list[Json]:
        """Give the commands of one scope."""
        return list(self._scopes.get(scope, {}).values())

    def find(self, scope: str | None, command_id: str) -> Json | None:
        """Find a command by id."""
        return self._scopes.get(scope, {}).get(command_id)

    def usable(self, guild_id: str | None) -> list[Json]:
        """Give the commands that exist in a server, or in DMs: a server's own hide global ones."""
        own = self.all(guild_id) if guild_id else []
        hidden = {_key(command) for command in own}
        return own + [command for command in self.all(None) if _key(command) not in hidden]

    def put(self, scope: str | None, command: Json) -> tuple[Json, bool]:
        """Create a command, or overwrite the one of its name and type.

        Returns:
            The command as stored, and whether it is new.
        """
        commands = self._scopes.setdefault(scope, {})
        old = next((each for each in commands.values() if _key(each) == _key(command)), None)
        stored = self._stored(scope, command, old["id"] if old else self._ids.next())
        commands[stored["id"]] = stored
        return stored, old is None

    def change(self, scope: str | None, command_id: str, command: Json) -> Json:
        """Replace a command that exists, keeping its id."""
        stored = self._stored(scope, command, command_id)
        self._scopes[scope][command_id] = stored
        return stored

    def replace(self, scope: str | None, commands: Iterable[Json]) -> list[Json]:
        """Make these the scope's only commands; a known name and type keeps its id."""
        old = self._scopes.get(scope, {})
        self._scopes[scope] = dict(old)
        kept = [self.put(scope, command)[0] for command in commands]
        self._scopes[scope] = {command["id"]: command for command in kept}
        return kept

    def remove(self, scope: str | None, command_id: str) -> bool:
        """Forget a command; False if there was none."""
        return self._scopes.get(scope, {}).pop(command_id, None) is not None

    def _stored(self, scope: str | None, command: Json, command_id: str) -> Json:
        stored = {
            **command,
            "id": command_id,
            "application_id": self._application_id,
            "version": self._ids.next(),
        }
        if scope:
            stored["guild_id"] = scope
        return stored


def _key(command: Json) -> Key:
    return command["name"], command["type"]
