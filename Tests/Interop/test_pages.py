"""The pages lead where they say, and every page and target can be found from them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "spec").glob("*.md"))]
INDEX = ROOT / "spec/README.md"


def links(page):
    """The files that a page links to, with the heading of each."""
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if not re.match(r"[a-z]+:", target):
            path, _, heading = target.partition("#")
            yield (page.parent / path).resolve() if path else page, heading


def headings(page):
    """What links to the headings of a page are called."""
    for title in re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE):
        yield re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target, heading in links(page):
        assert target.exists(), target
        assert not heading or heading in headings(target), f"{target.name}#{heading}"


def test_the_index_links_to_every_page():
    assert set(PAGES) - {target for target, _ in links(INDEX)} == {ROOT / "README.md", INDEX}


def test_the_readme_links_to_every_guide_and_the_index():
    guides = set((ROOT / "Sources/nnfmt/nnfmt.docc").glob("[A-Z]*.md"))
    assert guides and {*guides, INDEX} <= {target for target, _ in links(ROOT / "README.md")}


def test_every_target_is_described():
    targets = re.findall(r"arget\(\s*name: \"(\w+)\"|systemLibrary\(\s*name: \"(\w+)\"", (ROOT / "Package.swift").read_text())
    described = set(re.findall(r"\w+", (ROOT / "spec" / "contributing.md").read_text()))
    assert len(targets) > 20
    assert {a or b for a, b in targets} - described == set()
