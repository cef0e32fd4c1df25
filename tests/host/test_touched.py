"""The inner loop runs the tests of what was touched."""

import pytest

from tools.touched import ALWAYS, paths_for


@pytest.mark.parametrize(
    ("files", "wanted"),
    [
        ([], set()),
        (["README.md", "docs/map.md"], set()),
        (["cordee/broker/rules/waves.py"], {"tests/broker"}),
        (
            ["cordee/broker/models.py", "tests/people/test_circle.py"],
            {"tests/broker", "tests/people"},
        ),
        (["config/settings.py"], {"tests/host"}),
        (["host/run.py"], {"tests/host"}),
        (["tests/browser/test_tour.py", "tests/factories/people.py"], set()),
        (["cordee/nothing/here.py"], set()),
    ],
)
def test_a_file_brings_the_paths_for_its_room(files, wanted):
    assert set(paths_for(files)) == wanted | set(ALWAYS)
