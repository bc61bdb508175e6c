"""The link check against a server that has every fault, on the loopback interface alone."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from faulty_server import PARAGRAPH, FaultyServer, serve
from mkdocs_apparatus import linkreport, passages
from mkdocs_apparatus.addresses import Origin, Wanted, Writing, collect, find_links, only
from mkdocs_apparatus.answer import Answer, Fault, Limits, seconds_of
from mkdocs_apparatus.cli import main
from mkdocs_apparatus.client import Client
from mkdocs_apparatus.library import load
from mkdocs_apparatus.links import (
    Memory,
    Result,
    Verdict,
    check,
    is_offline,
    judge,
    recall,
    remember,
)
from mkdocs_apparatus.model import Span
from mkdocs_apparatus.passages import UnreadableError, read_text
from mkdocs_apparatus.target import EVERYWHERE, Target, is_public
from sites import ROOT, write

TODAY = date(2026, 11, 24)
LOOPBACK = (ip_network("127.0.0.1/32"),)
LIMITS = Limits(seconds=8, body=500_000, unpacked=2_000_000, wait=5)
QUOTE = "temporarily lifted"
ENDLESS = ("/silent", "/slow-head", "/never-ending")


@pytest.fixture(scope="module")
def server() -> Iterator[FaultyServer]:
    with serve() as running:
        yield running


def client(**changes: object) -> Client:
    return Client(limits=replace(LIMITS, **changes), allowed=LOOPBACK, sleep=lambda _: None)


def ask(address: str, *quoted: str, **changes: object) -> Result:
    wanted = {address: Wanted(address, passages={one: [] for one in quoted})}
    return check(wanted, client(**changes), {}, TODAY)[address]


@pytest.mark.parametrize(
    ("path", "verdict", "words"),
    [
        ("/ok", Verdict.OK, ""),
        ("/ok?q=путь", Verdict.OK, ""),
        ("/204", Verdict.OK, ""),
        ("/302", Verdict.OK, ""),
        ("/302-301", Verdict.OK, ""),
        ("/cookie", Verdict.OK, ""),
        ("/301-chain", Verdict.MOVED, "/ok"),
        ("/301-302", Verdict.MOVED, "/302"),
        ("/301-utf8", Verdict.MOVED, "/ok?q=é"),
        ("/308", Verdict.MOVED, "/ok"),
        ("/404", Verdict.DEAD, "404: there is no such page"),
        ("/410", Verdict.DEAD, "410: the page was removed"),
        ("/301-404", Verdict.DEAD, "404: there is no such page"),
        ("/301-loop", Verdict.UNSURE, "redirects in a circle"),
        ("/hop-6", Verdict.UNSURE, "too many redirects"),
        ("/hop-5", Verdict.OK, ""),
        ("/401", Verdict.UNSURE, "401: asks for a password"),
        ("/403", Verdict.UNSURE, "403: turns programs away"),
        ("/418", Verdict.UNSURE, "418: turns programs away"),
        ("/429-long", Verdict.UNSURE, "429: asks for fewer requests"),
        ("/429-once", Verdict.OK, ""),
        ("/451", Verdict.UNSURE, "451: an answer out of the ordinary"),
        ("/500", Verdict.UNSURE, "500: a fault of its server"),
        ("/503-once", Verdict.OK, ""),
        ("/slow", Verdict.OK, ""),
        ("/silent", Verdict.UNSURE, "no whole answer in time"),
        ("/slow-head", Verdict.UNSURE, "no whole answer in time"),
        ("/never-ending", Verdict.UNSURE, "no whole answer in time"),
        ("/huge", Verdict.UNSURE, "an answer that is too large"),
        ("/gzip", Verdict.OK, ""),
        ("/gzip-bomb", Verdict.UNSURE, "an answer that is too large (unpacked)"),
        ("/gzip-broken", Verdict.UNSURE, "an answer that cannot be unpacked"),
        ("/brotli", Verdict.UNSURE, "an answer that cannot be unpacked (br)"),
        ("/no-type", Verdict.OK, ""),
        ("/cut-off", Verdict.UNSURE, "the host cannot be reached"),
        ("/nonsense", Verdict.UNSURE, "the host cannot be reached"),
        ("/elsewhere", Verdict.REFUSED, "it leads to an address that is not public"),
        ("/301-ftp", Verdict.REFUSED, "this is no address that can be asked"),
        ("/301-file", Verdict.REFUSED, "this is no address that can be asked"),
    ],
)
def test_each_answer_has_its_verdict(
    server: FaultyServer, path: str, verdict: Verdict, words: str
) -> None:
    result = ask(server.address + path, QUOTE, seconds=0.4 if path in ENDLESS else LIMITS.seconds)
    moved = result.moved.removeprefix(server.address) if verdict is Verdict.MOVED else ""
    assert (result.verdict, moved or result.reason) == (verdict, words)
    read = path not in ("/204",) and verdict in (Verdict.OK, Verdict.MOVED)
    assert result.passages == ({QUOTE: True} if read else result.passages)


def test_another_program_sees_the_same(server: FaultyServer, tmp_path: Path) -> None:
    """lychee, an independent link checker, agrees on which addresses answer well."""
    paths = ["/ok", "/204", "/302", "/302-301", "/301-chain", "/301-302", "/308", "/404", "/410"]
    paths += ["/301-404", "/401", "/403", "/418", "/451", "/500", "/gzip", "/no-type"]
    listed = tmp_path / "addresses.txt"
    listed.write_text("".join(f"{server.address}{path}\n" for path in paths), "utf-8")
    program = Path(sys.executable).with_name("lychee")
    options = ("--no-progress", "--format", "json", "--max-concurrency", "1", "--max-retries", "0")
    said = subprocess.run(  # a program of the development requirements
        [program, *options, str(listed)], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    failed = {
        one["url"] for found in json.loads(said.stdout)["error_map"].values() for one in found
    }
    for path in paths:
        ours = ask(server.address + path).verdict in (Verdict.OK, Verdict.MOVED)
        assert ours is (server.address + path not in failed), path
    assert len(failed) == 8


def test_a_body_that_nobody_quotes_is_not_read(server: FaultyServer) -> None:
    for path in ("/huge", "/never-ending", "/gzip-bomb"):
        assert ask(server.address + path).verdict is Verdict.OK


def test_no_such_host_is_dead() -> None:
    result = ask("http://nothing.invalid/page")
    assert (result.verdict, result.reason) == (
        Verdict.DEAD,
        "there is no such host (nothing.invalid)",
    )


def test_a_resolver_that_fails_for_now_is_unsure() -> None:
    def busy(*_: object) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    answer = replace(client(), look_up=busy).ask("http://some.example/", body=False)
    assert judge("http://some.example/", answer, frozenset(), (), TODAY).verdict is Verdict.UNSURE


def test_a_port_where_nobody_listens_is_unsure() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        result = ask(f"http://127.0.0.1:{held.getsockname()[1]}/")
    assert (result.verdict, result.reason) == (Verdict.UNSURE, "the host cannot be reached")


def test_pauses_are_those_that_the_server_asks_for(server: FaultyServer) -> None:
    pauses: list[float] = []
    patient = replace(client(), sleep=pauses.append)
    server.asked.clear()
    assert patient.ask(f"{server.address}/429-once", body=False).status == 200
    assert patient.ask(f"{server.address}/429-long", body=False).status == 429
    assert patient.ask(f"{server.address}/500", body=False).status == 500
    assert pauses == [3.0, 1.0, 2.0]
    assert server.asked == {"/429-once": 2, "/429-long": 1, "/500": 3}


@pytest.mark.parametrize(
    ("after", "seconds"),
    [("", None), ("7", 7.0), ("soon", None), ("-1", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0)],
)
def test_retry_after_is_read(after: str, seconds: float | None) -> None:
    assert seconds_of(after) == seconds


def test_few_are_asked_at_a_time() -> None:
    with serve() as server:
        addresses = [f"{server.address}/busy?{number}" for number in range(10)]
        wanted = {address: Wanted(address) for address in addresses}
        results = check(wanted, client(), {}, TODAY)
    assert list(results) == addresses
    assert {result.verdict for result in results.values()} == {Verdict.OK}
    assert server.most == 2


def test_requests_say_who_asks(server: FaultyServer) -> None:
    ask(f"{server.address}/ok")
    assert server.headers["User-Agent"].startswith("mkdocs-apparatus/")
    assert server.headers["User-Agent"].endswith(" (link check)")
    assert server.headers["Host"] == server.address.removeprefix("http://")


def test_no_proxy_of_the_environment_is_used(
    server: FaultyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.2:9/")
    assert ask(f"{server.address}/ok").verdict is Verdict.OK


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "192.0.2.1",
        "::1",
        "::",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "fec0::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
    ],
)
def test_addresses_that_are_not_public_are_refused(address: str) -> None:
    assert not is_public(ip_address(address))
    guarded = Client(look_up=lambda *_: ["198.41.0.4", address])
    assert guarded.ask("http://trap.example/", body=False).fault is Fault.REFUSED


@pytest.mark.parametrize(
    "address", ["198.41.0.4", "::ffff:198.41.0.4", "2001:503:ba3e::2:30", "64:ff9b::c629:4"]
)
def test_public_addresses_are_asked(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "written", ["http://127.1/", "http://2130706433/", "http://0x7f.1/", "http://[::1]/"]
)
def test_a_disguised_address_is_refused(written: str) -> None:
    assert Client().ask(written, body=False).fault is Fault.REFUSED


@pytest.mark.parametrize(
    "written",
    ["ftp://a.example/", "http://u:p@a.example/", "http://a.example:x/", "http:///x", "http://[/"],
)
def test_an_address_that_is_none_is_malformed(written: str) -> None:
    assert Target.read(written) is None
    assert Client().ask(written, body=False).fault is Fault.MALFORMED


def test_a_target_goes_over_the_wire_in_ascii() -> None:
    target = Target.read("https://пример.рф:8443/путь?a=б c#d")
    assert target == Target(
        "https", "xn--e1afmkfd.xn--p1ai", 8443, "/%D0%BF%D1%83%D1%82%D1%8C?a=%D0%B1%20c"
    )
    assert target.authority == "xn--e1afmkfd.xn--p1ai:8443"


def test_the_address_that_was_checked_is_the_one_that_is_asked(server: FaultyServer) -> None:
    """A second look-up could say something else: there is none."""
    looked_up: list[str] = []

    def look_up(host: str, _: int) -> list[str]:
        looked_up.append(host)
        return ["127.0.0.1"] if looked_up == [host] else ["127.0.0.2"]

    asking = replace(client(), look_up=look_up)
    assert asking.ask(f"http://some.example:{server.server_port}/ok", body=False).status == 200
    assert looked_up == ["some.example"]
    assert server.headers["Host"] == f"some.example:{server.server_port}"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a self-signed certificate for the name ``some.example``, with its key."""
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=some.example"
    names = "-addext subjectAltName=DNS:some.example -keyout key.pem -out certificate.pem"
    subprocess.run([*command.split(), *names.split()], cwd=folder, check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_text((folder / "key.pem").read_text() + (folder / "certificate.pem").read_text())
    return both


@pytest.mark.parametrize(
    ("host", "trusted", "fault"),
    [
        ("some.example", True, None),
        ("other.example", True, Fault.TLS),
        ("some.example", False, Fault.TLS),
    ],
)
def test_the_certificate_must_be_the_hosts(
    certificate: Path, host: str, trusted: bool, fault: Fault | None
) -> None:
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate)
    theirs = ssl.create_default_context(cafile=str(certificate) if trusted else None)
    with serve(tls=own) as server:
        asking = replace(client(), tls=theirs, look_up=lambda *_: ["127.0.0.1"])
        answer = asking.ask(f"https://{host}:{server.server_port}/ok", body=True)
    assert answer.fault is fault
    verdict = judge("", answer, frozenset(), (), TODAY).verdict
    assert verdict is (Verdict.UNSURE if fault else Verdict.OK)


