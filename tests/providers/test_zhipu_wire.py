from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import (
    AccountError,
    ContentRefusedError,
    DuplicateRequestError,
    ModelUnavailableError,
    ProviderBusyError,
    ProviderError,
    ProviderProtocolError,
    ProviderUnavailableError,
    RequestRejectedError,
    SubmissionUnknownError,
    TaskNotFoundError,
)
from providers.zhipu_wire import (
    CreatedTask,
    Rendered,
    RenderFailed,
    Rendering,
    read_create,
    read_poll,
)

TASK_ID = "20260818102501423653886863409e"
CLIP_URL = "https://aigc-files.bigmodel.cn/api/cogvideo/5d0a_0.mp4?Expires=1&Signature=s3cr3t"


def envelope(code: object, message: str = "no") -> bytes:
    return json.dumps({"error": {"code": code, "message": message}}).encode()


# --- refusals by code -------------------------------------------------------------------------

REFUSALS: dict[type[ProviderError], dict[int, tuple[str, ...]]] = {
    AccountError: {
        401: ("1000", "1001", "1002", "1003", "1004", "1005"),
        403: ("1220",),
        404: ("1222",),
        429: (
            *("1110", "1111", "1112", "1113", "1120", "1121", "1304", "1308", "1309", "1310"),
            *("1313", "1314", "1315", "1316", "1317", "1318", "1319", "1320", "1321"),
        ),
    },
    RequestRejectedError: {400: ("1210", "1212", "1213", "1214", "1215", "1261")},
    ModelUnavailableError: {400: ("1211",), 429: ("1311",)},
    ContentRefusedError: {400: ("1300", "1301")},
    ProviderBusyError: {429: ("1302", "1303", "1305", "1312"), 503: ("1305",)},
    ProviderUnavailableError: {400: ("1221",)},
    TaskNotFoundError: {400: ("1232", "1233"), 404: ("1233",)},
    DuplicateRequestError: {400: ("1231",)},
}
EVERY_REFUSAL = pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        pytest.param(error, status, code, id=f"{status}-{code}")
        for error, by_status in REFUSALS.items()
        for status, codes in by_status.items()
        for code in codes
    ],
)
SERVER_CODES = ("500", "1100", "1200", "1230", "1234", "1235", "1260")


@EVERY_REFUSAL
def test_a_refused_create_is_told_by_its_code(
    error: type[ProviderError], status: int, code: str
) -> None:
    with pytest.raises(ProviderError) as caught:
        read_create(status, envelope(code))
    assert type(caught.value) is error
    assert caught.value.code == code


@EVERY_REFUSAL
def test_a_refused_poll_is_told_by_its_code(
    error: type[ProviderError], status: int, code: str
) -> None:
    with pytest.raises(ProviderError) as caught:
        read_poll(status, envelope(code))
    assert type(caught.value) is error


@EVERY_REFUSAL
def test_the_code_decides_and_not_the_status(
    error: type[ProviderError], status: int, code: str
) -> None:
    other_status = 400 if status != 400 else 429
    with pytest.raises(ProviderError) as caught:
        read_create(other_status, envelope(int(code)))
    assert type(caught.value) is error


@pytest.mark.parametrize("code", SERVER_CODES)
def test_after_a_server_error_nobody_knows_whether_a_create_took_effect(code: str) -> None:
    with pytest.raises(SubmissionUnknownError):
        read_create(500, envelope(code))
    with pytest.raises(ProviderUnavailableError):
        read_poll(500, envelope(code))


@pytest.mark.parametrize(
    "message",
    [
        f"You already have a request: {TASK_ID}",
        f"you already have a request:{TASK_ID}, please wait.",
        f'You already have a request: "{TASK_ID}"',
    ],
)
def test_a_duplicate_names_the_task_that_is_to_be_adopted(message: str) -> None:
    with pytest.raises(DuplicateRequestError) as caught:
        read_create(400, envelope("1231", message))
    assert caught.value.task_id == TASK_ID


def test_a_duplicate_without_the_tasks_id_is_still_a_duplicate() -> None:
    with pytest.raises(DuplicateRequestError) as caught:
        read_create(400, envelope("1231", "重复请求"))
    assert caught.value.task_id is None


# --- envelopes --------------------------------------------------------------------------------

