"""The line above a question: what it shows, in its colours, and that a line painted before is not painted again."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.content import Content
from textual.geometry import Region
from textual.visual import Visual

from studyapp.widgets.title_line import TitleLine


class LineApp(App[None]):
    CSS = "TitleLine { margin: 0 1; }"

    def compose(self) -> ComposeResult:
        yield TitleLine()


def drawn(line: TitleLine) -> list[tuple[str, str]]:
    (strip,) = line.render_lines(line.outer_size.region)
    return [(segment.text, str(segment.style)) for segment in strip]


async def test_it_shows_its_line_as_wide_as_it_is_and_cuts_what_is_longer() -> None:
    async with LineApp().run_test(size=(20, 3)) as pilot:
        line = pilot.app.query_one(TitleLine)
        line.show(Content("a topic"))
        assert "".join(text for text, _ in drawn(line)) == "a topic".ljust(18)
        line.show(Content("a topic with a very long name"))
        assert "".join(text for text, _ in drawn(line)) == "a topic with a ver"
        assert line.render_lines(Region(2, 0, 5, 1))[0].text == "topic"


async def test_the_same_words_in_another_style_are_drawn_anew() -> None:
    async with LineApp().run_test(size=(20, 3)) as pilot:
        line = pilot.app.query_one(TitleLine)
        line.show(Content.styled("topic", "red"))
        red = drawn(line)
        line.show(Content.styled("topic", "blue"))
        assert drawn(line) != red


async def test_another_theme_gives_other_colours() -> None:
    async with LineApp().run_test(size=(20, 3)) as pilot:
        line = pilot.app.query_one(TitleLine)
        line.show(Content.styled("topic", "$text-primary"))
        before = drawn(line)
        pilot.app.theme = "textual-light"
        await pilot.pause()
        assert drawn(line) != before


async def test_what_was_prepared_is_only_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    async with LineApp().run_test(size=(20, 3)) as pilot:
        line = pilot.app.query_one(TitleLine)
        line.prepare(Content("next"))
        monkeypatch.setattr(Visual, "to_strips", None)  # so that nothing can be painted any more
        line.show(Content("next"))
        assert drawn(line)[0][0].startswith("next")