DOWN, WALL = Answer(503), Answer(403)


def run_days(path: Path, answers: list[Answer]) -> list[Verdict]:
    """Return the verdicts on an address that is asked once a day."""
    verdicts = []
    for number, answer in enumerate(answers):
        today, memories = TODAY + timedelta(days=number), recall(path)
        failed = memories["a"].failed if "a" in memories else ()
        result = judge("a", answer, frozenset(), failed, today)
        remember(path, memories, {"a": result}, {"a"}, today)
        verdicts.append(result.verdict)
    return verdicts


UNSURE, DEAD, OK = Verdict.UNSURE, Verdict.DEAD, Verdict.OK


@pytest.mark.parametrize(
    ("answers", "verdicts"),
    [
        ([DOWN, DOWN, DOWN, DOWN], [UNSURE, UNSURE, DEAD, DEAD]),
        ([Answer(fault=Fault.TIMEOUT)] * 3, [UNSURE, UNSURE, DEAD]),
        ([DOWN, DOWN, Answer(200), DOWN], [UNSURE, UNSURE, OK, UNSURE]),
        ([WALL] * 4, [UNSURE] * 4),
        ([Answer(fault=Fault.LARGE)] * 4, [UNSURE] * 4),
    ],
)
def test_a_host_without_service_on_three_days_is_dead(
    tmp_path: Path, answers: list[Answer], verdicts: list[Verdict]
) -> None:
    assert run_days(tmp_path / "state.json", answers) == verdicts


