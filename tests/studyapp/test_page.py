"""The page of a worksheet: what it shows, where it scrolls to, what is copied from it, and that it lays nothing out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from standins import HandClock
from textual._compositor import Compositor
from textual.app import App, ComposeResult
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.selection import SELECT_ALL, Selection

from studyapp.app import StudyApp
from studyapp.sheet_parts import Part
from studyapp.widgets.page import Page

LONG = "\n\n".join(f"Paragraph {n}." for n in range(30))


class PageApp(App[None]):
    """A page and nothing else."""

    CSS = "Page { height: 1fr; }"

    def compose(self) -> ComposeResult:
        yield Page()


def lines(pilot: Pilot[None]) -> list[str]:
    """What stands on the page, line by line."""
    page = pilot.app.query_one(Page)
    return [strip.text.rstrip() for strip in page.render_lines(page.outer_size.region)]


async def test_parts_stand_below_each_other_the_second_below_a_rule() -> None:
    async with PageApp().run_test(size=(40, 12)) as pilot:
        page = pilot.app.query_one(Page)
        page.show(Part("question", "Why?"), Part("nothing", ""), Part("answer", "So."), Part("source", "A book"))
        assert lines(pilot)[:8] == ["", "  Why?", "", "  " + "─" * 35, "", "  So.", "", "  A book"]
        assert (page.text("answer"), page.text("nothing")) == ("So.", "")
        page.show(Part("question", "Next?"))
        assert [line for line in lines(pilot) if line] == ["  Next?"]


async def test_it_scrolls_to_a_part_and_never_beyond_the_end() -> None:
    async with PageApp().run_test(size=(40, 12)) as pilot:
        page = pilot.app.query_one(Page)
        page.show(Part("question", LONG), Part("answer", LONG))
        page.to_part("answer")
        assert lines(pilot)[0].startswith("  Paragraph 0.")
        page.scroll_end(animate=False)
        await pilot.pause()
        assert any("Paragraph 29." in line for line in lines(pilot))
        page.show(Part("question", "Short."))
        assert "  Short." in lines(pilot)


async def test_the_thumb_is_there_where_something_is_out_of_view_and_can_be_dragged() -> None:
    async with PageApp().run_test(size=(40, 12)) as pilot:
        page = pilot.app.query_one(Page)
        page.show(Part("question", "Short."))
        assert not any("█" in line for line in lines(pilot))
        page.show(Part("question", LONG))
        bar = [line.endswith("█") for line in lines(pilot)]
        assert bar == sorted(bar, reverse=True)
        assert any(bar)
        await pilot.mouse_down(Page, offset=(39, 11))
        await pilot.mouse_up(Page, offset=(39, 11))
        assert page.scroll_offset.y == page.max_scroll_y
        assert lines(pilot)[-1].endswith("█")


async def test_text_is_selected_as_it_is_written() -> None:
    async with PageApp().run_test(size=(40, 12)) as pilot:
        page = pilot.app.query_one(Page)
        page.show(Part("question", "First line.\n\n$x^2$ second."))
        start, end = Offset(6, 1), Offset(4, 3)
        assert page.get_selection(Selection(start, end))[0] == "line.\n\nx² s"
        marked = page.screen.get_component_rich_style("screen--selection").bgcolor
        page.screen.selections = {page: Selection(start, end)}
        segments = [segment for strip in page.render_lines(page.outer_size.region) for segment in strip]
        selected = [segment for segment in segments if segment.style.bgcolor == marked]  # type: ignore[union-attr]
        assert "".join(segment.text for segment in selected) == "line.x² s"
        assert all(segment.style.color not in (None, marked) for segment in selected)  # type: ignore[union-attr]
        assert "First line." in page.get_selection(SELECT_ALL)[0]


async def test_what_was_prepared_is_what_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    async with PageApp().run_test(size=(40, 12)) as pilot:
        page = pilot.app.query_one(Page)
        question, answer = Part("question", "Why $a_t$?"), Part("answer", "**So.**")
        page.prepare(question, answer)
        with monkeypatch.context() as fails:
            fails.setattr("studyapp.widgets.page.content", None)  # so that nothing can be painted any more
            page.show(question, answer)
        assert "  So." in lines(pilot)
        await pilot.resize_terminal(30, 12)  # but for another width everything is laid out anew
        assert "  " + "─" * 25 in lines(pilot)


async def test_another_theme_colours_it_anew() -> None:
    async with PageApp().run_test(size=(40, 12)) as pilot:
        page = pilot.app.query_one(Page)
        page.show(Part("question", "Why?"))
        before = page.render_lines(page.outer_size.region)[1]
        pilot.app.theme = "textual-light"
        await pilot.pause()
        after = page.render_lines(page.outer_size.region)[1]
        assert after.text == before.text
        assert after != before


@pytest.fixture
def reflows(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by one with every layout."""
    seen: list[str] = []
    reflow: Callable[..., Any] = Compositor.reflow

    def counting(self: Compositor, *given: Any) -> Any:
        seen.append(str(given))
        return reflow(self, *given)

    monkeypatch.setattr(Compositor, "reflow", counting)
    return seen


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (140, 40)])
async def test_nothing_is_laid_out_from_card_to_card(
    make: Any, clock: HandClock, reflows: list[str], size: tuple[int, int]
) -> None:
    place = make(cards=6, drills=0)
    studyapp = StudyApp(place.library, place.log, clock, place.solver)  # type: ignore[arg-type]
    async with studyapp.run_test(size=size) as pilot:
        await pilot.press("enter", "space", "3")
        await pilot.pause()
        reflows.clear()
        for _ in range(3):
            await pilot.press("space", "3")
            await pilot.pause()
        assert studyapp.screen.query_one(Page).text("question")
        assert reflows == []
