"""From template version to bytes: every message is parsed again, and says what it should (RFC 5322, 2045, 2047)."""

import json
import os
import quopri
import re
import socket
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from jobs.compose import Content, Mailing, Plan, compile_plan, destinations, preview
from jobs.frame import encode_body, encode_literal, encode_value, mailbox
from jobs.markup import Page
from jobs.stylesheet import strengthen
from models.campaign import CampaignType
from models.errors import Invalid, Refused
from models.recipient import Kind
from models.rendering import Person
from models.tracking import Keys, Purpose, make_token, read_token

NOW = datetime(2026, 9, 8, 11, 46, 12, 345_000, tzinfo=UTC)
KEYS = Keys(1, {1: b"a secret for tests"})
CODE = "55f2c87b09a220a78"
MAILING = Mailing(
    mass_email_id=12,
    campaign_id=3,
    type=CampaignType.NEWSLETTER,
    list_name="Rentrée 2026",
    from_name="Atelier",
    from_address="news@sender.example",
    site_url="https://mail.example",
    reply_to="answers@sender.example",
    zone="Europe/Paris",
)
ADA = Person(
    7,
    Kind.CONTACT,
    "Ada@Example.com",
    name="Ada Byron",
    first_name="Ada",
    last_name="Byron & <Co>",
    company="Engines",
    language="fr-FR",
)
HTML = f"""<!DOCTYPE html>
<html><head><title>News</title><style>
p {{ color: #111; margin: 0 }}
.card:hover {{ color: red }}
@media (prefers-color-scheme: dark) {{ p {{ color: #eee }} }}
@media only screen and (max-width: 600px) {{ .card {{ width: 100% !important }} }}
@font-face {{ font-family: x; src: url(https://fonts.example/x.woff) }}
.{{Person.firstName}} {{ color: blue }}
</style></head>
<body><p class="card">Bonjour {{Person.firstName}} {{Person.lastName}}, ça va&nbsp;?</p>
<p><a href="https://shop.example/a?b=1&amp;c=2">Shop</a> <a href="{{trackingUrl:{CODE}}}">Demo</a>
<a href="mailto:hello@sender.example">Write</a> <a href="tel:+331">Call</a> <a href="#top">Top</a>
<a href="https://shop.example/me?name={{Person.lastName}}">Mine</a> <a href="{{viewUrl}}">View</a></p>
.a line that begins with a dot
</body></html>"""


def plan_of(html: str = HTML, subject: str = "News for {Person.firstName}", text: str = "", **changes) -> Plan:
    content, mailing = Content(subject, html, text), replace(MAILING, **changes)
    links = {destination: number for number, destination in enumerate(destinations(content, mailing), start=1)}
    return compile_plan(content, mailing, links, KEYS)


def parsed(raw: bytes) -> EmailMessage:
    """The message, after everything that is true of every message has been held against it."""
    lines = raw.split(b"\r\n")
    assert not re.search(rb"[\r\n]", b"".join(lines)), "a bare CR or LF"
    assert max(map(len, lines)) <= 998
    assert not any(line.startswith(b".") for line in lines), "DATA would need stuffing"
    body = lines[lines.index(b"") :]
    assert max(map(len, body)) <= 76
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    for part in message.walk():
        assert part.defects == []
        for name, value in part.items():
            assert value.defects == () or list(value.defects) == [], (name, value, value.defects)
    once = [
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "mime-version",
        "reply-to",
        "list-unsubscribe",
        "x-envoi-item",
    ]
    assert [name for name in once if len(message.get_all(name, [])) > 1] == []
    return message


def sent(html: str = HTML, person: Person = ADA, *, item: int = 99, test: bool = False, **given_) -> EmailMessage:
    return parsed(plan_of(html, **given_).message(person, item, NOW, test=test))


