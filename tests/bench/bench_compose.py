"""How many messages a second one core composes: placeholders alone, some Liquid, and a body that is all Liquid.

    python -m tests.bench.bench_compose [NEWSLETTER.html]

The message is a newsletter of 28 KB of HTML with six tracked links, unless a file is named. Prints one line per case.
"""

import sys
import time
from pathlib import Path

from jobs.compose import Content, Mailing, Plan, compile_plan, destinations
from models.campaign import CampaignType
from models.recipient import Kind
from models.rendering import Person
from models.tracking import Keys
from tests.factories import NOW

SECONDS = 2.0
MAILING = Mailing(1, 1, CampaignType.NEWSLETTER, "News", "Atelier", "news@sender.example", "https://mail.example")
BLOCK = """<table role="presentation" width="100%" cellspacing="0" cellpadding="0" border="0"><tr>
<td class="x" style="padding:20px;font-family:Helvetica,Arial,sans-serif;font-size:15px;line-height:22px;color:#333333">
<img src="https://img.example/1.png" width="560" height="240" alt="La presse" style="display:block;width:100%">
<p style="margin:0 0 12px">Nous avons passé l’été à régler la presse, et voici ce qui en sort.</p></td></tr></table>
"""
LIQUID = '{{ Person.nick | default: "you" }} {% if Person.language == "fr" %}Bonjour{% else %}Hello{% endif %}'


def newsletter(size: int = 28_000) -> str:
    """HTML of about `size` octets in the shape of a newsletter."""
    links = "".join(f'<p><a href="https://shop.example/{n}">Article {n}</a></p>\n' for n in range(6))
    head = "<html><head><style>.x{margin:0 0 12px} @media (max-width:600px){.x{margin:0}}</style></head><body>"
    greeting = "<h1>Bonjour {Person.firstName} {Person.lastName}</h1>\n"
    filling = BLOCK * ((size - len(head + greeting + links)) // len(BLOCK.encode()))
    return f"{head}{greeting}{filling}{links}</body></html>"


def person(number: int) -> Person:
    """One of many, with an accent in every seventh name."""
    first = "Zoé" if number % 7 == 0 else "Ada"
    address = f"person{number}@example.com"
    return Person(number, Kind.CONTACT, address, f"{first} Byron{number}", first, f"Byron{number}", language="fr")


def rate(plan: Plan) -> tuple[float, int]:
    """(messages in a second of processor time, octets of one)."""
    people = [person(number) for number in range(1, 2001)]
    started, done = time.process_time(), 0
    while (spent := time.process_time() - started) < SECONDS:
        for one in people:
            raw = plan.message(one, one.id, NOW)
        done += len(people)
    return done / spent, len(raw)


def plan_of(html: str) -> Plan:
    content = Content("News for {Person.firstName}", html)
    links = {destination: no for no, destination in enumerate(destinations(content, MAILING), start=1)}
    return compile_plan(content, MAILING, links, Keys(1, {1: b"bench"}))


def measure(file: Path | None = None) -> dict[str, float]:
    """Messages in a second of processor time: plain placeholders, some Liquid, the whole body within a condition."""
    return {name: rate(plan_of(html))[0] for name, html in cases(file).items()}


def cases(file: Path | None = None) -> dict[str, str]:
    """The newsletter of the samples, or the one in `file`, in three degrees of Liquid."""
    html = file.read_text() if file else newsletter()
    start, end = html.index(">", html.index("<body")) + 1, html.rindex("</body>")
    inside = html[start:end]
    whole = f'{{% if Person.language == "fr" %}}{inside}{{% else %}}<p>Hello</p>{{% endif %}}'
    bodies = {"placeholders": inside, "some Liquid": inside + f"<p>{LIQUID}</p>", "all Liquid": whole}
    return {name: html[:start] + body + html[end:] for name, body in bodies.items()}


def rate_of_emails() -> float:
    """The yardstick: messages in a second of processor time when `emails` builds each one anew, nothing filled in."""
    import emails

    html, done, started = newsletter(), 0, time.process_time()
    while (spent := time.process_time() - started) < SECONDS:
        emails.Message(
            html=html, text="Hello", subject="News", mail_from="news@example.com", mail_to="ada@example.com"
        ).as_bytes()
        done += 1
    return done / spent


def main() -> None:
    for name, html in cases(Path(sys.argv[1]) if len(sys.argv) > 1 else None).items():
        started = time.process_time()
        plan = plan_of(html)
        compiled = time.process_time() - started
        messages, octets = rate(plan)
        print(f"{name}: {messages:,.0f} messages/s of {octets:,} octets; compiled in {compiled * 1000:.0f} ms")


if __name__ == "__main__":
    main()
