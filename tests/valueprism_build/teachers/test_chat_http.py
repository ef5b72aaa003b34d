import asyncio
import socket
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.certificates import self_signed
from tests.raw_server import RawServer, Sent, raw_server
from valueprism_build.teachers.chat_http import ChatHttp, NotSentError, UnreachableError, request_head
from valueprism_build.teachers.http_connection import MAX_HEAD, HttpReply, NoReplyError

KEY = "sk-canary-51c0"


def ok(body: bytes, *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 200 OK", *headers, b"Content-Length: %d" % len(body)]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


@asynccontextmanager
async def client(
    server: RawServer,
    *,
    scheme: str = "http",
    host: str = "127.0.0.1",
    timeout: float = 5,
    connections: int = 8,
    kept: float = 4,
) -> AsyncIterator[ChatHttp]:
    url = f"{scheme}://{host}:{server.port}/v1"
    http = ChatHttp(url, KEY, timeout=timeout, connections=connections, kept_seconds=kept)
    try:
        yield http
    finally:
        await http.aclose()


async def posted(*answers: Sent, times: int = 1) -> tuple[list[HttpReply], RawServer]:
    async with raw_server(*answers) as server, client(server) as http:
        return [await http.post(b"%d" % number) for number in range(times)], server


async def test_the_request_is_what_an_http_server_expects() -> None:
    _, server = await posted(Sent(ok(b"{}")))
    assert server.requests == [
        b"POST /v1/chat/completions HTTP/1.1\r\n"
        b"Host: 127.0.0.1:%d\r\n"
        b"User-Agent: valueprism-build\r\n"
        b"Accept: application/json\r\n"
        b"Accept-Encoding: identity\r\n"
        b"Content-Type: application/json\r\n"
        b"Authorization: Bearer sk-canary-51c0\r\n"
        b"Content-Length: 1\r\n\r\n0" % server.port
    ]


@pytest.mark.parametrize(
    ("base_url", "beginning"),
    [
        ("http://h", b"POST /chat/completions HTTP/1.1\r\nHost: h\r\n"),
        ("http://h:80/v1/", b"POST /v1/chat/completions HTTP/1.1\r\nHost: h:80\r\n"),
        ("http://[::1]:8/v1", b"POST /v1/chat/completions HTTP/1.1\r\nHost: [::1]:8\r\n"),
        # RFC 3492, section 7.1 has no shorter one; made with IDNA 2003.
        (
            "http://b\u00fccher.example/a b/\u00fc%20",
            b"POST /a%20b/%C3%BC%20/chat/completions HTTP/1.1\r\nHost: xn--bcher-kva.example\r\n",
        ),
    ],
)
def test_the_base_url_becomes_target_and_host(base_url: str, beginning: bytes) -> None:
    assert request_head(base_url, "").startswith(beginning)


@pytest.mark.parametrize(
    "answer",
    [
        Sent(ok(b"{whole}")),
        Sent(
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\n{wh\r\n4\r\nole}\r\n0\r\nTrailer: t\r\n\r\n"
        ),
        Sent(b"HTTP/1.1 200 OK\r\n\r\n{who", later=b"le}", closes=True),  # its end is the connection's
        Sent(b"HTTP/1.0 200 OK\r\nContent-Length: 7\r\n\r\n{whole}"),
        Sent(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", later=ok(b"{whole}")),
        Sent(ok(b"{whole}")[:9], later=ok(b"{whole}")[9:]),
    ],
    ids=["length", "chunks", "until the end", "HTTP/1.0", "interim", "in two parts"],
)
async def test_a_reply_is_read_whole_however_its_end_is_told(answer: Sent) -> None:
    replies, _ = await posted(answer, Sent(ok(b"{}")), times=2)
    assert [(reply.status, reply.body) for reply in replies] == [(200, b"{whole}"), (200, b"{}")]


async def test_headers_are_found_by_their_names_in_lower_case() -> None:
    [reply], _ = await posted(Sent(ok(b"", b"X-Empty:", b"RETRY-after:  7 ", "X-Name: \u00fc".encode("latin-1"))))
    assert reply.headers == {"x-empty": "", "retry-after": "7", "x-name": "\u00fc", "content-length": "0"}


@pytest.mark.parametrize(
    ("answer", "connections"),
    [
        (Sent(ok(b"{}")), 1),
        (Sent(ok(b"{}", b"Connection: close")), 2),
        (Sent(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}"), 2),
        (Sent(ok(b"{}"), closes=True), 2),
        (Sent(ok(b"{}") + ok(b"{stray}")), 2),
        (Sent(ok(b"{}"), later=ok(b"{stray}")), 2),
        (Sent(ok(b"{}") + b"garbage"), 2),
    ],
    ids=["kept", "said to close", "HTTP/1.0", "closed", "a second reply", "a second reply later", "garbage after it"],
)
async def test_a_connection_is_used_again_unless_something_is_wrong_with_it(answer: Sent, connections: int) -> None:
    async with raw_server(answer, Sent(ok(b"{mine}"))) as server, client(server) as http:
        assert (await http.post(b"1")).body == b"{}"
        await asyncio.sleep(0.2)  # what the server does later is done
        assert (await http.post(b"2")).body == b"{mine}"
    assert server.connections == connections


async def test_a_connection_that_was_unused_for_long_is_not_used_again() -> None:
    async with raw_server(Sent(ok(b"{}")), Sent(ok(b"{}"))) as server, client(server, kept=0.05) as http:
        await http.post(b"1")
        await asyncio.sleep(0.1)
        await http.post(b"2")
    assert server.connections == 2


@pytest.mark.parametrize(
    "answer",
    [
        Sent(closes=True),
        Sent(ok(b"{whole}")[:-1], closes=True),
        Sent(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{wh\r\n", closes=True),
        Sent(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnumber\r\n"),
        Sent(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}"),
        Sent(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        Sent(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n{}"),
        Sent(b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n{}"),
        Sent(b"SSH-2.0-OpenSSH_9.2\r\n"),
    ],
)
async def test_what_is_no_whole_reply_breaks_the_connection_and_spoils_no_later_request(answer: Sent) -> None:
    async with raw_server(answer, Sent(ok(b"{}"))) as server, client(server) as http:
        with pytest.raises(NoReplyError, match="broke the connection"):
            await http.post(b"1")
        assert (await http.post(b"2")).body == b"{}"
    assert server.connections == 2


async def test_headers_without_end_are_cut_off() -> None:
    flood = b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * MAX_HEAD
    with pytest.raises(NoReplyError, match=f"sent more than {MAX_HEAD} bytes"):
        await posted(Sent(flood))


async def test_a_redirect_is_a_reply_and_the_key_does_not_follow_it() -> None:
    async with raw_server() as elsewhere:
        head = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n"
        [reply], _ = await posted(Sent(head % elsewhere.port))
    assert (reply.status, elsewhere.connections) == (307, 0)


async def test_cookies_are_not_kept() -> None:
    _, server = await posted(Sent(ok(b"{}", b"Set-Cookie: a=b")), Sent(ok(b"{}")), times=2)
    assert b"ookie" not in server.requests[1]


async def test_neither_proxy_nor_netrc_of_the_environment_is_heeded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    _, server = await posted(Sent(ok(b"{}")))
    assert server.requests[0].count(b"Authorization: ") == server.requests[0].count(KEY.encode()) == 1


async def test_never_are_more_connections_open_than_allowed() -> None:
    async with raw_server(*[Sent(ok(b"{}"), later=b"")] * 40) as server, client(server, connections=3) as http:
        await asyncio.gather(*(http.post(b"%d" % number) for number in range(40)))
    assert (len(server.requests), server.most_open, server.connections) == (40, 3, 3)


async def test_the_time_out_counts_the_waiting_for_a_connection() -> None:
    async with raw_server(*[Sent(hangs=True)] * 2) as server, client(server, connections=1, timeout=0.2) as http:
        ended = await asyncio.gather(http.post(b"1"), http.post(b"2"), return_exceptions=True)
    # The second is still waiting when its time is up, or has just got its turn.
    assert all(str(error).endswith("within 0.2 s") for error in ended)
    assert isinstance(ended[0], NoReplyError)


async def test_the_connection_of_a_request_that_is_given_up_is_closed() -> None:
    async with raw_server(Sent(hangs=True), Sent(ok(b"{}"))) as server, client(server, connections=1) as http:
        given_up = asyncio.create_task(http.post(b"1"))
        while not server.requests:
            await asyncio.sleep(0.01)
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        async with asyncio.timeout(5):
            while server.open:
                await asyncio.sleep(0.01)
        assert (await http.post(b"2")).body == b"{}"
    assert server.connections == 2


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "nobody.invalid"])
async def test_where_nobody_listens_nothing_was_sent(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RES_OPTIONS", "timeout:1 attempts:1")  # for machines whose name server does not answer
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    http = ChatHttp(f"http://{host}:{port}/v1", KEY, timeout=20, connections=1)
    with pytest.raises(UnreachableError) as caught:
        await http.post(b"{}")
    assert KEY not in "".join(traceback.format_exception(caught.value))


async def test_a_name_is_looked_up_for_all_its_addresses() -> None:
    # "localhost" is ::1 first on most machines; this server listens on the other one.
    async with raw_server(Sent(ok(b"{}")), host="127.0.0.1") as server, client(server, host="localhost") as http:
        assert (await http.post(b"{}")).body == b"{}"


async def test_a_reply_comes_over_tls_from_a_server_that_the_system_trusts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls, trusted = self_signed(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))  # OpenSSL's own name for it
    async with (
        raw_server(*[Sent(ok(b"{safe}"))] * 2, tls=tls) as server,
        client(server, scheme="https", host="localhost") as http,
    ):
        assert [(await http.post(b"{}")).body for _ in range(2)] == [b"{safe}"] * 2
    assert server.connections == 1


@pytest.mark.parametrize(
    ("host", "trust", "said"),
    [("localhost", False, "self-signed certificate"), ("127.0.0.1", True, "IP address mismatch")],
)
async def test_a_server_whose_certificate_does_not_hold_gets_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, trust: bool, said: str
) -> None:
    tls, trusted = self_signed(tmp_path, "localhost")
    if trust:
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    async with raw_server(Sent(ok(b"{}")), tls=tls) as server, client(server, scheme="https", host=host) as http:
        with pytest.raises(UnreachableError, match=said):
            await http.post(b"{}")
        assert server.requests == []


async def test_a_server_that_never_shakes_hands_is_given_up_after_the_time_out() -> None:
    async with raw_server() as server, client(server, scheme="https", timeout=0.2) as http:
        with pytest.raises(NotSentError, match=r"no connection within 0\.2 s"):
            await http.post(b"{}")
        assert server.requests == []