ENVELOPES = {
    "wrapped": (429, b'{"error":{"code":"1302","message":"m"}}', ProviderBusyError),
    "wrapped number": (429, b'{"error":{"code":1113,"message":"m"}}', AccountError),
    "flat": (400, b'{"code":1214,"message":"m"}', RequestRejectedError),
    "flat text": (400, b'{"code":"1301","msg":"m"}', ContentRefusedError),
    "unknown code": (400, b'{"error":{"code":"1999","message":"m"}}', RequestRejectedError),
    "no code, 401": (401, b"{}", AccountError),
    "no code, 429": (429, b"slow down", ProviderBusyError),
    "gateway 404": (
        404,
        b'{"timestamp":"2026-01-01","status":404,"error":"Not Found","path":"/v4/x"}',
        ProviderProtocolError,
    ),
    "302's key": (401, b'{"error":{"err_code":-10001,"message":"m"}}', AccountError),
    "302's quota, as 200": (
        200,
        b'{"error":{"err_code":-10006,"message":"m","message_cn":"m"}}',
        AccountError,
    ),
    "302's channel": (503, b'{"error":{"err_code":"-10008","message":"m"}}', ProviderBusyError),
    "302, passed on": (
        400,
        b'{"code":"1214","message":"m","request_id":"r"}',
        RequestRejectedError,
    ),
    "string, 401": (401, b'{"error":"Unauthorized"}', AccountError),
    "HTML 405": (405, b"<html>405 Not Allowed</html>", ProviderProtocolError),
}


@pytest.mark.parametrize(("status", "body", "error"), ENVELOPES.values(), ids=ENVELOPES)
def test_every_envelope_of_a_refusal_is_understood(
    status: int, body: bytes, error: type[ProviderError]
) -> None:
    for read in (read_create, read_poll):
        with pytest.raises(ProviderError) as caught:
            read(status, body)
        assert type(caught.value) is error


ODD_ANSWERS = {
    "empty": b"",
    "HTML": b"<html>ok</html>",
    "cut JSON": b'{"id":"2026081810250142',
    "list": b'[{"id":"x"}]',
    "null": b"null",
    "number": b"7",
    "deep": b"[" * 100_000,
    "empty id": b'{"id":""}',
    "true as id": b'{"id":true}',
    "id with a space": b'{"id":"a b"}',
    "dots as id": b'{"id":".."}',
    "list as id": b'{"id":["x"]}',
    "endless number": b'{"id":' + b"9" * 5_000 + b"}",
    "not UTF-8": b'{"id":"\xff\xfe"}',
}


@pytest.mark.parametrize("body", ODD_ANSWERS.values(), ids=ODD_ANSWERS)
@pytest.mark.parametrize("status", [200, 204, 302, 500, 502, 504])
def test_an_odd_answer_to_a_create_leaves_its_effect_unknown(status: int, body: bytes) -> None:
    with pytest.raises(SubmissionUnknownError):
        read_create(status, body)


@pytest.mark.parametrize("body", ODD_ANSWERS.values(), ids=ODD_ANSWERS)
def test_an_odd_answer_to_a_poll_is_never_an_end(body: bytes) -> None:
    with pytest.raises(ProviderProtocolError):
        read_poll(200, body)
    with pytest.raises(ProviderUnavailableError):
        read_poll(502, body)


def test_a_failure_dressed_as_200_is_still_a_failure() -> None:
    body = b'{"code":500,"msg":"404 NOT_FOUND","success":false}'
    with pytest.raises(SubmissionUnknownError):
        read_create(200, body)
    with pytest.raises(ProviderUnavailableError):
        read_poll(200, body)


# --- good answers -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "task_id"),
    [
        (f'"{TASK_ID}"', TASK_ID),
        ("8353992347972780031", "8353992347972780031"),
        ("202401010101010101010101010101010101", "202401010101010101010101010101010101"),
        ('"a/b?c"', "a/b?c"),
    ],
)
def test_an_accepted_create_gives_the_tasks_id_as_text(given: str, task_id: str) -> None:
    body = f'{{"model":"cogvideox-3","id":{given},"task_status":"PROCESSING"}}'.encode()
    assert read_create(200, body) == CreatedTask(task_id)


def test_nulls_beside_the_documented_fields_count_as_absent() -> None:
    body = b'{"id":"abc","error":null,"code":null,"request_id":null}'
    assert read_create(200, body) == CreatedTask("abc")


def poll_body(status: str, **fields: object) -> bytes:
    return json.dumps({"model": "CogVideoX-3", "task_status": status, **fields}).encode()


