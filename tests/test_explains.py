"""Every page says in one sentence what it is for; files and fragments say nothing."""

import pytest
from django.utils.translation import override

from essaim.models import User
from essaim.views import Page
from tests.conftest import signed_in
from tests.shown import shows_a_page, views

pytestmark = pytest.mark.one_engine

PAGES = sorted(
    {view for _name, view in views() if view and shows_a_page(view)}, key=lambda c: c.__qualname__
)


def wrong_with(words: str, title: str) -> str:
    """What is wrong with a sentence, "" when it is one."""
    if not 20 <= len(words) <= 140:
        return "too short or too long"
    if not words.endswith((".", "?")):
        return "no sentence"
    # A second full sentence would be read by nobody.
    return "too many sentences" if words.count(". ") > 1 or words == title else ""


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_page_explains_itself_in_one_sentence(language: str) -> None:
    assert len(PAGES) > 280
    with override(language):
        fixed = [v for v in PAGES if v.get_explains is Page.get_explains]
        faults = {
            f"{v.__module__}.{v.__name__}": f"{why}: {v.explains}"
            for v in fixed
            if (why := wrong_with(str(v.explains), str(v.title)))
        }
    assert faults == {}


def test_the_sentence_stands_under_the_title(ada: User) -> None:
    page = signed_in(ada).get("/coops/").content.decode()
    assert page.count('class="explains"') == 1
    assert page.index("<h1>") < page.index('class="explains"')
