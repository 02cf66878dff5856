"""No test may touch the learner's own folder, whatever it forgets to say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def home_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("STUDYAPP_HOME", str(tmp_path_factory.mktemp("home")))
        yield