def test_failures_on_one_day_are_one_failure(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    for _ in range(4):
        assert run_days(state, [DOWN]) == [UNSURE]


def test_what_was_well_is_not_asked_again_for_some_days(
    tmp_path: Path, server: FaultyServer
) -> None:
    state, address = tmp_path / "state.json", f"{server.address}/ok"

    def run(days: int, *quoted: str) -> int:
        wanted = {address: Wanted(address, passages={one: [] for one in quoted})}
        today, memories = TODAY + timedelta(days=days), recall(state)
        server.asked.clear()
        results = check(wanted, client(), memories, today)
        remember(state, memories, results, set(wanted), today)
        assert results[address].verdict is Verdict.OK
        return server.asked["/ok"]

    assert run(0, QUOTE) == 1
    assert run(6, QUOTE) == 0
    assert run(6) == 0
    assert run(6, QUOTE, "seven days") == 1, "words that were never looked up"
    assert run(12, QUOTE, "seven days") == 0
    assert run(13, QUOTE) == 1
    assert run(13, "eight days") == 1
    assert run(13, "eight days") == 1, "what was not found is looked up again"


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"addresses": []}', '{"addresses": {"a": {"ok": "x"}, "b": 1}}']
)
def test_an_unreadable_state_remembers_nothing(tmp_path: Path, content: str) -> None:
    write(tmp_path, {"state.json": content})
    assert recall(tmp_path / "state.json") == {}