@pytest.mark.parametrize(
    "status", ["PROCESSING", "processing", "SUBMITTED", "FAILED", "QUEUED", ""]
)
def test_any_task_status_but_success_and_fail_is_still_rendering(status: str) -> None:
    assert read_poll(200, poll_body(status)) == Rendering()


@pytest.mark.parametrize("status", ["SUCCESS", "Success", " success "])
def test_a_finished_task_gives_its_links_unchanged(status: str) -> None:
    result = {"url": CLIP_URL, "cover_image_url": "https://h/c.jpeg"}
    body = poll_body(status, video_result=[result], usage={"total_tokens": 0})
    assert read_poll(200, body) == Rendered(CLIP_URL, "https://h/c.jpeg")


@pytest.mark.parametrize("cover", [None, 7, "", "ftp://h/c.jpeg", "https://h/\n"])
def test_a_cover_that_is_no_link_is_no_cover(cover: object) -> None:
    body = poll_body("SUCCESS", video_result=[{"url": CLIP_URL, "cover_image_url": cover}])
    assert read_poll(200, body) == Rendered(CLIP_URL, None)


@pytest.mark.parametrize(
    "video_result",
    [
        *(None, [], {}, "x", [None], [{}], [{"url": None}], [{"url": ""}], [{"url": "file:///x"}]),
        [{"url": "https://h/" + "x" * 5_000}],
        *([{"url": f"https://h/{mark}x.mp4"}] for mark in ' <>"\\`'),
    ],
    ids=repr,
)
def test_a_success_without_a_usable_link_is_asked_again(video_result: object) -> None:
    with pytest.raises(ProviderProtocolError):
        read_poll(200, poll_body("SUCCESS", video_result=video_result))


@pytest.mark.parametrize("status", ["FAIL", "fail"])
def test_a_failed_task_is_an_end_with_whatever_reason_there_is(status: str) -> None:
    assert read_poll(200, poll_body(status)) == RenderFailed("no reason given")
    with_reason = poll_body(status, error={"code": "1301", "message": "unsafe"})
    assert read_poll(200, with_reason) == RenderFailed("1301 unsafe")


# --- samples ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "secret",
    [
        "0123456789abcdef0123456789abcdef.ABCDEFGHIJKLMNOP",
        "sk-abcdefghijklmnop",
        "eyJhbGciOiJIUzI1NiJ9.eyJhcGlfa2V5IjoiYSJ9.c2lnbmF0dXJl",
        "data:image/png;base64,iVBORw0KGgo=",
    ],
)
def test_an_answer_that_echoes_a_secret_does_not_carry_it_into_the_error(secret: str) -> None:
    for body in (envelope("1210", f"bad {secret} here"), f"<html>{secret}</html>".encode()):
        with pytest.raises(ProviderError) as caught:
            read_create(400, body)
        assert secret not in str(caught.value) + repr(caught.value)


def test_a_sample_is_one_short_line_without_the_signature_of_a_link() -> None:
    body = poll_body("SUCCESS", video_result=[], url=CLIP_URL, filler="\n\x1b[31m" + "x" * 9_000)
    with pytest.raises(ProviderProtocolError) as caught:
        read_poll(200, body)
    assert "s3cr3t" not in caught.value.detail
    assert len(caught.value.detail) < 300
    assert caught.value.detail.isprintable()


# --- anything at all --------------------------------------------------------------------------

FIELD_NAMES = st.sampled_from(
    ["id", "task_status", "video_result", "url", "error", "code", "message", "msg", "status"]
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELD_NAMES, inner, max_size=5),
    max_leaves=12,
)
ANSWERS = st.binary(max_size=200) | JSON_VALUES.map(lambda value: json.dumps(value).encode())


@given(status=st.integers(100, 599), body=ANSWERS)
def test_no_answer_makes_the_reader_raise_anything_but_our_errors(status: int, body: bytes) -> None:
    said = ""
    for read in (read_create, read_poll):
        try:
            read(status, body)
        except ProviderError as exc:
            said += str(exc)
    assert said.isascii()


@given(body=ANSWERS, status=st.integers(500, 599))
def test_no_server_error_passes_for_a_free_refusal_without_a_known_code(
    status: int, body: bytes
) -> None:
    with pytest.raises(ProviderError) as caught:
        read_create(status, body)
    if caught.value.code is None:
        assert type(caught.value) is SubmissionUnknownError
