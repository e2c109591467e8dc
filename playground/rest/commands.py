"""Registering application commands, globally and for one server."""

from collections import Counter

from playground.form import Faults, Form, is_list, is_object
from playground.rest.access import get_guild
from playground.rest.call import Answer, Call, Endpoint, check
from playground.rest.command_rules import CommandKind, read_command
from playground.rest.errors import Refusal, refuse
from playground.world.model import Json
from playground.world.world import World

_MOST = {CommandKind.SLASH: 100, CommandKind.USER: 15, CommandKind.MESSAGE: 15}
_MOST_AT_ONCE = 130


class Commands:
    """Handlers of /applications/{application_id}/commands and the same of a server."""

    def __init__(self, world: World) -> None:
        self._world = world

    def endpoints(self) -> list[Endpoint]:
        """Give what this module serves."""
        found: list[Endpoint] = []
        for scope in ("", "/guilds/{guild_id}"):
            every = f"/applications/{{application_id}}{scope}/commands"
            one = every + "/{command_id}"
            found += [
                Endpoint("GET", every, self.list_commands),
                Endpoint("PUT", every, self.replace),
                Endpoint("POST", every, self.create),
                Endpoint("GET", one, self.get),
                Endpoint("PATCH", one, self.change),
                Endpoint("DELETE", one, self.delete),
            ]
        return found

    async def list_commands(self, call: Call) -> Answer:
        """All commands of a scope."""
        return 200, [_shown(each) for each in self._world.commands.all(self._scope(call))]

    async def replace(self, call: Call) -> Answer:
        """Make these the only commands of a scope."""
        scope = self._scope(call)
        faults = Faults()
        body = call.body if is_list(call.body) else []
        if not is_list(call.body) or len(body) > _MOST_AT_ONCE:
            faults.add((), "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
        read: list[Json] = []
        for at, value in enumerate(body):
            if is_object(value):
                read.append(read_command(Form(value, faults, (at,))))
            else:
                faults.add((at,), "MODEL_TYPE_CONVERT", "Only dictionaries may be used.")
        keys = Counter((each["name"], each["type"]) for each in read)
        if any(count > 1 for count in keys.values()):
            faults.add((), "APPLICATION_COMMANDS_DUPLICATE_NAME", "Command names must be unique.")
        check(faults)
        _check_counts(read)
        return 200, [_shown(each) for each in self._world.commands.replace(scope, read)]

    async def create(self, call: Call) -> Answer:
        """Add a command, or overwrite the one of its name and type."""
        scope = self._scope(call)
        form = call.form()
        command = read_command(form)
        check(form.faults)
        key = (command["name"], command["type"])
        others = self._world.commands.all(scope)
        _check_counts(
            [
                command,
                *(each for each in others if (each["name"], each["type"]) != key),
            ]
        )
        stored, new = self._world.commands.put(scope, command)
        return (201 if new else 200), _shown(stored)

    async def get(self, call: Call) -> Answer:
        """One command."""
        return 200, _shown(self._find(call))

    async def change(self, call: Call) -> Answer:
        """Change parts of a command."""
        base = self._find(call)
        form = call.form()
        command = read_command(form, base=base)
        check(form.faults)
        changed = self._world.commands.change(self._scope(call), base["id"], command)
        return 200, _shown(changed)

    async def delete(self, call: Call) -> Answer:
        """Remove a command."""
        if not self._world.commands.remove(self._scope(call), call.params["command_id"]):
            raise refuse(Refusal.UNKNOWN_COMMAND)
        return 204, None

    def _find(self, call: Call) -> Json:
        command = self._world.commands.find(self._scope(call), call.params["command_id"])
        if command is None:
            raise refuse(Refusal.UNKNOWN_COMMAND)
        return command

    def _scope(self, call: Call) -> str | None:
        if call.params["application_id"] != self._world.bot.id:
            raise refuse(Refusal.MISSING_ACCESS)
        guild_id = call.params.get("guild_id")
        return get_guild(self._world, guild_id).id if guild_id is not None else None


def _check_counts(commands: list[Json]) -> None:
    counts = Counter(CommandKind(each["type"]) for each in commands)
    if any(count > _MOST[kind] for kind, count in counts.items()):
        raise refuse(Refusal.TOO_MANY_COMMANDS)


def _shown(command: Json) -> Json:
    """Give a command as Discord returns it: without the localisations that are not set."""
    return {key: value for key, value in command.items() if value is not None or key in _NULLABLE}


_NULLABLE = {
    "default_member_permissions",
    "contexts",
    "name_localizations",
    "description_localizations",
}