def html_of(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return part.get_content().replace("\r\n", "\n")


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return part.get_content().replace("\r\n", "\n")


def token(purpose: Purpose, item: int = 99) -> str:
    return make_token(KEYS, purpose, item)


# --- headers ---


def test_the_headers_are_those_of_a_newsletter():
    message = sent()
    assert message["From"] == "Atelier <news@sender.example>"
    assert message["To"] == "Ada Byron <Ada@Example.com>"
    assert message["Reply-To"] == "answers@sender.example"
    assert message["Subject"] == "News for Ada"
    assert parsedate_to_datetime(message["Date"]) == NOW.replace(microsecond=0)
    assert message["MIME-Version"] == "1.0"
    assert message["Message-ID"] == f"<{token(Purpose.RETURN_PATH)}@sender.example>"
    assert message["X-Envoi-Item"] == token(Purpose.RETURN_PATH)
    assert message["List-Unsubscribe"] == f"<https://mail.example/u/{token(Purpose.CONSENT)}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"] == "Rentrée 2026 <campaign-3.sender.example>"
    assert re.fullmatch(r"3:12:newsletter:[0-9a-f]{12}", message["Feedback-ID"])
    assert message["X-Envoi-Test"] is None
    assert not {"x-mailer", "auto-submitted", "precedence"} & {name.lower() for name in message}


def test_a_provider_that_gives_back_other_headers_gets_the_token_in_them_too():
    message = sent(item_headers=("X-PM-Metadata-envoi-item", "X-Mailin-custom"))
    given = {message[name] for name in ("X-Envoi-Item", "X-PM-Metadata-envoi-item", "X-Mailin-custom")}
    assert given == {token(Purpose.RETURN_PATH)}


def test_text_stands_before_html_in_multipart_alternative():
    message = sent()
    assert message.get_content_type() == "multipart/alternative"
    kinds = [
        (part.get_content_type(), part["Content-Transfer-Encoding"], part.get_content_charset())
        for part in message.iter_parts()
    ]
    assert kinds == [("text/plain", "quoted-printable", "utf-8"), ("text/html", "quoted-printable", "utf-8")]


def test_each_item_has_a_message_id_of_its_own():
    plan = plan_of()
    assert parsed(plan.message(ADA, 1, NOW))["Message-ID"] != parsed(plan.message(ADA, 2, NOW))["Message-ID"]


@pytest.mark.parametrize(
    ("site_url", "post"),
    [
        ("https://mail.example/", "List-Unsubscribe=One-Click"),
        ("http://localhost:3000", None),
        ("HTTPS://m.example", "List-Unsubscribe=One-Click"),
    ],
)
def test_one_click_needs_an_https_site_url(site_url: str, post: str | None):
    message = sent(site_url=site_url)
    assert message["List-Unsubscribe-Post"] == post
    assert message["List-Unsubscribe"] == f"<{site_url.rstrip('/')}/u/{token(Purpose.CONSENT)}>"


@pytest.mark.parametrize(
    ("name", "address", "shown"),
    [
        ("", "a@b.example", "a@b.example"),
        ("Ada", "a@b.example", "Ada <a@b.example>"),
        ("Byron, Ada", "a@b.example", '"Byron, Ada" <a@b.example>'),
        ('Ada "the" \\ Byron', "a@b.example", '"Ada \\"the\\" \\\\ Byron" <a@b.example>'),
        ("Åsa Öberg", "a@bücher.example", "Åsa Öberg <a@xn--bcher-kva.example>"),
        ("=?utf-8?q?x?=", "a@b.example", None),
    ],
)
def test_a_display_name_is_quoted_or_encoded_as_it_needs(name: str, address: str, shown: str | None):
    message = sent(person=replace(ADA, name=name, address=address), from_name=name)
    if shown is not None:
        assert str(message["To"]) == shown
    assert message["To"].addresses[0].display_name == name
    assert message["From"].addresses[0].display_name == name


def test_a_local_part_beyond_ascii_stays_in_utf8():
    raw = plan_of().message(replace(ADA, address="用户@bücher.example"), 1, NOW)
    assert "To: Ada Byron <用户@xn--bcher-kva.example>\r\n".encode() in raw


@pytest.mark.parametrize(
    "address",
    ["", "ada", "ada@", "a b@c.example", "a@b.example\r\nBcc: x@y.example", "<a@b.example>", "a@b@c", "a,b@c.example"],
)
def test_what_is_no_address_is_refused(address: str):
    with pytest.raises(Invalid):
        plan_of().message(replace(ADA, address=address), 1, NOW)


