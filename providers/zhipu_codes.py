"""What each business code of this API family means for us. Data only.

The code decides, never the HTTP status: 429 alone may be balance, concurrency, overload or plan.
Sources: https://docs.z.ai/api-reference/api-code, https://docs.bigmodel.cn/cn/api/api-code.
"""

from __future__ import annotations

from enum import Enum, auto

EXPIRED = "1003"
NO_BALANCE = frozenset({"1113", "-10006"})
USED_UP = frozenset({"1304", "1308", "1309", "1310", *map(str, range(1313, 1322))})
HTTP_REFUSALS = range(400, 500)
HTTP_SERVER_ERRORS = range(500, 600)


class Meaning(Enum):
    """What a refusal means; the wire module makes the error of it."""

    SERVER_TROUBLE = auto()  # after a create nobody knows whether it took effect
    OFFLINE = auto()  # refused for now, certainly without effect
    BUSY = auto()
    ACCOUNT = auto()
    REJECTED = auto()
    NO_MODEL = auto()  # this account has no such model; the others go on
    CONTENT = auto()
    DUPLICATE = auto()
    NO_TASK = auto()
    UNCLEAR_REFUSAL = auto()  # refused for no reason we know, certainly without effect
    UNCLEAR_ANSWER = auto()  # neither the documented answer nor a refusal


MEANING_BY_CODE: dict[str, Meaning] = {
    "500": Meaning.SERVER_TROUBLE,
    "1000": Meaning.ACCOUNT,  # authentication failed
    "1001": Meaning.ACCOUNT,  # no Authorization header
    "1002": Meaning.ACCOUNT,  # token invalid
    EXPIRED: Meaning.ACCOUNT,  # token expired
    "1004": Meaning.ACCOUNT,  # token authentication failed
    "1005": Meaning.ACCOUNT,  # second factor required
    "1100": Meaning.SERVER_TROUBLE,  # account could not be read or written
    "1110": Meaning.ACCOUNT,  # inactive
    "1111": Meaning.ACCOUNT,  # missing
    "1112": Meaning.ACCOUNT,  # locked
    "1113": Meaning.ACCOUNT,  # no balance; comes as 429
    "1120": Meaning.ACCOUNT,  # unreachable
    "1121": Meaning.ACCOUNT,  # locked for irregularity
    "1200": Meaning.SERVER_TROUBLE,  # call error
    "1210": Meaning.REJECTED,  # wrong parameters
    "1211": Meaning.NO_MODEL,
    "1212": Meaning.REJECTED,  # the model lacks this method
    "1213": Meaning.REJECTED,  # a needed field is missing
    "1214": Meaning.REJECTED,  # a field's value is invalid
    "1215": Meaning.REJECTED,  # fields exclude each other
    "1220": Meaning.ACCOUNT,  # no permission for this API
    "1221": Meaning.OFFLINE,  # this API is offline
    "1222": Meaning.ACCOUNT,  # no such API: the gateway's address is wrong
    "1230": Meaning.SERVER_TROUBLE,  # processing error
    "1231": Meaning.DUPLICATE,
    "1232": Meaning.NO_TASK,  # not a task's id
    "1233": Meaning.NO_TASK,
    "1234": Meaning.SERVER_TROUBLE,  # network error
    "1235": Meaning.SERVER_TROUBLE,
    "1260": Meaning.SERVER_TROUBLE,  # runtime error
    "1261": Meaning.REJECTED,  # prompt too long
    "1300": Meaning.CONTENT,  # blocked by policy
    "1301": Meaning.CONTENT,  # unsafe or sensitive
    "1302": Meaning.BUSY,  # concurrency
    "1303": Meaning.BUSY,  # frequency
    "1304": Meaning.ACCOUNT,  # daily limit
    "1305": Meaning.BUSY,  # overload; also seen with 503
    "1308": Meaning.ACCOUNT,  # plan's usage limit
    "1309": Meaning.ACCOUNT,  # plan expired
    "1310": Meaning.ACCOUNT,  # weekly or monthly limit
    "1311": Meaning.NO_MODEL,  # not in the plan: pausing the account would hold up the others
    "1312": Meaning.BUSY,  # this model is under heavy traffic
    "1313": Meaning.ACCOUNT,  # fair use
    **{str(code): Meaning.ACCOUNT for code in range(1314, 1322)},  # plan variants
    # 302.AI's own refusals, told by clients of it; all others are passed on from upstream.
    "-10001": Meaning.ACCOUNT,  # bad key
    "-10006": Meaning.ACCOUNT,  # quota
    "-10008": Meaning.BUSY,  # no channel to the model at present
}

MEANING_BY_STATUS: dict[int, Meaning] = {
    # Only for a refusal whose code is absent or unknown to us.
    400: Meaning.REJECTED,
    401: Meaning.ACCOUNT,
    403: Meaning.ACCOUNT,
    413: Meaning.REJECTED,
    422: Meaning.REJECTED,
    429: Meaning.BUSY,
    434: Meaning.ACCOUNT,  # the vendor's own: no permission for this API
    435: Meaning.REJECTED,  # the vendor's own: file too large
}


def meaning_of(code: str | None, status: int) -> Meaning:
    """What a refusal means, by its code where that is known.

    Args:
        code: The business code, or None.
        status: The HTTP status of an answer that is not the documented one.
    """
    if code is not None and code in MEANING_BY_CODE:
        return MEANING_BY_CODE[code]
    if status in HTTP_REFUSALS:
        return MEANING_BY_STATUS.get(status, Meaning.UNCLEAR_REFUSAL)
    return Meaning.SERVER_TROUBLE if status in HTTP_SERVER_ERRORS else Meaning.UNCLEAR_ANSWER