def test_a_missing_network_is_no_dead_site() -> None:
    def nowhere(*_: object) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    wanted = {one: Wanted(one) for one in ("http://a.example/", "http://b.example/")}
    assert is_offline(check(wanted, replace(client(), look_up=nowhere), {}, TODAY))


TABLE = "<table><tr><th>Day<td>sanctions were<td>temporarily lifted</table>"
MOVED = (
    "<div>Before</div><ul><li>One<li>It was <em>temp</em>orarily&nbsp;<b>lifted</b>, he said</ul>"
)
NOTES = "<p>temporarily<sup><a href=#n>[3]</a></sup> lifted[4] for 1<sup>st</sup> m<sup>2</sup></p>"


@pytest.mark.parametrize(
    ("html", "passage", "stands"),
    [
        (f"<p>{PARAGRAPH}", 'were "Temporarily  lifted" for', True),
        (f"<p>{PARAGRAPH}", "he said … seven days", True),
        (f"<p>{PARAGRAPH}", "seven days … he said", False),
        (f"<p>{PARAGRAPH}", "temporarily lifte", False),
        (f"<p>{PARAGRAPH}", "temporarely lifted", False),
        (f"<p>{PARAGRAPH}", "…", False),
        (MOVED, "temporarily lifted", True),
        (MOVED, "temporarily lifted … before", False),
        (TABLE, "temporarily lifted", True),
        (TABLE, "sanctions were temporarily lifted", True),
        (NOTES, "temporarily lifted for 1st", True),
        (NOTES, "temporarily lifted[4] for 1st", True),
        (NOTES, "1st m2", True),
        ("<p>one<br>two", "one two", True),
        ("<p>one</p><p>two", "onetwo", False),
        ("<script>hidden words</script><p>seen<style>more</style>", "hidden words", False),
        ("<p>so-called – “what’s” new&shy;est", "so‑called — 'what's' newest", True),
        ("<p>说明暂时解除制裁的原因", "暂时解除制裁", True),
        ("<p>&#x1e;&#2;words&#3; here", "words here", True),
    ],
)
def test_passages_are_compared_exactly(html: str, passage: str, stands: bool) -> None:
    assert read_text(html.encode(), "text/html").holds(passage) is stands


@pytest.mark.parametrize(
    ("passage", "nearest"),
    [
        ("temporarely lifted", "temporarily lifted"),
        ("the sanctions was temporarily lifted", "the sanctions were “temporarily lifted"),
        ("he said … for sevn days", "for seven days"),
        ("nothing like these words at all", ""),
        ("sanctions", ""),
    ],
)
def test_the_nearest_words_are_suggested(
    passage: str, nearest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passages, "_optional", lambda _: None)
    text = read_text(f"<h1>On the day</h1><p>{PARAGRAPH}</p>".encode(), "text/html")
    assert text.nearest(passage) == nearest


@pytest.mark.parametrize(
    ("encoding", "kind", "meta"),
    [
        ("windows-1251", "text/html; charset=windows-1251", ""),
        ("windows-1251", "text/html", '<meta charset="windows-1251">'),
        ("windows-1251", "text/html; charset=nonsense", "<meta charset=cp1251>"),
        ("windows-1251", "text/html; charset=utf-8", "<meta charset=cp1251>"),
        ("utf-8", "text/html; charset=iso-8859-1", ""),
        ("utf-8", "text/html", ""),
        ("utf-8", "text/html; charset=punycode", ""),
        ("utf-8-sig", "text/html; charset=windows-1251", ""),
        ("utf-16", "text/html", ""),
        ("koi8-r", "text/plain; charset=koi8-r", ""),
    ],
)
def test_the_charset_is_found(encoding: str, kind: str, meta: str) -> None:
    body = f"{meta}<p>американцы написали на кнопке русское слово".encode(encoding)
    assert read_text(body, kind).holds("На кнопке русское слово")


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 100_000,
        "".join(f"<b a={number}>" for number in range(900)) + "<p>x" * 100_000,
        "<div>" * 999 + "<p>x" * 100_000,
    ],
)
def test_a_page_that_would_choke_the_parser_is_not_parsed(html: str) -> None:
    with pytest.raises(UnreadableError, match="nested"):
        read_text(html.encode(), "text/html")


def test_types_without_text_cannot_be_read() -> None:
    with pytest.raises(UnreadableError, match="image/png"):
        read_text(b"\x89PNG", "image/png")


def tiny_pdf(words: str) -> bytes:
    """Return a PDF of one line."""
    content = f"BT /F1 12 Tf 20 100 Td ({words}) Tj ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 200] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    data, offsets = "%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n{one}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    start = len(data)
    data += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    data += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    return data.encode("ascii")


PDF = tiny_pdf("The sanctions were temporarily lifted.")


