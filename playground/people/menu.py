"""Which commands a person may run where, one entry for each that can be run."""

from collections.abc import Iterator
from dataclasses import dataclass

from playground.rest.command_rules import CommandKind, OptionKind
from playground.world.model import Channel, Json
from playground.world.permissions import Permission
from playground.world.world import World

_KINDS = {CommandKind.SLASH: "slash", CommandKind.USER: "user", CommandKind.MESSAGE: "message"}
_OPTION_KINDS = {
    OptionKind.STRING: "string",
    OptionKind.INTEGER: "integer",
    OptionKind.NUMBER: "number",
    OptionKind.BOOLEAN: "boolean",
    OptionKind.ATTACHMENT: "attachment",
    OptionKind.USER: "user",
    OptionKind.ROLE: "role",
    OptionKind.CHANNEL: "channel",
    OptionKind.MENTIONABLE: "mentionable",
}
_IN_GUILD, _IN_BOT_DM = 0, 1


@dataclass(frozen=True, slots=True)
class Runnable:
    """A command, or one sub-command of it, with the path of names that leads there."""

    command: Json
    path: tuple[Json, ...]

    @property
    def name(self) -> str:
        """The full name, e.g. ``video create``."""
        return " ".join([self.command["name"], *(each["name"] for each in self.path)])

    @property
    def kind(self) -> CommandKind:
        """Slash command or context menu."""
        return CommandKind(self.command["type"])

    @property
    def options(self) -> list[Json]:
        """The options to fill in."""
        last = self.path[-1] if self.path else self.command
        options: list[Json] = last.get("options", [])
        return options

    @property
    def description(self) -> str:
        """What it says it does."""
        last = self.path[-1] if self.path else self.command
        return str(last["description"])


def menu(world: World, user_id: str, channel: Channel) -> list[Runnable]:
    """Give what a person may run in a channel."""
    may = world.permissions(user_id, channel)
    if Permission.USE_APPLICATION_COMMANDS not in may:
        return []
    return [
        runnable
        for command in world.commands.usable(channel.guild_id)
        if _fits(command, channel, may)
        for runnable in _runnables(command)
    ]


def runnable_view(runnable: Runnable) -> Json:
    """Give a Command of the people API."""
    return {
        "name": runnable.name,
        "description": runnable.description,
        "kind": _KINDS[runnable.kind],
        "options": [_option_view(option) for option in runnable.options],
    }


def _fits(command: Json, channel: Channel, may: Permission) -> bool:
    in_dm = channel.guild_id is None
    contexts: list[int] | None = command.get("contexts")
    if contexts is None:
        allowed = not in_dm or bool(command.get("dm_permission", True))
    else:
        allowed = (_IN_BOT_DM if in_dm else _IN_GUILD) in contexts
    needed: str | None = command.get("default_member_permissions")
    if not allowed or needed is None or in_dm:
        return allowed
    if Permission.ADMINISTRATOR in may:
        return True
    return int(needed) != 0 and (int(may) & int(needed)) == int(needed)


def _runnables(command: Json) -> Iterator[Runnable]:
    for option in command.get("options", []):
        if option["type"] == OptionKind.SUB_COMMAND_GROUP:
            yield from (Runnable(command, (option, sub)) for sub in option["options"])
        elif option["type"] == OptionKind.SUB_COMMAND:
            yield Runnable(command, (option,))
    if not any(
        option["type"] in {OptionKind.SUB_COMMAND, OptionKind.SUB_COMMAND_GROUP}
        for option in command.get("options", [])
    ):
        yield Runnable(command, ())


def _option_view(option: Json) -> Json:
    return {
        "name": option["name"],
        "description": option["description"],
        "type": _OPTION_KINDS[OptionKind(option["type"])],
        "required": option.get("required", False),
        "choices": [
            {"name": each["name"], "value": each["value"]} for each in option.get("choices", [])
        ],
        "channel_types": option.get("channel_types", []),
        "min": option.get("min_value"),
        "max": option.get("max_value"),
        "min_length": option.get("min_length"),
        "max_length": option.get("max_length"),
        "autocomplete": option.get("autocomplete", False),
    }
