"""All gateway sessions: who gets an event, who may resume, who is connected."""

from playground.gateway.dispatches import dispatch_for
from playground.gateway.intents import Intent
from playground.gateway.session import Session
from playground.log import Log
from playground.wire.people import self_json
from playground.wire.places import guild_create_json
from playground.world.events import BotPresence, Event, InteractionAnswered
from playground.world.model import Json
from playground.world.world import World

RESUMABLE_S = 120.0  # how long a session without a connection is kept
MAX_SESSIONS = 64


class Hub:
    """Routes the world's events to the sessions that asked for them."""

    def __init__(self, world: World, log: Log, gateway_url: str) -> None:
        self._world = world
        self._log = log
        self._gateway_url = gateway_url
        self._sessions: dict[str, Session] = {}
        world.listen(self.on_event)

    def on_event(self, event: Event) -> None:
        """Send an event to every session that its intents and its shard let see it."""
        if not self._sessions or isinstance(event, InteractionAnswered | BotPresence):
            return
        self._expire()
        dispatch = dispatch_for(self._world, event)
        if dispatch is None:
            return
        for session in self._sessions.values():
            if dispatch.needs in session.intents and session.covers(dispatch.guild_id):
                self.send(session, dispatch.name, dispatch.payload(session.intents))

    def send(self, session: Session, name: str, payload: Json) -> None:
        """Dispatch one event to one session."""
        session.dispatch(name, payload)
        self._log.sent(name, payload)

    def open(self, intents: Intent, shard: tuple[int, int]) -> Session:
        """Begin a session; the oldest without a connection makes room."""
        session = Session(intents, shard)
        self._sessions[session.id] = session
        detached = [each for each in self._sessions.values() if each.outbox is None]
        for spare in detached[: max(0, len(self._sessions) - MAX_SESSIONS)]:
            if spare is not session:
                del self._sessions[spare.id]
        return session

    def greet(self, session: Session) -> None:
        """Send READY and the servers of the session's shard."""
        world = self._world
        guilds = [
            guild
            for guild in world.guilds.values()
            if session.covers(guild.id) and world.bot.id in guild.members
        ]
        ready: Json = {
            "v": 10,
            "user": self_json(world.bot),
            "guilds": [{"id": guild.id, "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": self._gateway_url,
            "application": {"id": world.bot.id, "flags": 0},
            "shard": list(session.shard),
            "session_type": "normal",
            "private_channels": [],
            "relationships": [],
        }
        self.send(session, "READY", ready)
        if Intent.GUILDS not in session.intents:
            return
        for guild in guilds:
            if guild.id in world.outages:
                continue
            all_members = Intent.GUILD_MEMBERS in session.intents
            payload = guild_create_json(world, guild, all_members=all_members)
            self.send(session, "GUILD_CREATE", payload)

    def resumable(self, session_id: str) -> Session | None:
        """Find a session by id."""
        self._expire()
        return self._sessions.get(session_id)

    def end(self, session: Session) -> None:
        """Forget a session: it cannot be resumed any more."""
        self._sessions.pop(session.id, None)

    def drop(self, code: int) -> None:
        """Close every connection with a code; the sessions may resume."""
        for session in self._sessions.values():
            if session.outbox is not None:
                session.outbox.close(code)

    def push(self, frame: bytes) -> None:
        """Send a frame that is no event to every connection."""
        for session in self._sessions.values():
            if session.outbox is not None:
                session.outbox.put(frame)

    def forget_all(self) -> None:
        """Make every session unresumable."""
        self._sessions.clear()

    def note_presence(self) -> None:
        """Tell whether the bot has a connection now, when that changed."""
        connected = any(each.outbox is not None for each in self._sessions.values())
        if connected != self._world.bot_connected:
            self._world.bot_connected = connected
            self._world.publish(BotPresence(connected))

    def _expire(self) -> None:
        now = self._world.clock.steady_s()
        for session in list(self._sessions.values()):
            if session.detached_at_s is not None and now - session.detached_at_s > RESUMABLE_S:
                del self._sessions[session.id]