@pytest.mark.parametrize("control", ["\r\nBcc: x@y.example", "\n", "\r", "\0", "\x7f", "\ud800"])
def test_a_control_character_in_a_header_is_refused_never_removed(control: str):
    plan = plan_of()
    for person in (replace(ADA, name=f"Ada{control}"), replace(ADA, first_name=f"Ada{control}")):
        with pytest.raises(Invalid):
            plan.message(person, 1, NOW)
    with pytest.raises(Invalid):
        plan_of(from_name=f"Atelier{control}")
    with pytest.raises(Invalid):
        plan_of(list_name=f"Rentrée{control}")


@given(name=st.text(max_size=200), value=st.text(max_size=400))
def test_no_value_ever_adds_a_header_and_all_come_back(name: str, value: str):
    person = replace(ADA, name=name, first_name=value)
    try:
        raw = HYPOTHESIS_PLAN.message(person, 1, NOW)
    except Invalid:
        assert re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", name + value)
        return
    message = parsed(raw)
    assert message.keys() == HYPOTHESIS_HEADERS
    assert message["Subject"] == f"News for {value}".strip(" ")
    assert display_name(raw) == name.strip(" ")


def display_name(raw: bytes) -> str:
    """The name in To by RFC 2047 6.2: no space between neighbouring encoded words (the modern parser keeps one)."""
    value = message_from_bytes(raw)["To"].rpartition("<")[0].rstrip(" \r\n")
    if value.startswith('"'):
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return str(make_header(decode_header(value)))


HYPOTHESIS_PLAN = plan_of(HTML)
HYPOTHESIS_HEADERS = parsed(HYPOTHESIS_PLAN.message(ADA, 1, NOW)).keys()


# --- body ---


def test_values_are_escaped_in_html_and_plain_in_text():
    message = sent()
    assert "Bonjour Ada Byron &amp; &lt;Co&gt;, ça va\xa0?" in html_of(message)
    assert "Bonjour Ada Byron & <Co>, ça va ?" in text_of(message)


def test_the_text_says_what_the_html_says_with_its_links():
    assert text_of(sent(track_links=False)).splitlines() == [
        "Bonjour Ada Byron & <Co>, ça va ?",
        "",
        f"Shop (https://shop.example/a?b=1&c=2) Demo (https://mail.example/c/{token(Purpose.TRACK)}/1) "
        "Write (hello@sender.example) Call Top Mine (https://shop.example/me?name=Byron%20%26%20%3CCo%3E) "
        f"View (https://mail.example/v/{token(Purpose.CONSENT)})",
        "",
        ".a line that begins with a dot",
        f"Se désinscrire (https://mail.example/u/{token(Purpose.CONSENT)})",
    ]


def test_styles_are_inlined_and_what_cannot_be_survives_in_force():
    html = html_of(sent())
    assert re.search(
        r'<p class="card" style="color:#111; margin:0">|<p style="color:#111; margin:0" class="card">', html
    )
    assert "@media (prefers-color-scheme: dark) { p { color: #eee !important } }" in html
    assert "@media only screen and (max-width: 600px) { .card { width: 100% !important } }" in html
    assert ".card:hover { color: red !important }" in html
    assert "@font-face { font-family: x; src: url(https://fonts.example/x.woff) }" in html
    assert html.startswith("<!DOCTYPE html>")


def test_placeholders_in_style_are_left_alone():
    assert ".{Person.firstName} { color: blue }" in html_of(sent())


def test_links_are_tracked_except_those_that_must_not_be():
    html, track = html_of(sent()), token(Purpose.TRACK)
    hrefs = [a.get("href") for a in etree.HTML(html).iter("a")]
    assert hrefs == [
        f"https://mail.example/c/{track}/1",
        f"https://mail.example/c/{track}/2",
        "mailto:hello@sender.example",
        "tel:+331",
        "#top",
        "https://shop.example/me?name=Byron%20%26%20%3CCo%3E",
        f"https://mail.example/v/{token(Purpose.CONSENT)}",
        f"https://mail.example/u/{token(Purpose.CONSENT)}",
    ]


