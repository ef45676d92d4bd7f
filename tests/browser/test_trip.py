"""The trip of a person who has never seen Envoi: from the link that the server printed to the list of who clicked.

Each test is a step and stands on those before it. Who must get what is computed by the oracle, from the files; what
arrived is read from the mail catcher's own files. ENVOI_SAMPLES_DIR may name another folder of samples.
"""

import csv
import html
import io
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import FAILED, Visit, first_link
from tests.browser.mailbox import Mailbox
from tests.browser.oracle import Member, Sheet, Someone, Verdict, decide, normal_form, one_line, read_sheet
from tests.browser.person import Person, number
from tests.dashboard.conftest import PASSWORD, Running
from tests.samples import make_samples

SAMPLES = Path(os.environ.get("ENVOI_SAMPLES_DIR") or make_samples.HERE)
CONTACTS = SAMPLES / "contacts/contacts-utf8-comma.csv"
LEADS = make_samples.HERE / "leads/leads-utf8-semicolon.csv"
NEWSLETTERS = SAMPLES / "newsletters"

READERS, LEFT_ASIDE = "Readers of the letter", "Not this time"
CAMPAIGN, TEMPLATE = "Autumn letter", "The letter of September"
SENDER = "L’Atelier du Pont"


@dataclass
class Trip:
    """What the steps leave for each other. `members` of the two lists, as the oracle knows them."""

    server: Running
    person: Person
    mailbox: Mailbox
    contacts: Sheet
    leads: Sheet
    members: list[Member] = field(default_factory=list)
    excluded: list[Member] = field(default_factory=list)
    shop: str = ""
    campaign: str = ""
    placeholder: str = ""
    mass_email: str = ""

    @property
    def portion(self) -> int:
        """Three portions make it."""
        return max(600, -(-len(self.verdict.gets) // 3))

    @property
    def readers(self) -> list[Someone]:
        """Four plain contacts who got it: one will open, one click, one click and leave, one click."""
        gets, twins = self.verdict.gets, self.leads.addresses
        return [one for one in self.contacts.people if one.normal in gets - twins][:4]

    @property
    def verdict(self) -> Verdict:
        return decide([self.members], [self.excluded])


class Shop(BaseHTTPRequestHandler):
    """Where the newsletter leads."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<h1>La collection</h1>")

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    """The address of a page outside Envoi."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Shop) as site:
        Thread(target=site.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{site.server_port}/collection"
        site.shutdown()


@pytest.fixture(scope="module")
def trip(server: Running, visit: Visit, shop: str) -> Trip:
    mailbox = Mailbox(Path(server.environment["ENVOI_DATA_DIR"]))
    return Trip(server, visit("person"), mailbox, read_sheet(CONTACTS, ","), read_sheet(LEADS, ";"), shop=shop)


@pytest.fixture
def person(trip: Trip) -> Person:
    return trip.person


@pytest.fixture(autouse=True)
def in_order(request: pytest.FixtureRequest) -> None:
    """A step whose ground is missing says so, and does not look for it."""
    if failed := request.node.getparent(pytest.Module).stash.get(FAILED, ""):
        pytest.fail(f"The trip ended in {failed}", pytrace=False)


def test_the_one_time_link_makes_the_administrator(trip: Trip, person: Person) -> None:
    person.enter(first_link(trip.server))
    person.fill(name="Ada Byron", email="ada@example.com", password=PASSWORD)
    person.page.get_by_label("Add sample data").uncheck()
    person.button("Start").click()
    person.heading("Overview")
    person.ready()
    expect(person.link("Mail goes to the catcher")).to_be_visible()
    assert person.page.goto(first_link(trip.server)).status == 404  # it works once
    person.go("/")


def test_contacts_come_from_a_spreadsheet_into_a_new_list(trip: Trip, person: Person) -> None:
    person.walk("Target Lists")
    person.link("Import").first.click()
    with person.downloading() as sample:
        person.link("Download a sample").click()
    assert "Email" in Path(sample[0].path()).read_text(encoding="utf-8-sig").splitlines()[0]
    choose_file(person, CONTACTS, "contact")
    person.fill(target="new", new_list=READERS)
    person.button("Continue to the columns").click()
    see_the_mapping(person)
    see_the_check(person, trip.contacts)
    take_the_problem_rows(person, trip.contacts)
    run_the_import(person, trip.contacts)
    trip.members += [Member("contact", one.normal, one.normal) for one in trip.contacts.people]
    person.link("Open the list").click()
    person.heading(READERS)
    person.sees_total(len(trip.members))


def test_leads_come_into_the_same_list(trip: Trip, person: Person) -> None:
    person.link("Import").click()
    choose_file(person, LEADS, "lead")
    person.button("Continue to the columns").click()
    see_the_check(person, trip.leads)
    run_the_import(person, trip.leads)
    trip.members += [Member("lead", one.normal, one.normal) for one in trip.leads.people]
    person.link("Open the list").click()
    person.sees_total(len(trip.members))


def choose_file(person: Person, path: Path, kind: str) -> None:
    """The first step: the file, read at once, and as whom its people come."""
    person.ready()
    person.page.locator("input[type='file']").set_input_files(path)
    expect(person.page.locator("#file-name")).to_have_text(path.name)
    person.fill(kind=kind)


def see_the_mapping(person: Person) -> None:
    """Proposed by the header; one column more is taken by hand, into a field of its own."""
    proposed = {"Prénom": "first_name", "Nom": "last_name", "E-mail": "address", "Langue": "language"}
    for column, becomes in proposed.items():
        expect(person.page.get_by_label(f"{column} becomes", exact=True)).to_have_value(becomes)
    person.page.get_by_label("Inscrit le becomes").select_option("fields.inscritLe")


def see_the_check(person: Person, sheet: Sheet) -> None:
    """What the import would do is what the oracle says, before anything is written."""
    assert result(person, "new") == len(sheet.people)
    assert result(person, "problems") == sum(sheet.counts.values())
    preview = person.page.get_by_role("region", name="What it will look like")
    expect(preview.get_by_text(sheet.people[0].address)).to_be_visible()


def take_the_problem_rows(person: Person, sheet: Sheet) -> None:
    """By group on the page; all of them, with row and reason, in the file."""
    panel = person.page.locator("#problem-rows")
    words = {"malformed": "Malformed", "twice": "Twice", "empty": "Empty", "row": "Row"}
    shown = {kind: panel.get_by_role("radio", name=re.compile(f"^{word}")) for kind, word in words.items()}
    assert {kind: number(tab.inner_text()) if tab.count() else 0 for kind, tab in shown.items()} == sheet.counts
    with person.downloading() as file:
        person.link("Download", panel).click()
    text = Path(file[0].path()).read_bytes().decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert {int(row[-2]) for row in rows} == sheet.wrong_rows
    assert header[-2:] == ["Row", "Problem"]
    assert all(row[-1] for row in rows)


def run_the_import(person: Person, sheet: Sheet) -> None:
    """The last two steps, each with its count on the button."""
    count = f"{len(sheet.people):,}"
    person.page.locator("#to-check").click()
    start = person.page.locator("#start-import")
    expect(start).to_contain_text(count)
    start.click()
    expect(person.page.get_by_role("alert").filter(has_text="Imported.")).to_be_visible(timeout=60_000)
    assert result(person, "new") == len(sheet.people)


def result(person: Person, name: str) -> int:
    shown = person.page.locator(f"#result-{name} dd")
    expect(shown).to_be_visible()
    return number(shown.inner_text())


def test_others_are_picked_by_hand_with_all_results_of_a_filter(trip: Trip, person: Person) -> None:
    """Accounts that the import made have no address, and whoever signs in is a recipient too."""
    accounts = sorted({one.company.casefold() for one in trip.contacts.people if one.company})
    if accounts:
        select(person, "Accounts", len(accounts))
        trip.members += [Member("account", name, "") for name in accounts]
    select(person, "Users", 1)
    trip.members.append(Member("user", "ada@example.com", "ada@example.com"))
    person.sees_total(len(trip.members))


def test_a_second_list_is_for_those_to_leave_out(trip: Trip, person: Person) -> None:
    """Whom a search finds by name or address, beyond the page; and a lead with a contact's address in another case."""
    aside = [one for one in trip.contacts.people if "example.net" in f"{one.first} {one.last} {one.address}".lower()]
    assert len(aside) > 25
    person.walk("Target Lists")
    person.button("Create target list").click()
    person.fill(person.dialog(), name=LEFT_ASIDE)
    person.button("Create target list", person.dialog()).click()
    person.heading(LEFT_ASIDE)
    select(person, "Contacts", len(aside), "example.net")
    select(person, "Leads", 1, "quotes@example.com")
    trip.excluded += [Member("contact", one.normal, one.normal) for one in aside]
    trip.excluded.append(Member("lead", "quotes@example.com", "quotes@example.com"))
    person.sees_total(len(trip.excluded))


def select(person: Person, kind: str, count: int, text: str = "") -> None:
    """*Select*: a kind, a search, all results; the button says how many."""
    person.page.locator("#select-people").click()
    dialog = person.page.locator("#select-dialog")
    person.link(kind, dialog).click()
    expect(person.link(kind, dialog)).to_have_attribute("aria-current", "true")
    if text:
        dialog.locator("[data-search]").fill(text)
    expect(dialog.locator(".foot [role='status']")).to_have_text(re.compile(rf"of {count:,}$"))
    dialog.locator("#select-all-results").click()
    add = dialog.locator("#add-to-list")
    expect(add).to_contain_text(f"{count:,}")
    add.click()
    expect(dialog).to_be_hidden()
    person.ready()


def test_the_administrator_sets_portion_and_limit_and_halts_the_job(trip: Trip, person: Person) -> None:
    person.walk("Outbound Emails")
    person.fill(portion_size=f"{trip.portion}", max_per_hour="20000", site_url=person.base)
    person.fill(from_name=SENDER, from_address="letter@atelier.example", company=SENDER)
    person.button("Save").click()
    person.told("Outbound Emails saved")
    person.walk("Scheduled Jobs")
    person.row("Send Mass Emails").get_by_role("switch").click()
    person.told("Send Mass Emails is Inactive")


def test_a_campaign_has_its_lists_and_a_tracking_url(trip: Trip, person: Person) -> None:
    person.walk("Campaigns")
    person.button("Create campaign").first.click()
    dialog = person.dialog()
    person.fill(dialog, name=CAMPAIGN, type="newsletter", status="active")
    person.choose("lists", READERS, inside=dialog)
    person.choose("excluded", LEFT_ASIDE, inside=dialog)
    person.button("Create campaign", dialog).click()
    person.link(CAMPAIGN, person.row(CAMPAIGN)).click()
    person.heading(CAMPAIGN)
    trip.campaign = person.path
    person.button("Create Tracking URL").first.click()
    person.fill(person.dialog(), name="The collection", url=trip.shop)
    person.page.locator("#save-tracking-url").click()
    code = person.page.locator("#tracking-code")
    expect(code).to_have_text(re.compile(r"^\{trackingUrl:[0-9a-f]{17}\}$"))
    trip.placeholder = code.inner_text()
    person.button("Close", person.dialog()).last.click()


def test_a_newsletter_of_real_weight_becomes_a_template(trip: Trip, person: Person, tmp_path: Path) -> None:
    letter = tmp_path / "letter.html"
    letter.write_text(newsletter(trip.placeholder))
    person.walk("Email Templates")
    person.link("New email template").first.click()
    person.fill(name=TEMPLATE, subject="News for {Person.firstName}")
    person.page.locator("input[data-source-file='html']").set_input_files(letter)
    expect(person.page.locator("#preview iframe, iframe").first).to_be_visible()
    person.page.locator("#save").click()
    expect(person.page).to_have_url(re.compile(r"/email-templates/\d+$"))


def newsletter(placeholder: str) -> str:
    """The heaviest of the samples with our placeholders: in their places in ours, in a paragraph on top in others."""
    source = max(NEWSLETTERS.glob("*.html"), key=lambda file: file.stat().st_size).read_text()
    if "{trackingUrl:CODE}" in source:
        return source.replace("{trackingUrl:CODE}", placeholder)
    top = (
        f'<p>Bonjour {{Person.firstName}},</p><p><a href="{placeholder}">Voir la collection</a> '
        '<a href="{optOutUrl}">Ne plus recevoir cette lettre</a></p>'
    )
    return re.sub(r"<body[^>]*>", lambda body: body[0] + top, source, count=1)


def test_a_mass_email_is_pending_and_says_why_nothing_is_sent(trip: Trip, person: Person) -> None:
    person.walk("Campaigns")
    person.link(CAMPAIGN, person.row(CAMPAIGN)).click()
    person.page.locator("#add-mass-email").click()
    person.heading("Create Mass Email")
    expect(person.page.locator("[name='status']")).to_have_value("pending")
    expect(person.page.locator("[name='start_at']")).not_to_have_value("")
    person.fill(template=TEMPLATE)
    person.button("Create Mass Email").click()
    expect(person.page).to_have_url(re.compile(r"/mass-emails/\d+$"))
    trip.mass_email = person.path
    expect(person.page.locator("#because")).to_contain_text("Inactive")


def test_a_test_goes_out_at_once_and_counts_nowhere(trip: Trip, person: Person) -> None:
    person.go(trip.campaign)
    person.row_menu(person.page.locator("#mass-emails [data-row]"), "Send Test")
    dialog = person.dialog("Send Test")
    expect(dialog.locator("input[type='hidden'][name='addresses']")).not_to_have_value("")
    dialog.get_by_role("combobox").fill("colleague@example.org")
    dialog.get_by_role("combobox").press("Enter")
    dialog.locator("#send-test").click()
    expect(dialog.locator("#test-results")).to_contain_text("2 sent, 0 refused")
    person.button("Close", dialog).last.click()
    tests = trip.mailbox.mails(tests=True)
    assert sorted(mail.recipient for mail in tests) == ["ada@example.com", "colleague@example.org"]
    assert trip.mailbox.count() == 0
    assert all(trip.shop not in mail.html for mail in tests)  # by way of the server, as everybody's


def test_who_gets_it_is_what_the_oracle_says_before(trip: Trip, person: Person) -> None:
    person.go(trip.mass_email)
    see_who_gets_it(person, trip.verdict)


def see_who_gets_it(person: Person, verdict: Verdict) -> None:
    """The waterfall on the page has the oracle's reasons and numbers, no more and no less."""
    expected = waterfall(verdict)
    lines = person.page.locator("#who-gets-it li")
    expect(lines).to_have_count(len(expected))
    words, counts = lines.locator(".lbl").all_inner_texts(), lines.locator(".v").all_inner_texts()
    shown = {re.sub(r", .*", "", word.strip()): number(count) for word, count in zip(words, counts, strict=True)}
    assert shown == expected


def waterfall(verdict: Verdict) -> dict[str, int]:
    words = {"no_address": "No address", "excluded": "Excluded", "opted_out": "Opted out", "duplicate": "Duplicate"}
    reasons = {words[reason]: -count for reason, count in verdict.left_out.items()}
    return {
        "Members of the target lists": verdict.chosen,
        "Left out": -sum(verdict.left_out.values()),
        **reasons,
        "Will receive": len(verdict.gets),
    }


def test_the_schedule_alone_starts_the_first_portion(trip: Trip, person: Person) -> None:
    person.walk("Scheduled Jobs")
    person.fill(scheduling="* * * * *")
    expect(person.page.locator("#schedule-words")).to_have_text("Every minute")
    person.page.locator("form").get_by_role("switch").check()
    person.button("Save schedule").click()
    person.told("Schedule of Send Mass Emails saved")
    person.go(trip.campaign)
    person.stays()
    under_way = person.page.locator("[data-mass-email]")
    expect(under_way.locator("[data-because]")).to_contain_text("next run of Send Mass Emails")
    expect(under_way).to_contain_text("Portion 1 of 3 done", timeout=90_000)
    timer = under_way.get_by_role("timer")
    expect(timer).to_be_visible()
    expect(timer).not_to_have_text(timer.inner_text())  # it counts down to the next one
    assert trip.mailbox.count() == trip.portion


def test_the_page_follows_two_more_portions_without_loading(trip: Trip, person: Person) -> None:
    jobs = person.tab()
    for sent in (2 * trip.portion, len(trip.verdict.gets)):
        jobs.go("/admin/scheduled-jobs")
        jobs.button("Run Send Mass Emails now").click()
        person.page.wait_for_function(SENT_AT_LEAST, arg=sent, timeout=90_000)
    expect(person.page.locator("#mass-emails [data-row]")).to_contain_text("Complete")
    expect(person.page.locator("#log .event").first).to_contain_text("Sent")
    expect(person.page.locator("#activity .js-plotly-plot .bars path").first).to_be_visible()
    assert person.stayed()
    jobs.go("/admin/scheduled-jobs")
    runs = jobs.page.get_by_role("table", name="Log of Send Mass Emails").locator("[data-row]")
    assert sum(trip.portion in numbers(row.inner_text()) for row in runs.all()) >= 2
    jobs.page.close()


SENT_AT_LEAST = """least => {
    const said = document.querySelector("#activity [role='img']")?.getAttribute("aria-label") ?? "";
    const [, sent] = said.match(/([0-9,]+) sent/) ?? [];
    return sent && Number(sent.replaceAll(",", "")) >= least;
}"""
"""The chart's sentence, which follows the campaign."""


def numbers(text: str) -> list[int]:
    return [int(found.replace(",", "")) for found in re.findall(r"\d[\d,]*", text)]


def test_everybody_got_it_once_and_nobody_else(trip: Trip) -> None:
    got = Counter(normal_form(recipient) for recipient in trip.mailbox.recipients())
    assert set(got) == trip.verdict.gets
    assert max(got.values()) == 1
    assert trip.mailbox.files() == len(got) + 2  # and the two tests


def test_every_message_is_that_persons_own(trip: Trip) -> None:
    first_names = {one.normal: one.first for one in [*reversed(trip.leads.people), *reversed(trip.contacts.people)]}
    first_names["ada@example.com"] = "Ada"
    links = set()
    for mail in trip.mailbox.mails():
        name = first_names[normal_form(mail.recipient)]
        assert f"Bonjour {name}," in one_line(html.unescape(re.sub(r"<[^>]+>", "", mail.html)))
        assert mail.message["Subject"].strip() == f"News for {name}".strip()
        assert mail.message["List-Unsubscribe"]
        assert "{optOutUrl}" not in mail.html or name == "{optOutUrl}"
        links |= {mail.link("Voir la collection"), mail.link("Ne plus recevoir")}
    assert len(links) == 2 * len(trip.verdict.gets)


def test_who_gets_it_is_what_the_oracle_said_after(trip: Trip, person: Person) -> None:
    person.go(trip.mass_email)
    see_who_gets_it(person, trip.verdict)
    expect(person.page.locator("#sums")).to_contain_text(f"{len(trip.verdict.gets):,}")


def test_open_click_and_opt_out_stand_in_the_log_at_once(trip: Trip, person: Person, visit: Visit) -> None:
    """Recipients read their mail in a browser of their own; the campaign's page stays open beside it."""
    person.go(trip.campaign)
    person.stays()
    reader = Reader(visit("reader", color_scheme="dark", user_agent=AGENT), trip)
    opens, clicks, leaves, both = trip.readers
    reader.read(opens.normal)
    see_in_log(person, opens, "Opened")
    reader.read(clicks.normal)
    reader.click()
    see_in_log(person, clicks, "Clicked · The collection")
    reader.read(leaves.normal)
    reader.click()
    reader.opt_out()
    see_in_log(person, leaves, "Opted Out")
    reader.read(both.normal)
    reader.click()
    see_in_log(person, both, "Clicked · The collection")
    assert person.stayed()


AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
"""What a browser with a person before it says of itself."""


class Reader:
    """A recipient with a mail program that shows pictures and opens links in the browser."""

    def __init__(self, person: Person, trip: Trip) -> None:
        self.person, self.page = person, person.page
        self.shop, self.mails = trip.shop, {normal_form(mail.recipient): mail for mail in trip.mailbox.mails()}
        self.mail = next(iter(self.mails.values()))
        person.context.route(re.compile(r"https://.*"), lambda route: route.abort())  # nothing leaves the machine

    def read(self, address: str) -> None:
        """Open the mail in a window of its own; its pictures load."""
        self.mail = self.mails[address]
        self.page.close()
        self.page = self.person.context.new_page()
        with self.page.expect_response(re.compile("/o/")):
            self.page.set_content(self.mail.html)

    def click(self) -> None:
        """Follow the link of the tracking URL to where it leads."""
        self.page.goto(self.mail.link("Voir la collection"))
        assert self.page.url == self.shop

    def opt_out(self) -> None:
        """The link asks, the button acts."""
        self.page.goto(self.mail.link("Ne plus recevoir"))
        expect(self.page.get_by_text(READERS)).to_be_visible()
        self.page.get_by_role("button").click()
        expect(self.page.locator(".done")).to_be_visible()


def see_in_log(person: Person, someone: Someone, words: str) -> None:
    """The newest events of the Log panel have this one."""
    line = person.page.locator("#log .event").filter(has_text=f"{someone.first} {someone.last}".strip())
    expect(line.filter(has_text=words).first).to_be_visible()


def test_the_log_is_filtered_to_those_who_clicked(trip: Trip, person: Person) -> None:
    _, clicks, leaves, both = trip.readers
    person.walk("Log")
    person.page.get_by_role("navigation", name="Views").get_by_role("link", name="Clicked", exact=True).click()
    expect(person.page.locator("#counts")).to_contain_text("3 people match, in 3 records")
    shown = {normal_form(row.locator("td").nth(3).inner_text()) for row in person.page.locator("[data-row]").all()}
    assert shown == {clicks.normal, leaves.normal, both.normal}
    with person.downloading() as file:
        person.page.locator("#export").click()
    rows = list(csv.DictReader(io.StringIO(Path(file[0].path()).read_bytes().decode("utf-8-sig"))))
    assert {normal_form(row["address"]) for row in rows} == shown
    assert {row["action"] for row in rows} == {"Clicked"}


def test_the_log_panels_menu_makes_a_target_list_of_those_who_clicked(trip: Trip, person: Person) -> None:
    """Who opted out is left out, unless asked for."""
    person.go(trip.campaign)
    person.page.locator("#log-menu").click()
    person.page.get_by_role("menuitem", name="Create target list…").click()
    dialog = person.dialog()
    dialog.get_by_role("radiogroup", name="Clicked").get_by_role("radio", name="Include").click()
    expect(dialog.locator("#create-list")).to_contain_text("2 people")
    person.fill(dialog, name="Interested")
    dialog.get_by_label("Open the list afterwards").check()
    dialog.locator("#create-list").click()
    person.heading("Interested")
    person.ready()
    person.sees_total(2)


def test_a_persons_page_tells_what_happened(trip: Trip, person: Person) -> None:
    _, clicks, *_ = trip.readers
    person.link(f"{clicks.first} {clicks.last}", person.row(clicks.address)).click()
    person.heading(f"{clicks.first} {clicks.last}")
    timeline = person.page.locator("#timeline")
    for happened in ("Sent", "Opened", "Clicked"):
        expect(timeline.locator("li").filter(has_text=happened).first).to_be_visible()
    expect(timeline).to_contain_text("The collection")


def test_who_opted_out_is_left_out_of_the_next_one(trip: Trip, person: Person) -> None:
    person.go(trip.campaign)
    person.page.locator("#add-mass-email").click()
    person.fill(name="Once more", template=TEMPLATE, status="draft")
    person.button("Create Mass Email").click()
    expect(person.page).to_have_url(re.compile(r"/mass-emails/\d+$"))
    leaves = trip.readers[2]
    verdict = decide([trip.members], [trip.excluded], [(leaves.normal, 0)])
    assert verdict.left_out["opted_out"] == 1
    see_who_gets_it(person, verdict)
    expect(person.page.locator("#because")).to_contain_text("Draft")
