"""How the chat page looks: on narrow screens, above a keyboard, in both colour schemes."""

import pytest
from playwright.async_api import expect

from tests.browser.chat_page import PHONE, Visit, type_and_send

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_the_field_stays_above_a_keyboard_that_covers_the_page(visit: Visit) -> None:
    page = await visit()
    cover = """(height) => {
      Object.defineProperty(visualViewport, "height", {value: height, configurable: true});
      visualViewport.dispatchEvent(new Event("resize"));
      return document.getElementById("words").getBoundingClientRect().bottom;
    }"""
    assert await page.evaluate(cover, 430) <= 430
    assert await page.evaluate("document.body.style.height") == "430px"
    assert await page.evaluate(cover, PHONE["height"]) > 430


@pytest.mark.parametrize("width", [320, 390, 1280])
async def test_nothing_scrolls_sideways_and_targets_fit_a_glove(visit: Visit, width: int) -> None:
    page = await visit(
        viewport={"width": width, "height": 720},
        permissions=["geolocation"],
        geolocation={"latitude": 40.833, "longitude": 111.696},
        locale="en-GB" if width == 320 else "zh-CN",
    )
    await page.click("#locate")
    await expect(page.locator(".with-places")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await page.evaluate("log.scrollWidth <= log.clientWidth")
    small = await page.evaluate(
        "[...document.querySelectorAll('button, .link, textarea')]"
        ".filter((node) => node.checkVisibility())"
        ".filter((node) => node.getBoundingClientRect().height < 48).map((node) => node.outerHTML)"
    )
    assert small == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_colours_have_contrast_in_both_schemes(visit: Visit, scheme: str) -> None:
    page = await visit(color_scheme=scheme)
    await type_and_send(page, "东胜")
    await expect(page.get_by_text("听到 东胜")).to_be_visible()
    ground = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (luminance(ground) < 0.1) == (scheme == "dark")
    pairs = await page.evaluate(
        """[...document.querySelectorAll(
          'h1, #status, .theirs p, .mine p, .chip, #locate, #choose, #words'
        )].map((node) => {
          let behind = node;
          const clear = 'rgba(0, 0, 0, 0)';
          while (getComputedStyle(behind).backgroundColor === clear) behind = behind.parentElement;
          return [node.id || node.tagName, getComputedStyle(node).color,
                  getComputedStyle(behind).backgroundColor];
        })"""
    )
    assert len(pairs) >= 8
    for name, ink, paper in pairs:
        light, dark = sorted((luminance(ink), luminance(paper)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, name


async def test_the_page_speaks_the_browsers_language(visit: Visit) -> None:
    page = await visit(locale="en-GB")
    assert await page.get_attribute("html", "lang") == "en"
    await expect(page.get_by_role("button", name="Send my location")).to_be_visible()
    page = await visit(locale="zh-CN")
    assert await page.get_attribute("html", "lang") == "zh-CN"
    await expect(page.get_by_role("log", name="对话")).to_have_attribute("aria-live", "polite")


def luminance(colour: str) -> float:
    """Relative luminance of an `rgb(…)` colour (WCAG 2.2)."""
    channels = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
