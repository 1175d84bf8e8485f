"""What axe finds wrong with a page in either theme, every impact."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from tests.browser.chromium import GROUND, settle

_AXE = Path(__file__).parent / "axe.min.js"

# What Streamlit's own elements are found guilty of, in any page: rule → part of the element's HTML. Ours must
# not appear here. Its uploader's place to drop files on has both a role that says "ignore me" and a name (impact
# minor), what a popover holds lies outside the page's landmarks (impact moderate), and what is
# chosen in its multiselect is white on the theme's primary colour, which is light in the dark theme (impact serious).
STREAMLITS_OWN: dict[str, str] = {
    "presentation-role-conflict": 'data-testid="stFileUploaderDropzone"',
    "region": 'data-rac=""',
    "color-contrast": '<span title="',
}


def violations(page: Page) -> list[str]:
    """What it finds in what is on the screen now, in the theme that is seen and in the other, but for Streamlit's own.

    The page has the other theme afterwards, as somebody has it whose device turns dark in the evening.
    """
    page.add_script_tag(path=_AXE)
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    found = _violations(page)
    other = "light" if dark else "dark"
    page.emulate_media(color_scheme=other)
    page.wait_for_function(
        "ground => getComputedStyle(document.querySelector('.stApp')).backgroundColor === ground", arg=GROUND[other]
    )
    settle(page)
    return found + _violations(page)


def _violations(page: Page) -> list[str]:
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{violation['id']}: {node['html'][:300]} {node['failureSummary'][:300]}"
        for violation in found["violations"]
        for node in violation["nodes"]
        if STREAMLITS_OWN.get(violation["id"], "\0") not in node["html"]
    ]