def test_what_has_to_be_numbered_is_told_in_order_and_once():
    content = Content(
        "s",
        HTML + '<a href="https://shop.example/a?b=1&amp;c=2">again</a>',
        f"See https://text.example/x, {{trackingUrl:{CODE}}}",
    )
    assert destinations(content, MAILING) == ["https://shop.example/a?b=1&c=2", CODE, "https://text.example/x"]
    assert destinations(content, replace(MAILING, track_links=False)) == [CODE]


def test_a_link_without_a_number_is_refused():
    with pytest.raises(Refused, match="shop"):
        compile_plan(Content("s", HTML), MAILING, {CODE: 1}, KEYS)


def test_a_tracking_link_works_without_automatic_tracking_and_anywhere():
    html = f'<p>Go to {{trackingUrl:{CODE}}}</p><!--[if mso]><v:rect href="https://shop.example/"></v:rect><![endif]-->'
    plain = html_of(sent(html, track_links=False))
    assert f"Go to https://mail.example/c/{token(Purpose.TRACK)}/1" in plain
    assert '<v:rect href="https://shop.example/">' in plain
    assert f'<v:rect href="https://mail.example/c/{token(Purpose.TRACK)}/1">' in html_of(sent(html))


def test_the_pixel_is_last_and_only_when_opens_are_tracked():
    pixel = f"https://mail.example/o/{token(Purpose.TRACK)}.gif"
    assert re.search(rf'<img src="{pixel}" width="1" height="1" alt="" border="0"></body>', html_of(sent()))
    assert "/o/" not in html_of(sent(track_opens=False))


@pytest.mark.parametrize(
    ("html", "changes", "links"),
    [
        ("<p>x</p>", {}, 1),
        ("<p>x</p>", {"mandatory_opt_out_link": False}, 0),
        ('<p><a href="{optOutUrl}">Leave</a></p>', {}, 1),
        ("<p>{optOutLink}</p>", {}, 1),
        ('<p><a href="{{ optOutUrl }}">Leave</a></p>', {}, 1),
        ('<!-- <a href="{optOutUrl}">Leave</a> --><p>x</p>', {}, 2),
    ],
)
def test_one_opt_out_link_and_no_second(html: str, changes: dict[str, bool], links: int):
    message, address = sent(html, **changes), f"https://mail.example/u/{token(Purpose.CONSENT)}"
    assert html_of(message).count(address) == links
    assert text_of(message).count(address) == min(links, 1)
    assert message["List-Unsubscribe"] == f"<{address}>"


@pytest.mark.parametrize(("language", "words"), [("fr", "Se désinscrire"), ("de", "Unsubscribe"), ("", "Unsubscribe")])
def test_the_opt_out_link_speaks_the_recipients_language(language: str, words: str):
    assert f">{words}</a>" in html_of(sent("<p>{optOutLink}</p>", replace(ADA, language=language)))


def test_a_handwritten_text_is_sent_as_it_is_with_tracked_links_and_the_opt_out():
    text = "Bonjour {Person.firstName},\n\nvoir https://shop.example/a (ou https://shop.example/{Person.firstName}).\n.\n..fin"
    assert text_of(sent(text=text)).splitlines() == [
        "Bonjour Ada,",
        "",
        f"voir https://mail.example/c/{token(Purpose.TRACK)}/3 (ou https://shop.example/Ada).",
        ".",
        "..fin",
        "",
        f"Se désinscrire (https://mail.example/u/{token(Purpose.CONSENT)})",
    ]


def test_a_mail_of_text_alone_is_one_part():
    message = sent("", text="Hello {Person.firstName}\n.\n")
    assert message.get_content_type() == "text/plain"
    assert text_of(message).startswith("Hello Ada\n.\n")
    assert message["MIME-Version"] == "1.0"


