"""What can go wrong at the gateway, as the emulator is told it, by what it means for the job."""

from __future__ import annotations

from bot.domain.job import OutcomeReason

# --- create -----------------------------------------------------------------------------------

# Refused for now, and certainly without effect.
BUSY_OR_AWAY = (
    "error 401 1000",
    "error 401 1001",
    "error 401 1002",
    "error 401 1003",
    "error 429 1113",
    "error 429 1302",
    "error 429 1303",
    "error 429 1305",
    "error 503 1305",
    "error 429 1308",
    "error 400 1221",
    "error 400 1233",
    "error302 -10001",
    "error302 -10006",
    "error302 -10008",
    "flat 429 1305",
    "string_error 404",
    "html 405",
)
# Refused for what the job is.
REFUSED = {
    "error 400 1210": OutcomeReason.REQUEST_REJECTED,
    "error 400 1213": OutcomeReason.REQUEST_REJECTED,
    "error 400 1214": OutcomeReason.REQUEST_REJECTED,
    "error 400 1261": OutcomeReason.REQUEST_REJECTED,
    "flat 400 1214": OutcomeReason.REQUEST_REJECTED,
    "html 413": OutcomeReason.REQUEST_REJECTED,
    "error 400 1301": OutcomeReason.CONTENT_REFUSED,
}
# Nobody can tell from it that nothing was accepted, though nothing was.
UNANSWERED = (
    "error 500 500",
    "error 500 1234",
    "html 502",
    "html 504",
    "string_error 503",
    "code500",
    "hang_before",
)
# Accepted, and the caller does not learn it.
ACCEPTED_UNHEARD = ("hang_after", "lost_answer", "malformed", "empty")
ACCEPTED = {
    "nothing": None,
    "slow 0.1": None,
    "number_id": None,
    "fail": OutcomeReason.RENDER_FAILED,
}

# --- poll and file ----------------------------------------------------------------------------

POLL_TROUBLE = (
    *(do for do in BUSY_OR_AWAY if do != "error 400 1233"),
    *REFUSED,
    "error 400 1211",
    *UNANSWERED,
    *ACCEPTED_UNHEARD,
    "error 400 1231",
    "unknown_status",
    "unknown_status DREAMING",
    "no_link",
)
POLL_ODDITY = ("nothing", "slow 0.02", "number_id")
NO_SUCH_TASK = ("error 400 1232", "error 400 1233")
FILE_TROUBLE = ("error 500", "html 502", "hang_before", "hang_after", "lost_answer", "truncate")
FILE_ODDITY = ("nothing", "slow 0.02")
DEAD_LINK = ("error 401", "error 403", "html 404", "error 410")
UNUSABLE = ("not_mp4", "endless", "empty")
