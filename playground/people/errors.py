"""Refusals of the people API."""

from playground.form import Faults


class PeopleError(Exception):
    """A 4xx with a code for scripts and a sentence for people."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.status = status


def bad_request(faults: Faults) -> PeopleError:
    """Make the refusal of a body that has faults."""
    return PeopleError("bad_request", str(faults))


def unknown(what: str) -> PeopleError:
    """Make the refusal for something that is not there, or not for this person."""
    return PeopleError(f"unknown_{what}", f"There is no such {what} here.", status=404)


def forbidden(message: str) -> PeopleError:
    """Make the refusal for something this person may not do."""
    return PeopleError("forbidden", message, status=403)