def test_an_informational_mail_has_no_opt_out_no_list_unsubscribe_no_tracking():
    html = HTML.replace("</body>", '<p>Before <a href="{optOutUrl}">leave</a> after {optOutLink}.</p></body>')
    message = sent(html, type=CampaignType.INFORMATIONAL)
    body = html_of(message)
    assert message["List-Unsubscribe"] is None
    assert message["List-Unsubscribe-Post"] is None
    assert "Before  after ." in body
    assert not re.search(r"/[ou]/", body + text_of(message))
    assert 'href="https://shop.example/a?b=1&amp;c=2"' in body
    assert re.findall(r"/c/[^/]+/\d+", body) == [f"/c/{token(Purpose.TRACK)}/1"]


def test_a_test_send_differs_only_by_its_tokens_and_its_mark():
    plan = plan_of()
    real, test = (plan.message(ADA, 99, NOW, test=test) for test in (False, True))
    assert parsed(test)["X-Envoi-Test"] == "1"
    renamed = test.replace(b"X-Envoi-Test: 1\r\n", b"")
    renamed = renamed.replace(token(Purpose.TEST_CONSENT).encode(), token(Purpose.CONSENT).encode())
    renamed = re.sub(
        rb"(Message-ID: <|X-Envoi-Item: )[^@\r]+", rb"\g<1>" + token(Purpose.RETURN_PATH).encode(), renamed
    )
    assert renamed.replace(token(Purpose.TEST_TRACK).encode(), token(Purpose.TRACK).encode()) == real


def test_every_token_in_a_message_is_of_its_purpose():
    raw = plan_of().message(ADA, 99, NOW).replace(b"=\r\n", b"").decode()
    for path, purpose in (("o", Purpose.TRACK), ("c", Purpose.TRACK), ("u", Purpose.CONSENT), ("v", Purpose.CONSENT)):
        found = re.findall(rf"mail\.example/{path}/([\w-]{{22}})", raw)
        assert {read_token(text, *Purpose, keys=KEYS) for text in found} == {(purpose, 99)}


# --- Liquid ---


LIQUID = """<html><body>{% if Person.language contains "fr" %}<table>{% for n in (1..2) %}<tr>
<td {% if n == 1 %}class="one"{% endif %}>Ligne {{ n }}, {Person.firstName} : une phrase assez longue pour être mise
à part, avec des accents é è à ç ù &amp; plus encore</td></tr>{% endfor %}</table>
{% else %}<p>English</p>{% endif %}{{ Person.nick | default: "vous <b>" }}<a href="https://shop.example/">Shop</a></body></html>"""


def test_liquid_renders_inside_of_the_inlined_html_and_in_the_text():
    message = sent(LIQUID, subject='{% if Person.firstName == "Ada" %}Chère {{ Person.firstName }}{% endif %}')
    html, text = html_of(message), text_of(message)
    assert message["Subject"] == "Chère Ada"
    assert len(re.findall('<td class="one" ?>', html)) == 1
    assert re.findall(r"Ligne (\d), Ada : une phrase", html) == ["1", "2"]
    assert "avec des accents é è à ç ù &amp; plus encore</td>" in html
    assert "English" not in html + text
    assert "vous <b>" in html  # the author's own words are not escaped, values are
    assert (
        "Ligne 2, Ada : une phrase assez longue pour être mise à part, avec des accents é è à ç ù & plus encore" in text
    )


def test_liquid_in_a_style_attribute_lives_through_the_inlining():
    html = html_of(sent('<style>p{margin:0}</style><p style="{% if Person.name %}color:blue{% endif %}">x</p>'))
    assert re.search('<p style="margin:0; ?color:blue">', html)


CUT = '<p style="{% if Person.name %}color:blue{% else %}color:green;{% endif %};top:0">x</p>'


def test_a_liquid_tag_that_cuts_through_a_style_is_refused():
    with pytest.raises(Invalid) as refused:
        plan_of(f"<style>p{{margin:0}}</style>{CUT}")
    assert refused.value.problems["html"].key == "template.liquid_cuts"


def test_liquid_that_fails_at_a_person_fails_that_person_only():
    plan = plan_of("<p>{{ 6 | divided_by: Person.visits }}</p>")
    assert "<p>2</p>" in html_of(parsed(plan.message(replace(ADA, fields={"visits": 3}), 1, NOW)))
    with pytest.raises(Invalid):
        plan.message(replace(ADA, fields={"visits": 0}), 1, NOW)


