"""The errors Discord answers with, by their codes.

https://docs.discord.com/developers/topics/opcodes-and-status-codes#json-json-error-codes
"""

from enum import Enum

from playground.form import Faults
from playground.world.model import Json


class Refusal(Enum):
    """Status, code and message of each refusal that occurs here."""

    UNAUTHORIZED = (401, 0, "401: Unauthorized")
    NOT_FOUND = (404, 0, "404: Not Found")
    METHOD_NOT_ALLOWED = (405, 0, "405: Method Not Allowed")
    BAD_JSON = (400, 50109, "The request body contains invalid JSON.")
    UNKNOWN_CHANNEL = (404, 10003, "Unknown Channel")
    UNKNOWN_GUILD = (404, 10004, "Unknown Guild")
    UNKNOWN_MEMBER = (404, 10007, "Unknown Member")
    UNKNOWN_MESSAGE = (404, 10008, "Unknown Message")
    UNKNOWN_ROLE = (404, 10011, "Unknown Role")
    UNKNOWN_USER = (404, 10013, "Unknown User")
    UNKNOWN_EMOJI = (400, 10014, "Unknown Emoji")
    UNKNOWN_WEBHOOK = (404, 10015, "Unknown Webhook")
    UNKNOWN_INTERACTION = (404, 10062, "Unknown interaction")
    UNKNOWN_COMMAND = (404, 10063, "Unknown application command")
    TOO_MANY_REACTIONS = (400, 30010, "Maximum number of reactions reached (20)")
    TOO_MANY_COMMANDS = (400, 30032, "Maximum number of application commands reached (100)")
    TOO_LARGE = (413, 40005, "Request entity too large")
    ALREADY_ACKNOWLEDGED = (400, 40060, "Interaction has already been acknowledged.")
    MISSING_ACCESS = (403, 50001, "Missing Access")
    NOT_YOUR_MESSAGE = (403, 50005, "Cannot edit a message authored by another user")
    EMPTY_MESSAGE = (400, 50006, "Cannot send an empty message")
    CANNOT_MESSAGE_USER = (403, 50007, "Cannot send messages to this user")
    MISSING_PERMISSIONS = (403, 50013, "Missing Permissions")
    WRONG_CHANNEL_KIND = (400, 50024, "Cannot execute action on this channel type")
    EXPIRED_TOKEN = (401, 50027, "Invalid Webhook Token")
    THREAD_ARCHIVED = (400, 50083, "Thread is archived")
    THREAD_EXISTS = (400, 160004, "A thread has already been created for this message")
    THREAD_LOCKED = (400, 160005, "Thread is locked")


class ApiError(Exception):
    """The answer to a request that Discord refuses; without a body, that a proxy refuses."""

    def __init__(self, status: int, body: Json | None) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


def refuse(refusal: Refusal) -> ApiError:
    """Make the error of a refusal."""
    status, code, message = refusal.value
    return ApiError(status, {"message": message, "code": code})


def invalid_form(faults: Faults) -> ApiError:
    """Make error 50035 with its tree of faults."""
    return ApiError(400, {"message": "Invalid Form Body", "code": 50035, "errors": faults.tree})


def too_many(retry_after_s: float, *, is_global: bool = False) -> ApiError:
    """Make the 429 that discord.py waits for."""
    return ApiError(
        429,
        {
            "message": "You are being rate limited.",
            "retry_after": round(retry_after_s, 3),
            "global": is_global,
        },
    )


def too_many_old_edits(retry_after_s: float) -> ApiError:
    """Make error 30046."""
    body = too_many(retry_after_s).body or {}
    message = "Maximum number of edits to messages older than 1 hour reached. Try again later"
    return ApiError(429, {**body, "message": message, "code": 30046})
