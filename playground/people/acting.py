"""What a person does to the bot: commands, autocomplete, clicks, modals."""

import asyncio
import secrets
from contextlib import suppress

from playground.files import Files
from playground.form import Form
from playground.people.errors import PeopleError, forbidden, unknown
from playground.people.menu import Runnable, menu
from playground.people.modals import ModalReader, OpenModals
from playground.people.options import OptionReader, nested
from playground.people.request import PeopleRequest, check_people
from playground.people.resolved import Resolved
from playground.people.views import message_view
from playground.rest.command_rules import CommandKind
from playground.world.components import SELECTS, Kind, walk
from playground.world.events import InteractionAnswered, InteractionStarted
from playground.world.interactions import Answer, Interaction, InteractionKind
from playground.world.locales import shown
from playground.world.model import Channel, Json, Message, User
from playground.world.world import World

NO_ANSWER = "The application did not respond"
TOLD_WITHIN_S = 5.0
_WITH_MESSAGE = {Answer.MESSAGE, Answer.DEFERRED, Answer.UPDATE, Answer.DEFERRED_UPDATE}


class Acting:
    """Handlers of /playground/command, /autocomplete, /click and /modal."""

    def __init__(self, world: World, files: Files) -> None:
        self._world = world
        self._files = files
        self._modals = OpenModals()

    async def command(self, request: PeopleRequest) -> Json:
        """Run a command."""
        person = request.person()
        channel = self._open_channel(request, person)
        runnable = self._runnable(request, person, channel)
        resolved = Resolved(self._world, channel)
        data: Json = _command_data(runnable)
        form = request.form()
        if runnable.kind is CommandKind.SLASH:
            reader = OptionReader(form, resolved, self._files, channel)
            options = await reader.read(runnable, request.uploads, person.id)
            check_people(form)
            if options or runnable.path:
                data["options"] = nested(runnable, options)
        else:
            data["target_id"] = self._target(request, person, channel, resolved, runnable)
        if resolved.payload():
            data["resolved"] = resolved.payload()
        interaction = self._start(
            InteractionKind.COMMAND, person, channel, data, command=runnable.name
        )
        return await self._answer(interaction, request)

    async def autocomplete(self, request: PeopleRequest) -> Json:
        """Ask the bot for choices while typing."""
        person = request.person()
        channel = self._open_channel(request, person)
        runnable = self._runnable(request, person, channel)
        focused = request.need_text("focused")
        form = request.form()
        reader = OptionReader(form, Resolved(self._world, channel), self._files, channel)
        options = reader.partial(runnable, focused)
        check_people(form)
        data = {**_command_data(runnable), "options": nested(runnable, options)}
        interaction = self._start(
            InteractionKind.AUTOCOMPLETE, person, channel, data, command=runnable.name
        )
        await self._wait(interaction)
        return {
            "choices": [
                {"name": shown(each, "name", person.locale), "value": each["value"]}
                for each in interaction.choices
            ]
        }

    async def click(self, request: PeopleRequest) -> Json:
        """Press a button, or pick in a select."""
        person = request.person()
        channel = self._open_channel(request, person)
        message = request.message(person, channel)
        component = _pressable(message, request.need_text("custom_id", most=100))
        data: Json = {
            "custom_id": component["custom_id"],
            "component_type": component["type"],
            "id": component["id"],
        }
        if component["type"] in SELECTS:
            data |= self._picked(request, channel, component, person)
        interaction = self._start(
            InteractionKind.COMPONENT, person, channel, data, message_id=message.id
        )
        return await self._answer(interaction, request)

    async def modal(self, request: PeopleRequest) -> Json:
        """Send a modal."""
        person = request.person()
        opened = self._modals.find(request.need_id("modal"), person.id)
        if opened is None:
            raise unknown("modal")
        channel = self._world.channels[opened.interaction.channel_id]
        resolved = Resolved(self._world, channel)
        form = request.form()
        reader = ModalReader(form, resolved, channel, person.id)
        components = await reader.read(opened.modal, request.uploads, self._files)
        check_people(form)
        self._modals.close(opened.id)
        data: Json = {"custom_id": opened.modal["custom_id"], "components": components}
        if resolved.payload():
            data["resolved"] = resolved.payload()
        interaction = self._start(
            InteractionKind.MODAL,
            person,
            channel,
            data,
            message_id=opened.interaction.message_id,
            triggered_by=opened.interaction,
        )
        return await self._answer(interaction, request)

    def _open_channel(self, request: PeopleRequest, person: User) -> Channel:
        channel = request.channel(person)
        if channel.thread is not None and channel.thread.archived:
            raise forbidden("This thread is archived.")
        return channel

    def _runnable(self, request: PeopleRequest, person: User, channel: Channel) -> Runnable:
        name = request.need_text("command")
        for runnable in menu(self._world, person.id, channel):
            if runnable.name == name:
                return runnable
        raise unknown("command")

    def _target(
        self,
        request: PeopleRequest,
        person: User,
        channel: Channel,
        resolved: Resolved,
        runnable: Runnable,
    ) -> str:
        target = request.need_id("target")
        if runnable.kind is CommandKind.USER:
            if not resolved.add_user(target):
                raise unknown("user")
            return target
        message = channel.messages.get(target)
        if message is None or message.ephemeral_for not in {None, person.id}:
            raise unknown("message")
        resolved.add_message(message)
        return target

    def _picked(
        self, request: PeopleRequest, channel: Channel, component: Json, person: User
    ) -> Json:
        name = component["custom_id"]
        form = Form({"values": {name: request.value.get("values")}}, request.form().faults)
        resolved = Resolved(self._world, channel)
        reader = ModalReader(form, resolved, channel, person.id)
        values = reader.picked(component, required=True)
        check_people(form)
        picked: Json = {"values": values}
        if resolved.payload():
            picked["resolved"] = resolved.payload()
        return picked

    def _start(  # noqa: PLR0913  # the parts of an interaction
        self,
        kind: InteractionKind,
        person: User,
        channel: Channel,
        data: Json,
        *,
        command: str | None = None,
        message_id: str | None = None,
        triggered_by: Interaction | None = None,
    ) -> Interaction:
        interaction = Interaction(
            id=self._world.ids.next(),
            token=secrets.token_urlsafe(48),
            kind=kind,
            user_id=person.id,
            channel_id=channel.id,
            guild_id=channel.guild_id,
            started_s=self._world.clock.now_s(),
            data=data,
            command=command,
            message_id=message_id,
            triggered_by=triggered_by,
        )
        self._world.interactions.add(interaction)
        self._world.publish(InteractionStarted(interaction))
        return interaction

    async def _wait(self, interaction: Interaction) -> None:
        """Wait for the bot's first answer; past its time the interaction is dead."""
        try:
            async with asyncio.timeout(self._world.knobs.answer_within_s):
                await interaction.answered.wait()
        except TimeoutError:
            if interaction.answer is None:
                interaction.dead = True
                self._world.publish(InteractionAnswered(interaction))

    async def _answer(self, interaction: Interaction, request: PeopleRequest) -> Json:
        await self._wait(interaction)
        if request.form().flag("until_told") and self._is_only_begun(interaction):
            with suppress(TimeoutError):
                async with asyncio.timeout(TOLD_WITHIN_S):
                    await interaction.went_on.wait()
        return self.view(interaction)

    def _is_only_begun(self, interaction: Interaction) -> bool:
        """Whether the person alone looks at an answer that says nothing yet."""
        if interaction.answer is Answer.DEFERRED_UPDATE:
            return True
        message = self._world.message(interaction.channel_id, interaction.original_id or "")
        return message is not None and message.loading and message.ephemeral_for is not None

    def view(self, interaction: Interaction) -> Json:
        """Give an Interaction as the people API does."""
        answer = interaction.answer or Answer.NONE
        message_id = interaction.original_id
        if answer is Answer.DEFERRED_UPDATE and interaction.followup_id:
            message_id = interaction.followup_id  # its own message says what came of it
        message = (
            self._world.message(interaction.channel_id, message_id)
            if answer in _WITH_MESSAGE and message_id
            else None
        )
        modal = interaction.modal
        return {
            "interaction": interaction.id,
            "answer": str(answer),
            "message": message_view(self._world, message) if message else None,
            "modal": self._modals.open(interaction, modal) if modal else None,
            "error": NO_ANSWER if answer is Answer.NONE else None,
        }


def _command_data(runnable: Runnable) -> Json:
    data: Json = {
        "id": runnable.command["id"],
        "name": runnable.command["name"],
        "type": runnable.command["type"],
    }
    if "guild_id" in runnable.command:
        data["guild_id"] = runnable.command["guild_id"]
    return data


def _pressable(message: Message, custom_id: str) -> Json:
    for component in walk(message.components):
        if component.get("custom_id") == custom_id:
            if component.get("disabled"):
                raise PeopleError("disabled", "This component is disabled.", status=409)
            if component["type"] not in SELECTS | {Kind.BUTTON}:
                raise unknown("component")
            return component
    raise unknown("component")