def test_a_pdf_without_the_extra_is_unsure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passages, "_optional", lambda _: None)
    with serve({"/a.pdf": ("application/pdf", PDF)}) as server:
        address = f"{server.address}/a.pdf"
        wanted = {address: Wanted(address, passages={QUOTE: []})}
        results = check(wanted, client(), {}, TODAY)
    assert results[address].verdict is Verdict.OK
    assert results[address].unread.startswith("a PDF is read by the extra")
    assert results[address].passages == {}


def test_a_pdf_is_read_where_the_extra_is_installed() -> None:
    """The lock file for development decides: no test is left out where the reader must be."""
    if "\npypdf==" in (ROOT / "requirements-dev.lock").read_text("utf-8"):
        text = read_text(PDF, "")
        assert text.holds("the sanctions were temporarily lifted")
        assert not text.holds("the sanctions are temporarily lifted")
        with pytest.raises(UnreadableError, match="cannot be read"):
            read_text(b"%PDF-1.4\nnothing", "application/pdf")
    else:
        with pytest.raises(UnreadableError, match="PDF"):
            read_text(PDF, "application/pdf")


SITE = {
    "mkdocs.yml": "site_name: X\nplugins: [apparatus]\n",
    "docs/index.md": (
        "---\ntitle: T\n---\n\n# T\n\n"
        'Words [@good, "temporarily lifted"] and [@good, p. 3, "he said … sevn days"].\n\n'
        "A [link](HOST/404#part),\n<HOST/403>, `[no](HOST/410)`.\n\n"
        "```\n[no](HOST/410)\n```\n\n[moved]: HOST/308 'Title'\n"
    ),
    "docs/off.md": '---\ncitations: off\n---\n[@good, "never said"]\n',
    "sources/a.bib": (
        "@online{good, title = {A}, url = {HOST/ok}}\n\n"
        "@online{gone, title = {B}, url = {HOST/410}, archiveurl = {HOST/ok?copy}}\n\n"
        "@online{trap, title = {C}, url = {HOST/elsewhere}}\n"
    ),
    "sources/glossary/lift.md": (
        "---\ntitle: lift\nsummary: S.\n---\n\n"
        'Said so [@good, "temporarely lifted"; @gone, "temporarily lifted"].\n'
    ),
    "sources/claims/01-it.md": (
        '---\nclaim: C.\nparagraph: 1\nverdict: wrong\n---\nNo [@nobody, "x"] [a](HOST/ok).\n'
    ),
}


