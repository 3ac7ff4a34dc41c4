"""The HTML report in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

from tests.support import comparisons, reports, summaries
from tests.support.browsing import all_of, log, one, press, requested
from tracker.publish.comparing import html as comparing_html
from tracker.publish.deployment.html import render as summary_page
from tracker.publish.deployment.speedups import against_commit
from tracker.publish.html import render
from tracker.publish.report import Report

WIDTH = "return document.documentElement.scrollWidth"

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def open_page(browser: Chrome, tmp_path: Path) -> Iterator[Callable[[str], Chrome]]:
    """Opens a page; afterwards it must have been silent and off the network."""

    def opened(page: str) -> Chrome:
        path = tmp_path / "berichte für heute" / "report.html"
        path.parent.mkdir()
        path.write_text(page, encoding="utf-8")
        browser.get("about:blank")
        log(browser, "browser")
        log(browser, "performance")
        browser.get(path.as_uri())
        return browser

    yield opened
    assert log(browser, "browser") == []
    schemes = {url.partition(":")[0] for url in requested(browser)}
    assert schemes - {"about", "data"} == {"file"}


@pytest.fixture
def show(open_page: Callable[[str], Chrome]) -> Callable[[Report], Chrome]:
    return lambda report: open_page(render(report))


@contextmanager
def on_a_phone(browser: Chrome) -> Iterator[None]:
    metrics = {"width": 375, "height": 740, "deviceScaleFactor": 2, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        yield
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_findings_come_first(show: Callable[[Report], Chrome]) -> None:
    browser = show(reports.releases())
    cards = all_of(browser, ".card")
    assert [card.find_element(By.CSS_SELECTOR, ".kind").text for card in cards] == [
        "REGRESSION",
        "REGRESSION",
        "FAILED",
        "IMPROVEMENT",
    ]
    assert "+40.0 %" in cards[0].text
    assert "<script>alert(1)</script>" in cards[0].text
    assert cards[0].location["y"] < one(browser, "#all").location["y"]
    WebDriverWait(browser, 60).until(lambda _: len(all_of(browser, ".card canvas")) == 4)
    assert "axis from 5.52 ms, not from zero" in cards[0].text
    plot, canvas = (cards[0].find_element(By.CSS_SELECTOR, css) for css in (".u-over", "canvas"))
    below = canvas.rect["y"] + canvas.rect["height"] - plot.rect["y"] - plot.rect["height"]
    assert below >= 6  # half a line of the text at the lowest tick
    assert "does not build" in one(browser, ".failures").text


def test_the_filter_narrows_the_table(show: Callable[[Report], Chrome]) -> None:
    browser = show(reports.releases())
    assert len(all_of(browser, "tbody tr")) == 6
    one(browser, "#filter").send_keys("refs instr")
    assert [row.text.split("\n")[0] for row in all_of(browser, "tbody tr")] == [
        "validate[schema=refs]"
    ]
    assert one(browser, "#count").text == "1 of 6"


def test_a_click_on_a_heading_sorts(show: Callable[[Report], Chrome]) -> None:
    browser = show(reports.releases())

    def first() -> str:
        return all_of(browser, "tbody tr")[0].text

    heading = next(th for th in all_of(browser, "th button") if th.text.startswith("Since first"))
    heading.click()
    assert first().startswith("validate[schema=refs]")
    heading.click()
    assert first().startswith("errors")
    assert one(browser, "th[aria-sort=ascending]").text.startswith("Since first")


def test_a_series_opens_tells_and_closes(show: Callable[[Report], Chrome]) -> None:
    browser = show(reports.releases())
    one(browser, ".card button.name").click()
    dialog = one(browser, "dialog")
    assert dialog.is_displayed()
    assert one(browser, "#series-title").text == "validate[schema=refs]"
    assert "not at zero" in dialog.text
    readout = one(browser, ".readout").text
    assert "Use the `referencing` library" in readout
    assert "5 processes" in readout
    assert one(browser, ".readout a").get_attribute("href") == (
        f"https://git.example.org/jsonschema/commit/{reports.commit(7).sha}"
    )
    over = one(browser, "dialog .u-over")
    ActionChains(browser).move_to_element_with_offset(
        over, -over.size["width"] // 2 + 5, 0
    ).perform()
    tip = one(browser, ".tip")
    assert "v4.11.0" in tip.text
    assert "Ada Byron · 2022-08-01" in tip.text
    assert "interval" in tip.text
    one(browser, ".zero input").click()
    assert "starts at zero" in one(browser, ".chart-bar").text
    press(browser, Keys.ESCAPE)
    WebDriverWait(browser, 60).until(lambda _: not dialog.is_displayed())


def test_a_drag_compares_two_commits(show: Callable[[Report], Chrome]) -> None:
    browser = show(reports.releases())
    one(browser, ".card button.name").click()
    over = one(browser, "dialog .u-over")
    half = over.size["width"] // 2
    drag = ActionChains(browser).move_to_element_with_offset(over, -half + 6, 0)
    drag.click_and_hold().move_by_offset(half, 5).move_by_offset(half - 12, 0).release().perform()
    comparison = one(browser, ".comparison").text
    for part in (
        "v4.11.0",
        "v4.25.0",
        "lie apart",
        "13 commits lie between them",
        "ms, 5 processes",
    ):
        assert part in comparison
    assert "+5" in comparison


def test_keys_walk_through_the_findings(show: Callable[[Report], Chrome]) -> None:
    browser = show(reports.releases())

    def here() -> str | None:
        return browser.switch_to.active_element.get_attribute("data-finding")

    press(browser, "j")
    assert here() == "0"
    press(browser, "j", "j", "k")
    assert here() == "1"
    press(browser, Keys.ENTER)
    assert "+11.2 %" in one(browser, "dialog").text
    press(browser, "j", "j")
    assert one(browser, "#series-title").text == "errors"
    press(browser, Keys.ESCAPE)
    WebDriverWait(browser, 60).until(lambda _: here() == "3")


def test_light_and_dark(show: Callable[[Report], Chrome]) -> None:
    browser = show(reports.releases())

    def background() -> Any:
        return browser.execute_script("return getComputedStyle(document.body).backgroundColor")

    before = background()
    one(browser, ".theme").click()
    assert background() != before


@pytest.mark.parametrize("make", [reports.quiet, reports.single, reports.empty])
def test_little_to_show(show: Callable[[Report], Chrome], make: Callable[[], Report]) -> None:
    browser = show(make())
    assert all_of(browser, ".card") == []
    assert one(browser, "#findings").text
    for row in all_of(browser, "tbody tr"):
        row.click()
        assert one(browser, "dialog").is_displayed()


def test_scaling_curves(show: Callable[[Report], Chrome]) -> None:
    browser = show(reports.scaling())
    card = one(browser, ".card")
    assert "batch 8 and up" in card.text
    assert "batch=16" not in card.text
    one(browser, ".card .points summary").click()
    assert "forward[batch=16,dtype=f32]" in card.text
    assert not one(browser, "dialog").is_displayed()
    browser.execute_script("document.getElementById('scaling').scrollIntoView()")
    WebDriverWait(browser, 60).until(lambda _: len(all_of(browser, ".curve canvas")) == 3)
    assert "killed for its memory from batch 64" in one(browser, ".curve").text
    one(browser, ".curve details summary").click()
    all_of(browser, ".curve-table tbody tr")[5].click()
    assert one(browser, "#series-title").text == "forward[batch=32,dtype=f32]"


def test_the_curves_of_a_comparison(browser: Chrome, tmp_path: Path) -> None:
    path = tmp_path / "comparison.html"
    path.write_text(comparing_html.render(comparisons.scaled()), encoding="utf-8")
    browser.get(path.as_uri())
    # no latency: percentiles are those of a report
    WebDriverWait(browser, 60).until(lambda _: len(all_of(browser, ".curve-chart canvas")) == 2)
    one(browser, "tbody summary").click()
    assert len(all_of(browser, ".points li")) == 3
    one(browser, ".theme").click()
    assert len(all_of(browser, ".curve-chart canvas")) == 2
    assert not log(browser, "browser")


def test_a_large_history_on_a_phone(show: Callable[[Report], Chrome]) -> None:
    browser = show(reports.large())
    with on_a_phone(browser):
        assert browser.execute_script(WIDTH) <= 375
        one(browser, ".card button.name").click()
        assert browser.execute_script(WIDTH) <= 375
        assert one(browser, "dialog").size["width"] <= 375
        assert one(browser, "dialog canvas").is_displayed()


def test_a_summary_shows_long_names_whole(open_page: Callable[[str], Chrome]) -> None:
    name = "encode_one_very_long_document_without_any_cache_of_the_tokens_before"
    timing = summaries.standing(summaries.coordinate(name), 2e-3)
    speedups = against_commit([timing], [timing], column="v2.0", reference="v1.0")
    browser = open_page(summary_page(summaries.summed([timing], speedups)))
    latency = all_of(browser, "table")[0]
    seen = latency.find_element(By.XPATH, "..").rect["width"]
    assert latency.rect["width"] <= seen
    with on_a_phone(browser):
        assert browser.execute_script(WIDTH) <= 375
        cell = one(browser, "tbody th")
        assert browser.execute_script("return arguments[0].scrollWidth", cell) <= cell.rect["width"]


def test_the_page_prints(show: Callable[[Report], Chrome]) -> None:
    browser = show(reports.releases())
    assert len(browser.print_page()) > 20_000
