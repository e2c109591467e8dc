"""One call of the people API: who calls, with what."""

from collections.abc import Mapping
from dataclasses import dataclass

from playground.form import Faults, Form
from playground.people.errors import PeopleError, bad_request, forbidden, unknown
from playground.people.views import sees
from playground.rest.call import Upload
from playground.world.model import Channel, Json, Message, User
from playground.world.world import World


@dataclass(frozen=True, slots=True)
class PeopleRequest:
    """A call, read but not yet believed."""

    world: World
    value: Json
    uploads: Mapping[str, Upload]

    def form(self) -> Form:
        """Open the body, or the query, for reading."""
        return Form(self.value, Faults())

    def person(self, *, bots: bool = False) -> User:
        """Find who ``as`` is.

        Raises:
            PeopleError: for no one's id, or another bot's where only people may act.
        """
        person_id = self.need_id("as")
        if person_id not in self.world.people:
            raise unknown("person")
        person = self.world.users[person_id]
        if person.bot and not bots:
            raise forbidden("Bots cannot do this.")
        return person

    def channel(self, person: User) -> Channel:
        """Find the channel, if this person sees it.

        Raises:
            PeopleError: if there is none for them.
        """
        channel = self.world.channels.get(self.need_id("channel"))
        if channel is None or not sees(self.world, person.id, channel):
            raise unknown("channel")
        return channel

    def message(self, person: User, channel: Channel) -> Message:
        """Find the message, if this person sees it.

        Raises:
            PeopleError: if there is none for them.
        """
        message = channel.messages.get(self.need_id("message"))
        if message is None or message.ephemeral_for not in {None, person.id}:
            raise unknown("message")
        return message

    def need_id(self, name: str) -> str:
        """Read an id that must be there.

        Raises:
            PeopleError: if it is not.
        """
        form = self.form()
        value = form.id(name, required=True)
        if value is None:
            raise bad_request(form.faults)
        return value

    def need_text(self, name: str, *, most: int = 200) -> str:
        """Read a text that must be there.

        Raises:
            PeopleError: if it is not.
        """
        form = self.form()
        value = form.text(name, least=1, most=most, required=True)
        if value is None:
            raise bad_request(form.faults)
        return value


def check_people(form: Form) -> None:
    """Refuse a call that has faults.

    Raises:
        PeopleError: with all of them in its message.
    """
    if form.faults:
        raise bad_request(form.faults)


def too_large() -> PeopleError:
    """Make the refusal of a body or a file over the limit."""
    return PeopleError("too_large", "The file is larger than can be posted here.", status=413)