@pytest.fixture
def site(tmp_path: Path, server: FaultyServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a small site whose links lead to the server, which the command may ask."""
    write(tmp_path, {name: text.replace("HOST", server.address) for name, text in SITE.items()})

    def guarded(allowed: object) -> Client:
        assert allowed == EVERYWHERE
        return client()

    monkeypatch.setattr("mkdocs_apparatus.cli.Client", guarded)
    return tmp_path


def run(site: Path, *options: str) -> int:
    return main(["links", "--config", str(site / "mkdocs.yml"), "--allow-local", *options])


TEXT = """\
Dead: replace the address, or use the archived copy (L001, 2)

  HOST/404 is dead: 404: there is no such page
    docs/index.md:9:10
  HOST/410 is dead: 410: the page was removed; there is an archived copy: HOST/ok?copy
    sources/a.bib:3:9 (gone)

Moved: write the new address in place of the old one (L002, 1)

  HOST/308 has moved to HOST/ok
    docs/index.md:16:10

Words not found: compare the quotation with the page (L004, 2)

  the words “he said … sevn days” do not stand at HOST/ok; the nearest are “seven days”
    docs/index.md:7:42 (good)
  the words “temporarely lifted” do not stand at HOST/ok; the nearest are “temporarily lifted”
    sources/glossary/lift.md:6:10 (good)

Refused: correct the address (L005, 1)

  HOST/elsewhere is not asked: it leads to an address that is not public
    sources/a.bib:5:9 (trap)

Unsure: no error; open it in a browser if you like (L003, 1)

  HOST/403 could not be checked: 403: turns programs away
    docs/index.md:10:2

7 addresses: 2 ok, 1 moved, 2 dead, 1 unsure, 1 refused
4 passages: 2 found, 2 not found, 0 could not be looked up
"""


def test_the_command_reports_by_verdict(
    site: Path, server: FaultyServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.asked.clear()
    assert run(site) == 1
    assert capsys.readouterr().out.replace(server.address, "HOST") == TEXT
    assert server.asked.pop("/ok") == 3, "by itself, as the copy, and behind a redirect"
    assert server.asked == dict.fromkeys(["/404", "/403", "/410", "/308", "/elsewhere"], 1)
    assert (site / ".cache/apparatus-links.json").is_file()


def test_findings_are_those_of_a_check_and_more(
    site: Path, server: FaultyServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(site, "--format", "json") == 1
    records = json.loads(capsys.readouterr().out)
    gone = next(one for one in records if one["key"] == "gone")
    assert gone == {
        "code": "L001",
        "name": "dead-address",
        "severity": "error",
        "path": "sources/a.bib",
        "line": 3,
        "column": 9,
        "end_line": 3,
        "end_column": 13,
        "message": f"{server.address}/410 is dead: 410: the page was removed; "
        f"there is an archived copy: {server.address}/ok?copy",
        "suggestion": f"{server.address}/ok?copy",
        "address": f"{server.address}/410",
        "key": "gone",
        "archive": f"{server.address}/ok?copy",
    }


def test_markdown_holds_nothing_but_code_spans_of_others(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(site, "--format", "markdown") == 1
    out = capsys.readouterr().out
    assert out.startswith("# Links\n\n## Dead")
    assert all(line.count("`") % 2 == 0 for line in out.splitlines())


def test_infos_alone_are_clean(
    site: Path, server: FaultyServer, capsys: pytest.CaptureFixture[str]
) -> None:
    write(site, {"changed.txt": f"{server.address}/403\n{server.address}/unknown\n"})
    assert run(site, "--only-changed", str(site / "changed.txt"), "--format", "markdown") == 0
    assert "Nothing to do." in capsys.readouterr().out


@pytest.mark.parametrize(
    "options",
    [["--max-age", "-1"], ["--only-changed", "none.txt"], ["--state", "/dev/null/state.json"]],
)
def test_wrong_use_is_told_apart(site: Path, options: list[str]) -> None:
    assert run(site, *options) == 2


def test_without_leave_nothing_local_is_asked(
    tmp_path: Path, server: FaultyServer, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"mkdocs.yml": "site_name: X\n", "docs/a.md": f"[a]({server.address}/ok)\n"})
    server.asked.clear()
    assert main(["links", "--config", str(tmp_path / "mkdocs.yml")]) == 1
    assert "L005" in capsys.readouterr().out
    assert not server.asked


def test_a_state_file_leaves_its_neighbours_alone(site: Path) -> None:
    names = [f"links-{number}.json" for number in range(6)]
    write(site, dict.fromkeys(names, "{}"))
    run(site, "--state", str(site / "links-mine.json"))
    assert all((site / name).is_file() for name in names)


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("[a](https://a.example/x_(y) 'T')", ["https://a.example/x_(y)"]),
        ("![i](https://a.example/i.png)", ["https://a.example/i.png"]),
        ("[a][b]\n\n[b]: <https://a.example/b>", ["https://a.example/b"]),
        ('<a href="https://a.example/?a=1&amp;b=2">a</a>', ["https://a.example/?a=1&b=2"]),
        ("<https://a.example/>", ["https://a.example/"]),
        ("`<https://a.example/>` <!-- [a](https://a.example/) -->", []),
        ("~~~\n[a](https://a.example/)\n~~~\n[b](https://b.example/)", ["https://b.example/"]),
        ("<code>[a](https://a.example/)</code>", []),
        ("[^1]: https://a.example/ as text", []),
        ("[a](page.md) [b](mailto:a@b.example)", []),
    ],
)
def test_links_of_a_page_are_found(text: str, links: list[str]) -> None:
    assert [link for link, _ in find_links(Writing("a.md", text))] == links


def test_an_address_is_wanted_once(tmp_path: Path) -> None:
    bib = (
        "@article{a, title = {A}, url = {https://a.example/x#s}, doi = {10.1000/x}}\n"
        "@online{b, title = {B}, url = {https://b.example/}, archiveurl = {https://c.example/}}\n"
    )
    write(tmp_path, {"sources/a.bib": bib})
    library, _ = load(tmp_path / "sources", tmp_path)
    pages = [Writing("docs/a.md", '[x](https://a.example/x) [@b, "w"] [@b, "w"]', 5)]
    wanted = collect(library, pages)
    assert list(wanted) == [
        "https://a.example/x",
        "https://doi.org/10.1000/x",
        "https://b.example/",
        "https://c.example/",
    ]
    places = wanted["https://a.example/x"].places
    assert [(place.span.path, place.span.line, place.key) for place in places] == [
        ("sources/a.bib", 1, "a"),
        ("docs/a.md", 5, ""),
    ]
    assert len(wanted["https://b.example/"].passages["w"]) == 2
    assert list(only(wanted, ["https://b.example/#x"])) == [
        "https://b.example/",
        "https://c.example/",
    ]


@pytest.mark.parametrize(
    ("page", "copy", "words"),
    [
        (True, None, []),
        (None, True, []),
        (None, None, []),
        (False, True, ["its archived copy has them"]),
        (False, False, ["do not stand at http://a.example/"]),
        (None, False, ["do not stand at the archived copy http://c.example/"]),
    ],
)
def test_a_passage_may_stand_in_the_archived_copy(
    tmp_path: Path, page: bool | None, copy: bool | None, words: list[str]
) -> None:
    bib = "@online{b, title = {B}, url = {http://a.example/}, archiveurl = {http://c.example/}}"
    write(tmp_path, {"sources/a.bib": bib})
    library, _ = load(tmp_path / "sources", tmp_path)
    wanted = collect(library, [Writing("docs/a.md", '[@b, "w"]')])
    results = {
        address: Result(address, Verdict.OK, passages={} if stands is None else {"w": stands})
        for address, stands in (("http://a.example/", page), ("http://c.example/", copy))
    }
    found = linkreport.make_report(wanted, results)
    messages = [one.diagnostic.message for one in found.findings]
    assert len(messages) == len(words)
    assert all(word in message for word, message in zip(words, messages, strict=True))


def test_nothing_from_the_network_controls_a_terminal() -> None:
    address = "http://a.example/"
    wanted = {address: Wanted(address)}
    wanted[address].places.append(Origin(Span("docs/a.md")))
    moved = Result(address, Verdict.MOVED, moved="http://b.example/\x1b[31m\n::error::x`@me`")
    found = linkreport.make_report(wanted, {address: moved})
    for text in (linkreport.to_text(found), linkreport.to_markdown(found)):
        assert "\x1b" not in text
        assert "\n::error" not in text
    assert "`@me`" not in linkreport.to_markdown(found)


def well(address: str, *passages: str) -> Result:
    return Result(address, Verdict.OK, passages=dict.fromkeys(passages, True))


class Silent(Client):
    """A client that nobody may use."""

    def ask_all(self, addresses: object, _: object) -> list[Result]:  # type: ignore[override]
        assert not addresses
        return []


@pytest.mark.parametrize(
    ("days", "asked"), [(-1, True), (0, False), (1, False), (6, False), (7, True), (8, True)]
)
def test_what_was_well_is_remembered_for_a_week(days: int, asked: bool) -> None:
    memories = {"a": Memory(TODAY, frozenset({QUOTE}))}
    wanted = {"a": Wanted("a", passages={QUOTE: []})}
    day = TODAY + timedelta(days=days)
    if asked:
        with pytest.raises(AssertionError):
            check(wanted, Silent(), memories, day)
    else:
        assert check(wanted, Silent(), memories, day) == {
            "a": Result("a", Verdict.OK, passages={QUOTE: True}, cached=True)
        }


@pytest.mark.parametrize("memory", [Memory(), Memory(failed=(TODAY,))])
def test_what_failed_is_asked_again_the_same_day(memory: Memory) -> None:
    with pytest.raises(AssertionError):
        check({"a": Wanted("a")}, Silent(), {"a": memory}, TODAY)


@pytest.mark.parametrize(
    ("answer", "verdict", "words", "failing"),
    [
        (Answer(200), OK, "", False),
        (Answer(299), OK, "", False),
        (Answer(200, moved="b"), Verdict.MOVED, "", False),
        (Answer(300), UNSURE, "300: an answer out of the ordinary", False),
        (Answer(199), UNSURE, "199: an answer out of the ordinary", False),
        (Answer(404), DEAD, "404: there is no such page", False),
        (Answer(499), UNSURE, "499: an answer out of the ordinary", False),
        (Answer(500), UNSURE, "500: a fault of its server", True),
        (Answer(429), UNSURE, "429: asks for fewer requests", False),
        (Answer(200, fault=Fault.LARGE), UNSURE, Fault.LARGE.value, False),
        (Answer(fault=Fault.TLS, detail="old"), UNSURE, f"{Fault.TLS.value} (old)", True),
        (Answer(fault=Fault.UNREACHABLE), UNSURE, Fault.UNREACHABLE.value, True),
        (Answer(fault=Fault.TIMEOUT), UNSURE, Fault.TIMEOUT.value, True),
        (Answer(fault=Fault.NO_HOST), DEAD, Fault.NO_HOST.value, False),
        (Answer(fault=Fault.MALFORMED), Verdict.REFUSED, Fault.MALFORMED.value, False),
    ],
)
def test_what_an_answer_means(answer: Answer, verdict: Verdict, words: str, failing: bool) -> None:
    result = judge("a", answer, frozenset(), (), TODAY)
    moved = "b" if verdict is Verdict.MOVED else ""
    assert result == Result("a", verdict, words, moved, failing=failing)


def test_a_dead_host_is_named_with_the_day_since_when() -> None:
    days = tuple(TODAY - timedelta(days=number) for number in (3, 9, 5, 1, 7))
    assert judge("a", Answer(503), frozenset(), days, TODAY) == Result(
        "a",
        Verdict.DEAD,
        "every time since 2026-11-15, lately 503: a fault of its server",
        failing=True,
    )


def test_words_are_looked_up_where_a_page_has_moved_to() -> None:
    page = Answer(200, moved="b", kind="text/html", body=f"<p>{PARAGRAPH}".encode())
    missing = "temporarely lifted"
    assert judge("a", page, frozenset({QUOTE, missing}), (), TODAY) == Result(
        "a",
        Verdict.MOVED,
        moved="b",
        passages={QUOTE: True, missing: False},
        nearest={missing: "temporarily lifted"},
    )
    picture = replace(page, kind="image/png", body=b"\x89PNG")
    unread = judge("a", picture, frozenset({QUOTE}), (), TODAY)
    assert (unread.verdict, unread.moved, unread.passages) == (Verdict.MOVED, "b", {})
    assert "image/png" in unread.unread


def test_passages_are_listed_in_a_fixed_order() -> None:
    page = Answer(200, kind="text/plain", body=b"nothing")
    quoted = frozenset(f"word {number}" for number in range(100, 130))
    assert list(judge("a", page, quoted, (), TODAY).passages) == sorted(quoted)


def test_one_missing_host_is_no_missing_network() -> None:
    gone = f"{Fault.NO_HOST.value} (a.example)"
    one, same = (Result(f"http://a.example/{name}", DEAD, gone) for name in "xy")
    other = Result("http://b.example/", DEAD, gone)
    cached = Result("http://c.example/", OK, cached=True)

    def offline(*results: Result) -> bool:
        return is_offline({result.address: result for result in results})

    assert offline(one, other)
    assert offline(one, other, cached)
    assert not offline(one, same)
    assert not offline(one, cached)
    assert not offline(one, replace(other, verdict=OK, reason=""))
    assert not offline(one, replace(other, reason="404: there is no such page"))
    assert not offline()


DAYS = tuple(TODAY - timedelta(days=number) for number in (9, 5, 3, 1))


@pytest.mark.parametrize(
    ("result", "old", "new"),
    [
        (well("a", "x", "y"), Memory(failed=DAYS), Memory(TODAY, frozenset({"x", "y"}))),
        (well("a"), Memory(), Memory(TODAY)),
        # The day on which it began, and the last two.
        (
            Result("a", UNSURE, failing=True),
            Memory(failed=DAYS),
            Memory(failed=(DAYS[0], DAYS[3], TODAY)),
        ),
        (Result("a", UNSURE, failing=True), Memory(), Memory(failed=(TODAY,))),
        (
            Result("a", UNSURE, failing=True),
            Memory(failed=(TODAY, DAYS[3])),
            Memory(failed=(DAYS[3], TODAY)),
        ),
        (
            Result("a", UNSURE, failing=True),
            Memory(TODAY - timedelta(days=8), frozenset({"x"})),
            Memory(failed=(TODAY,)),
        ),
        # An answer ends a row of failures; only what was well need not be asked again.
        (Result("a", UNSURE, "403"), Memory(failed=DAYS), Memory()),
        (Result("a", Verdict.MOVED, moved="b"), Memory(TODAY), Memory()),
        (Result("a", OK, passages={"x": True, "y": False}), Memory(TODAY), Memory()),
        (Result("a", OK, unread="a picture"), Memory(TODAY), Memory()),
        # What was not asked stays as it was.
        (replace(well("a", "x"), cached=True), Memory(DAYS[0]), Memory(DAYS[0])),
    ],
)
def test_what_is_remembered(tmp_path: Path, result: Result, old: Memory, new: Memory) -> None:
    state = tmp_path / "state.json"
    memories = {"z": Memory(DAYS[1]), "gone": Memory(DAYS[1]), "a": old}
    remember(state, memories, {"a": result}, {"a", "z"}, TODAY)
    assert recall(state) == ({"a": new} if new != Memory() else {}) | {"z": Memory(DAYS[1])}


def test_the_state_can_be_read_by_people(tmp_path: Path) -> None:
    memories = {
        "b": Memory(TODAY, frozenset({"z", "y", "x"})),
        "a": Memory(failed=(DAYS[3], TODAY)),
    }
    remember(tmp_path / "state.json", memories, {}, {"a", "b"}, TODAY)
    text = (tmp_path / "state.json").read_text("utf-8")
    assert text.count("\n") > 5
    content = json.loads(text)
    assert content == {
        "version": 1,
        "addresses": {
            "a": {"failed": ["2026-11-23", "2026-11-24"]},
            "b": {"ok": "2026-11-24", "passages": ["x", "y", "z"]},
        },
    }
    assert list(content["addresses"]) == ["a", "b"]


def test_a_spoilt_line_of_the_state_costs_nothing_else(tmp_path: Path) -> None:
    entries = {
        "a": 1,
        "b": {"ok": "soon"},
        "c": {"failed": 3},
        "d": {"passages": 3},
        "e": {"ok": "2026-11-24"},
        "f": {},
    }
    write(tmp_path, {"state.json": json.dumps({"addresses": entries})})
    assert recall(tmp_path / "state.json") == {"e": Memory(TODAY), "f": Memory()}


def test_the_words_of_a_source_are_looked_up_in_its_copy_too() -> None:
    wanted = {
        "page": Wanted("page", passages={"one": []}),
        "copy": Wanted("copy", passages={"two": []}, copied={"page": [], "unknown": []}),
    }
    memories = {
        "page": Memory(TODAY, frozenset({"one"})),
        "copy": Memory(TODAY, frozenset({"two"})),
    }
    with pytest.raises(AssertionError):
        check(wanted, Silent(), memories, TODAY)
    memories["copy"] = Memory(TODAY, frozenset({"one", "two", "three"}))
    found = check(wanted, Silent(), memories, TODAY)
    assert found["page"].passages == {"one": True}
    assert found["copy"].passages == {"one": True, "two": True}
