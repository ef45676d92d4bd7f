"""The kit's rules: what an address may ask, how typed text is read, how numbers become shapes, which states exist."""

from datetime import UTC, date, datetime
from enum import StrEnum

import pytest
import reflex as rx

from dashboard import routes, ui
from dashboard.campaigns.list_page import SPEC, campaigns_page
from dashboard.ui.chart import chart
from dashboard.ui.chart_data import COLORS, LINES, bars, line, plot
from dashboard.ui.navigation import GROUPS
from dashboard.ui.status import STATES
from models.campaign import CampaignStatus
from models.errors import Invalid
from models.log_table import Action
from models.mass_email import LeftOutReason, MassEmailStatus
from models.queue_table import ItemState
from models.recipient import Kind


@pytest.mark.parametrize("states", [CampaignStatus, MassEmailStatus, Action, ItemState, LeftOutReason, Kind])
def test_every_state_of_the_domain_has_icon_ink_and_word(states: type[StrEnum]):
    for state in states:
        assert state.value in STATES, state
        ui.status(state.value)


# --- the address is the one source of a list ---


def test_an_address_is_read_back_as_it_was_written():
    asked = SPEC.read({"q": "été & co", "status": "complete", "dates": "2026-09-01..", "sort": "-sent", "page": "3"})
    written = SPEC.address(asked)
    assert written == "/campaigns?q=%C3%A9t%C3%A9+%26+co&status=complete&dates=2026-09-01..&sort=-sent&page=3"
    assert asked.dates("dates") == (date(2026, 9, 1), None)
    assert asked.get("status") == "complete"


def test_what_is_as_usual_is_left_out_of_the_address():
    assert SPEC.address(SPEC.read({})) == routes.CAMPAIGNS
    assert SPEC.address(SPEC.read({}), "/campaigns/4") == "/campaigns/4"


@pytest.mark.parametrize(
    "query",
    [
        {"sort": "deleted_at"},
        {"sort": "name; drop table"},
        {"status": "' or 1=1"},
        {"list": "1 or 1"},
        {"list": "٣"},
        {"dates": "yesterday..today"},
        {"page": "-1"},
        {"page": "1e9"},
        {"size": "1000000"},
        {"unknown": "x"},
    ],
)
def test_an_address_cannot_ask_for_more_than_the_list_offers(query):
    assert SPEC.read(query) == SPEC.read({})


def test_text_is_cut_and_pages_are_bounded():
    asked = SPEC.read({"q": "a\0" + "x" * 500, "page": "99999999999"})
    assert len(asked.text) == 120
    assert "\0" not in asked.text
    assert asked.page == 100_000


# --- typed text ---


def test_typed_text_is_read_in_either_languages_way():
    typed = ui.Typed(
        {"a": "1,000", "b": "1\u202f000", "c": "1 200,50", "d": "12.5", "e": "", "f": "2026-09-08T08:30", "g": "on"}
    )
    assert (typed.whole("a"), typed.whole("b"), typed.whole("e")) == (1000, 1000, None)
    assert (typed.cents("c"), typed.cents("d")) == (120050, 1250)
    assert typed.moment("f", "Europe/Paris") == datetime(2026, 9, 8, 6, 30, tzinfo=UTC)
    assert typed.on("g")
    assert not typed.on("missing")
    typed.check()


def test_what_cannot_be_read_is_said_beside_each_field_at_once():
    typed = ui.Typed({"number": "many", "amount": "1.234", "day": "8/9/2026", "kind": "pigeon"})
    read = typed.whole("number"), typed.cents("amount"), typed.day("day"), typed.choice("kind", Kind)
    assert read == (None, None, None, None)
    with pytest.raises(Invalid) as refused:
        typed.check()
    assert {name: problem.key for name, problem in refused.value.problems.items()} == {
        "number": "errors.not_a_number",
        "amount": "errors.not_an_amount",
        "day": "errors.not_a_date",
        "kind": "errors.unknown_choice",
    }


def test_a_form_survives_what_a_hostile_browser_sends():
    typed = ui.Typed({"name": {"a": 1}, "ids": f"1,2,x,-3,٣,{'9' * 30},{'9' * 5000}", "list": [1], "n": 5})
    assert (typed.text("name"), typed.text("list"), typed.text("n")) == ("", "", "")
    assert typed.ids("ids") == [1, 2]


# --- shapes ---


@pytest.mark.parametrize(
    ("done", "planned", "cells"),
    [
        (0, 3, ["next", "todo", "todo"]),
        (2, 3, ["", "", "next"]),
        (3, 3, ["", "", ""]),
        (0, 0, []),
    ],
)
def test_each_portion_is_a_cell(done, planned, cells):
    assert ui.portion_cells(done, planned) == cells


def test_above_sixty_a_cell_is_several_portions():
    cells = ui.portion_cells(100, 200)
    assert len(cells) == 50
    assert cells.count("") == 25


def test_reasons_have_a_scale_of_their_own():
    assert ui.shares(1000, [10, 40], 950) == (100.0, [25.0, 100.0], 95.0)
    assert ui.shares(0, [], 0) == (0.0, [], 0.0)


@pytest.mark.parametrize(("most", "steps"), [(0, {"dtick": 1}), (3, {"dtick": 1}), (4, {}), (4000, {})])
def test_a_chart_of_people_has_no_tick_between_two_whole_numbers(most: int, steps: dict[str, int]) -> None:
    assert plot(line("opened", [1, 2, 3], [0, None, most], "Opened"))["layout"]["yaxis"] == steps


@pytest.mark.parametrize("series", LINES)
def test_a_legend_shows_each_line_as_it_is_drawn(series: str) -> None:
    legend = str(chart(rx.Var("drawn"), "What it shows", legend=[(series, "line", "What it is")]))
    assert "strokeDasharray" in legend
    assert {series} <= COLORS["light"].keys() & COLORS["dark"].keys()


def test_a_chart_labels_its_last_known_point_and_names_its_colours():
    figure = plot(bars("sent", [1, 2], [5, 6], "Sent"), line("opened", [1, 2, 3], [1, 4, None], "Opened 4"))
    (label,) = figure["layout"]["annotations"]
    assert (label["x"], label["y"], label["text"]) == (2, 4, "Opened 4")
    assert figure["data"][0]["marker"]["color"] == "@sent"
    assert COLORS["light"].keys() == COLORS["dark"].keys()


def test_a_preview_loads_nothing_from_outside():
    assert "default-src 'none'" in ui.sealed("<p>x</p>")


# --- pages ---


def test_the_sidebar_names_each_page_once_and_each_letter_once():
    entries = [entry for _, group in GROUPS for entry in group]
    letters = [entry.go for entry in entries if entry.go]
    assert len({entry.route for entry in entries}) == len(entries)
    assert len(set(letters)) == len(letters)


def test_the_campaigns_page_is_drawn_with_one_primary_act():
    drawn = str(campaigns_page().render())
    assert "btn pri" in drawn
    assert "data-key" in drawn
