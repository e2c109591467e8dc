"""The API's refusals: an HTTP status and, separately, a code in the body that says what is wrong.

Meanings, statuses and messages: the error tables of docs.z.ai (``/api-reference/api-code``) and
docs.bigmodel.cn (``/cn/api/api-code``), and messages seen from the live service.
"""

from __future__ import annotations

from typing import Any

KNOWN: dict[str, tuple[int, str]] = {
    "500": (500, "Internal server error."),
    "1000": (401, "Authentication failed."),
    "1001": (401, "Authentication parameter not received in Header, unable to authenticate"),
    "1002": (
        401,
        (
            "Authorization Token is invalid, "
            "please ensure that the Authorization Token is correctly provided."
        ),
    ),
    "1003": (401, "Authentication Token has expired, please regenerate or obtain a new one."),
    "1113": (429, "Insufficient balance or no resource package. Please recharge."),
    "1210": (400, "Incorrect API call parameters, please check the documentation."),
    "1211": (400, "Unknown Model, please check the model code."),
    "1213": (400, "A required parameter was not received properly."),
    "1214": (400, "Invalid parameter, please check the documentation."),
    "1220": (403, "You do not have permission to access this API."),
    "1230": (500, "API call process error."),
    "1231": (400, "You already have a request"),
    "1233": (400, "Task does not exist."),
    "1234": (500, "Network error, error id: 20260101000000, please contact customer service"),
    "1261": (400, "Prompt exceeds max length"),
    "1301": (
        400,
        (
            "System detected potentially unsafe or sensitive content in input or generation. "
            "Please avoid using prompts that may generate sensitive content."
        ),
    ),
    "1302": (429, "Rate limit reached for requests"),
    "1303": (429, "The request frequency is too high, please reduce it."),
    "1304": (429, "The daily call limit for this API is reached."),
    "1305": (429, "The service may be temporarily overloaded, please try again later"),
    "1308": (429, "Usage limit reached, please wait for it to reset."),
    "1309": (429, "Your plan has expired."),
    "1312": (429, "This model is experiencing heavy traffic, please use another."),
}


class ApiError(Exception):
    """A refusal that the caller gets as ``{"error": {"code": ..., "message": ...}}``.

    Attributes:
        status: HTTP status.
        code: The API's own code, a string of digits.
        message: For people; it may name the field.
    """

    def __init__(self, code: str, message: str | None = None, *, status: int | None = None) -> None:
        known_status, known_message = KNOWN.get(code, (400, "Request refused."))
        self.status = status or known_status
        self.code = code
        self.message = message or known_message
        super().__init__(f"{self.status} {self.code}: {self.message}")

    def body(self) -> dict[str, Any]:
        """The envelope; the code is a string even though it looks like a number."""
        return {"error": {"code": self.code, "message": self.message}}