# --- stored values, frames ---


@pytest.mark.parametrize("html", [HTML, LIQUID])
@pytest.mark.parametrize("test", [False, True])
def test_stored_values_joined_with_the_frozen_version_give_the_same_bytes(html: str, test: bool):
    raw = plan_of(html).message(ADA, 99, NOW, test=test)
    stored = json.loads(json.dumps(plan_of(html).values(ADA, 99, NOW, test=test)))
    assert plan_of(html).join(stored) == raw


def test_stored_values_are_not_joined_with_another_frame():
    stored = plan_of().values(ADA, 99, NOW)
    with pytest.raises(Refused):
        plan_of(from_name="Another").join(stored)


def test_a_preview_tracks_nothing_and_reads_as_the_mail():
    shown = preview(Content("News for {Person.firstName}", HTML), MAILING, ADA, NOW)
    assert shown.subject == "News for Ada"
    assert "Bonjour Ada" in shown.html
    assert "Bonjour Ada" in shown.text
    assert 'href="https://shop.example/a?b=1&amp;c=2"' in shown.html
    assert "/o/" not in shown.html


# --- hostile templates ---


def test_no_template_ever_opens_a_connection(monkeypatch: pytest.MonkeyPatch):
    calls: list[object] = []

    def refuse(*arguments: object, **_named: object) -> None:
        calls.append(arguments)
        raise AssertionError("a template opened a connection")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    html = """<?xml version="1.0"?><!DOCTYPE html SYSTEM "http://evil.example/x.dtd"><html><head><base href="http://evil.example/">
    <link rel="stylesheet" href="http://evil.example/a.css"><link rel="stylesheet" href="//evil.example/b.css">
    <link rel="stylesheet" href="file:///etc/passwd"><style>@import url("http://evil.example/c.css"); p{background:url(http://evil.example/d.png)}</style>
    <style>@import "http://evil.example/e.css" screen;</style></head>
    <body background="http://evil.example/f.png"><img src="http://evil.example/g.png"><p>x</p>
    <object data="http://evil.example/h"></object><iframe src="http://evil.example/i"></iframe></body></html>"""
    message = sent(html)
    assert calls == []
    assert '<img src="http://evil.example/g.png">' in html_of(message)
    assert "root:" not in html_of(message)


@pytest.mark.parametrize("html", ["   ", "<!-- only -->", "<div>" * 400 + "x"])
def test_html_that_cannot_be_a_mail_is_refused(html: str):
    with pytest.raises(Invalid):
        plan_of(html)


@pytest.mark.parametrize(
    "html",
    [
        "x",
        "<p>unclosed",
        "<td>cell",
        "<<<>>>",
        "a < b & c",
        "<body>",
        "\ufeff<p>x",
        "<meta charset='latin1'><p>é",
    ],
)
def test_broken_html_still_makes_a_sound_message(html: str):
    message = sent(html)
    assert "Se désinscrire" in html_of(message)
    if "é" in html:
        assert 'charset="utf-8"' in html_of(message)


def samples() -> list[Path]:
    root = Path(os.environ.get("ENVOI_SAMPLES_DIR") or Path(__file__).parents[1] / "samples")
    return sorted(root.glob("**/*.html"))


def test_every_real_newsletter_makes_a_sound_message():
    files = samples()
    if not files:
        pytest.skip("no newsletters: set ENVOI_SAMPLES_DIR")
    for file in files:
        source = file.read_text()
        html = html_of(sent(source))
        for rule in re.findall(r"@media[^{]+", source):
            assert rule.strip() in html, (file.name, rule)
        words = " ".join(" ".join(etree.HTML(source).find("body").itertext()).split())
        kept = " ".join(" ".join(etree.HTML(html).find("body").itertext()).split())
        assert kept.startswith(words.replace("{Person.firstName}", "Ada")), file.name
        assert html.count("<!--[if") == source.count("<!--[if"), file.name


