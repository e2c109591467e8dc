"""The API's refusals: an HTTP status and, separately, a code in the body that says what is wrong.

Meanings, statuses and messages: the error tables of docs.z.ai (``/api-reference/api-code``) and
docs.bigmodel.cn (``/cn/api/api-code``), and messages seen from the live service. Where the tables
list a code without a status, the status is a guess, and so is the wording of the rarer messages.
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
    "1004": (401, "Authentication with the provided Token failed."),
    "1005": (401, "This account requires a second factor."),
    "1100": (500, "Account read/write error."),
    "1110": (429, "Your account is currently inactive."),
    "1111": (429, "Your account does not exist."),
    "1112": (429, "Your account has been locked, please contact customer service to unlock it."),
    "1113": (429, "Insufficient balance or no resource package. Please recharge."),
    "1120": (429, "Unable to access your account, please try again later."),
    "1121": (429, "Your account has been locked for irregular activity."),
    "1200": (500, "API call error."),
    "1210": (400, "Incorrect API call parameters, please check the documentation."),
    "1211": (400, "Unknown Model, please check the model code."),
    "1212": (400, "The current model does not support this call method."),
    "1213": (400, "A required parameter was not received properly."),
    "1214": (400, "Invalid parameter, please check the documentation."),
    "1215": (400, "These parameters cannot be set together, please check the documentation."),
    "1220": (403, "You do not have permission to access this API."),
    "1221": (400, "This API has been taken offline."),
    "1222": (400, "This API does not exist."),
    "1230": (500, "API call process error."),
    "1231": (400, "You already have a request"),
    "1232": (400, "Please use the task id to query the asynchronous result."),
    "1233": (400, "Task does not exist."),
    "1234": (500, "Network error, error id: 20260101000000, please contact customer service"),
    "1235": (500, "API runtime error."),
    "1260": (500, "API runtime error."),
    "1261": (400, "Prompt exceeds max length"),
    "1300": (400, "This call was blocked by policy."),
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
    "1308": (429, "Usage limit reached for 5 hour. Your limit will reset at {reset}"),
    "1309": (429, "Your plan has expired."),
    "1310": (429, "Weekly/Monthly limit exhausted. Your limit will reset at {reset}"),
    "1311": (429, "Your plan does not include access to this model."),
    "1312": (429, "This model is experiencing heavy traffic, please use another."),
    "1313": (429, "Your account's usage does not comply with the fair use policy."),
    "1314": (429, "Your enterprise plan has expired."),
    "1315": (429, "This key is for another product."),
    "1316": (429, "Usage limit of the enterprise plan for 5 hours reached."),
    "1317": (429, "Usage limit of the enterprise plan for 7 days reached."),
    "1318": (429, "Usage limit of this member for 5 hours reached."),
    "1319": (429, "Usage limit of this member for 7 days reached."),
    "1320": (429, "Your enterprise plan is not active."),
    "1321": (429, "Your enterprise plan does not include this model."),
}
RESELLER: dict[str, tuple[int, str, str]] = {
    "-10001": (
        401,
        "Missing or invalid 302 API key.",
        "\u7f3a\u5c11\u6216\u65e0\u6548\u7684 302 API Key",
    ),
    "-10006": (
        429,
        "The quota of this 302 API key is used up.",
        "302 API Key \u989d\u5ea6\u5df2\u7528\u5b8c",
    ),
    "-10008": (
        503,
        "No channel is available for this model.",
        "\u8be5\u6a21\u578b\u65e0\u53ef\u7528\u6e20\u9053",
    ),
}
RESET_S = {"1308": 5 * 3600.0, "1310": 7 * 86_400.0}  # until a plan's limit is lifted


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


class ResellerError(ApiError):
    """A refusal by 302.AI itself, in its own envelope, whose code is a negative number.

    The codes are 302.AI's, their statuses and messages guesses.
    """

    def __init__(self, code: str, *, status: int | None = None) -> None:
        known_status, message, self.message_cn = RESELLER.get(
            code, (500, "Request refused.", "\u8bf7\u6c42\u88ab\u62d2\u7edd")
        )
        super().__init__(code, message, status=status or known_status)

    def body(self) -> dict[str, Any]:
        """The envelope."""
        return {
            "error": {
                "err_code": int(self.code),
                "message": self.message,
                "message_cn": self.message_cn,
            }
        }