# --- encodings ---


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=("Cs",)), max_size=120), max_size=6))
def test_encoded_pieces_join_to_the_text_they_came_from(pieces: list[str]):
    joined = b"".join((encode_value if number % 2 else encode_literal)(piece) for number, piece in enumerate(pieces))
    lines = joined.split(b"\r\n")
    assert max(map(len, lines)) <= 76
    assert not any(line.startswith(b".") for line in lines)
    assert joined.isascii()
    expected = "".join(piece.replace("\r\n", "\n").replace("\r", "\n") for piece in pieces)
    part = message_from_bytes(b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + joined + b"\r\n")
    assert part.get_payload(decode=True).decode().replace("\r\n", "\n") in (expected, expected + "\n")


@pytest.mark.parametrize(
    "text",
    [".", "..", "." * 200, "a\n.\n.b\n..", ".é" * 60, "x" * 75 + ".", " . ", "\n.", "." + "x" * 75, "." + "x" * 76],
)
def test_no_line_begins_with_a_dot(text: str):
    encoded = encode_body(text)
    lines = encoded.split(b"\r\n")
    assert not any(line.startswith(b".") for line in lines)
    assert max(map(len, lines)) <= 76


@pytest.mark.parametrize("ending", ["x", ".", "é", "=", " "])
def test_a_line_that_is_full_leaves_room_for_the_soft_break(ending: str):
    for length in range(60, 90):
        encoded = encode_literal("x" * length + ending)
        lines = encoded.split(b"\r\n")
        assert max(map(len, lines)) <= 76
        assert not any(line.startswith(b".") for line in lines)
        assert quopri.decodestring(encoded).decode() == "x" * length + ending


def test_long_names_and_subjects_are_folded():
    message = plan_of(subject="é" * 300 + " " + "word " * 100).message(replace(ADA, name="Ö" * 150), 1, NOW)
    head = message.partition(b"\r\n\r\n")[0]
    assert max(map(len, head.split(b"\r\n"))) <= 100
    assert parsed(message)["Subject"] == ("é" * 300 + " " + "word " * 100).strip()
    assert b"\r\n <" in mailbox("Ö" * 150, "a@b.example")


@pytest.mark.parametrize(
    ("css", "strong"),
    [
        ("@media x{a{b:c;d:e}}", "@media x{a{b:c !important;d:e !important}}"),
        ("@media x{a{b:c ! important}}", "@media x{a{b:c ! important}}"),
        ("a{b:c}", "a{b:c}"),
        ("@media x{@keyframes k{from{b:c}}a{b:c}}", "@media x{@keyframes k{from{b:c}}a{b:c !important}}"),
        ("@media x{a{b:url(data:x;y)}}", "@media x{a{b:url(data:x;y) !important}}"),
        ('@media x{a{content:";}"}}', '@media x{a{content:";}" !important}}'),
        ("@media x{a{/* b:c; */}}", "@media x{a{/* b:c; */}}"),
        ("}}{{;;", "}}{{;;"),
    ],
)
def test_rules_that_cannot_be_inlined_stay_in_force(css: str, strong: str):
    assert strengthen(css) == strong


def test_markers_never_collide_with_the_source():
    nonce = re.search(r"zq[0-9a-f]{8}x", Page("<p>{Person.firstName}</p>").markers.put("x"))
    assert nonce is not None
    page = Page(f"<p>{nonce.group()}0v {{Person.firstName}}</p>")
    assert f"<p>{nonce.group()}0v {{Person.firstName}}</p>" in page.html()


def test_anonymously_pixel_and_links_are_the_same_for_everybody_and_the_opt_out_is_not():
    html = '<body><a href="https://example.com/a">a</a> <a href="{optOutUrl}">no more</a></body>'
    first, second = (
        html_of(sent(html, person, item=item, individual=False))
        for person, item in ((ADA, 1), (replace(ADA, name="Bo"), 2))
    )
    tracks = [set(re.findall(r"/(?:c|o)/([\w-]{22})", one)) for one in (first, second)]
    assert tracks == [{token(Purpose.MAILING_TRACK, MAILING.mass_email_id)}] * 2
    assert token(Purpose.CONSENT, 1) in first
    assert token(Purpose.CONSENT, 2) in second
    assert token(Purpose.TEST_TRACK, 7) in html_of(sent(html, item=7, individual=False, test=True))
