"""A site in a real browser, from a server that only hands out files."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from tests.support import reports
from tests.support.browsing import all_of, log, one, press, requested
from tracker.publish.report import Report
from tracker.publish.site.contents import Site
from tracker.publish.site.files import files
from tracker.publish.site.naming import benchmark_page, commit_page
from tracker.publish.site.writing import write

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

FOUND = datetime(2024, 5, 3, tzinfo=UTC)


class Quiet(SimpleHTTPRequestHandler):
    """Hands out files and says nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the word of the base
        pass


@pytest.fixture
def visit(browser: Chrome, tmp_path: Path) -> Iterator[Callable[[Report], str]]:
    """Opens the start page of a site below a path, as GitHub serves projects; gives its address.

    Afterwards no page may have complained, or have asked any other server for anything.
    """
    servers = []

    def opened(report: Report) -> str:
        times = {finding.id: (FOUND, FOUND) for finding in report.findings if finding.id}
        write(files(Site(report=report, times=times))[1], tmp_path / "a project", "p")
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
        servers.append(server)
        threading.Thread(target=server.serve_forever).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/a%20project/"
        browser.get("about:blank")
        log(browser, "browser")
        log(browser, "performance")
        browser.get(address)
        return address

    yield opened
    complaints, asked = log(browser, "browser"), requested(browser)
    browser.get("about:blank")
    for server in servers:
        server.shutdown()
        server.server_close()
    assert complaints == []
    ours = {f"127.0.0.1:{server.server_address[1]}" for server in servers}
    assert {urlsplit(url).netloc for url in asked if url.startswith("http")} <= ours


def soon(browser: Chrome, css: str, number: int = 1) -> list[WebElement]:
    """What is drawn when what it needs has come."""
    WebDriverWait(browser, 60).until(lambda _: len(all_of(browser, css)) >= number)
    return all_of(browser, css)


def titled(browser: Chrome, text: str) -> None:
    """Wait for the page with this title."""
    WebDriverWait(browser, 60).until(lambda _: one(browser, "h1").text == text)


def test_from_the_start_to_a_benchmark_a_commit_and_a_finding(
    browser: Chrome, visit: Callable[[Report], str]
) -> None:
    visit(reports.releases())
    assert one(browser, "h1").text == "2 regressions, 1 new failure, 1 improvement"
    rows = soon(browser, "#benchmarks tbody tr", 3)
    assert [row.text.split("\n")[0] for row in rows] == ["errors", "startup", "validate"]
    assert "+11.2 %\nv4.23.0" in rows[2].text
    assert "Not measured: 1 failure" in one(browser, "#findings").text
    soon(browser, "#benchmarks canvas", 3)
    press(browser, "/", "instr")
    assert one(browser, "#count").text == "1 of 3"
    Select(one(browser, "select")).select_by_visible_text("every metric")
    assert one(browser, "#count").text == "2 of 5"
    Select(one(browser, "select")).select_by_visible_text("instructions")
    assert one(browser, "#count").text == "1 of 1"

    all_of(browser, "tbody tr a")[0].click()
    titled(browser, "validate")
    soon(browser, "#series .u-over")
    assert "instructions" in one(browser, ".series-head").text
    Select(one(browser, "select[aria-label=metric]")).select_by_visible_text("time")
    WebDriverWait(browser, 60).until(lambda _: "time in ms" in one(browser, ".series-head").text)
    assert one(browser, "#series-title").text == "schema=refs"
    assert one(browser, "tr.shown").text.startswith("schema=refs\ntime")
    over = one(browser, "#series .u-over")
    ActionChains(browser).move_to_element_with_offset(
        over, -over.size["width"] // 2 + 5, 0
    ).perform()
    assert "Ada Byron · 2022-08-01" in one(browser, ".tip").text

    all_of(browser, ".changes a")[0].click()
    titled(browser, "v4.18.0 " + reports.releases().commits[7].subject)
    assert "Grace Murray" in one(browser, "header").text
    source = one(browser, ".about a").get_attribute("href")
    assert source == f"https://git.example.org/jsonschema/commit/{reports.commit(7).sha}"
    soon(browser, ".card canvas")
    changed = [row.text for row in all_of(browser, "#changes tbody tr")]
    assert [row.split("+")[0].strip() for row in changed] == [
        "validate[schema=refs]",
        "validate[schema=refs] instructions",
    ]
    one(browser, "#every summary").click()
    every = soon(browser, "#every tbody tr", 6)
    every[1].find_element(By.CSS_SELECTOR, "a").click()
    titled(browser, "startup")
    assert "v4.18.0" in soon(browser, ".readout")[0].text

    one(browser, ".ways a[href$='findings.html']").click()
    soon(browser, ".card canvas", 4)
    press(browser, "j", "j", Keys.ENTER)
    titled(browser, "validate")
    assert "v4.23.0" in soon(browser, ".readout")[0].text
    one(browser, ".ways a[href$='commits.html']").click()
    titled(browser, "Commits")
    rows = soon(browser, "tbody tr", 15)
    assert rows[2].text.endswith("regression")
    assert rows[11].text.endswith("does not build")
    one(browser, ".ways a").click()
    titled(browser, "2 regressions, 1 new failure, 1 improvement")


def test_a_closer_look(browser: Chrome, visit: Callable[[Report], str]) -> None:
    address = visit(reports.large(series=5, commits=300, processes=1))
    browser.get(address + benchmark_page("bench_0"))
    over = soon(browser, "#series .u-over")[0]

    def view() -> list[int]:
        first, last = browser.execute_script("return inView()")
        return [first, last]

    assert view() == [0, 299]
    one(browser, ".zoom button[title='Zoom in']").click()
    assert view() == [75, 225]
    press(browser, "+", Keys.ARROW_RIGHT)
    assert view() == [150, 225]
    press(browser, "0")
    assert view() == [0, 299]
    assert not one(browser, ".zoom button[title='Zoom out']").is_enabled()
    over = one(browser, "#series .u-over")
    drag = ActionChains(browser).key_down(Keys.SHIFT).move_to_element(over).click_and_hold()
    drag.move_by_offset(80, 5).move_by_offset(80, 0).release().key_up(Keys.SHIFT).perform()
    first, last = view()
    assert 140 <= first <= 155
    assert 180 <= last <= 210
    Select(one(browser, ".compare-bar select")).select_by_index(100)
    one(browser, ".comparison button").click()
    assert view() == [100, 299]


def test_the_way_back_leads_to_what_was_chosen_before(
    browser: Chrome, visit: Callable[[Report], str]
) -> None:
    address = visit(reports.releases())
    soon(browser, "#benchmarks tbody tr", 3)
    press(browser, "/", "instr")
    Select(one(browser, "select")).select_by_visible_text("every metric")
    assert browser.current_url == f"{address}#filter=instr&metric=every"
    rows = all_of(browser, "#benchmarks tbody tr a")
    assert len(rows) == 2
    rows[0].click()
    titled(browser, "validate")

    def series() -> str:
        return soon(browser, "#series-title")[0].text + one(browser, ".series-head p").text

    first = series()
    all_of(browser, "#all tbody tr:not(.shown) a")[0].click()
    second = series()
    assert second != first
    Select(one(browser, "select[aria-label=metric]")).select_by_visible_text("peak_memory")
    WebDriverWait(browser, 60).until(lambda _: "peak_memory" in series())
    browser.back()
    WebDriverWait(browser, 60).until(lambda _: series() == second)
    browser.back()
    WebDriverWait(browser, 60).until(lambda _: series() == first)
    browser.forward()
    WebDriverWait(browser, 60).until(lambda _: series() == second)
    browser.back()
    browser.back()
    titled(browser, "2 regressions, 1 new failure, 1 improvement")
    assert len(soon(browser, "#benchmarks tbody tr", 2)) == 2
    assert one(browser, "#filter").get_attribute("value") == "instr"
    browser.get(f"{address}#filter=errors&metric=only+gone")
    browser.refresh()
    soon(browser, "#benchmarks tbody tr")
    assert one(browser, "#count").text == "1 of 3"


def test_a_site_on_a_disk_needs_no_server(browser: Chrome, tmp_path: Path) -> None:
    report = reports.releases()
    write(files(Site(report=report, times={}))[1], tmp_path, "p")
    browser.get((tmp_path / "index.html").as_uri())
    log(browser, "browser")
    soon(browser, "#benchmarks canvas", 3)
    one(browser, "#benchmarks tbody a").click()
    titled(browser, "errors")
    soon(browser, "#series .u-over")
    browser.get((tmp_path / commit_page(reports.commit(7).sha)).as_uri())
    one(browser, "#every summary").click()
    soon(browser, "#every tbody tr", 6)
    (tmp_path / "data" / "commits.js").unlink()
    browser.get((tmp_path / "commits.html").as_uri())
    assert "data/commits.js cannot be read" in soon(browser, "[role=alert]")[0].text
    assert [
        entry for entry in log(browser, "browser") if "commits.js" not in entry["message"]
    ] == []


def test_a_browser_that_remembers_nothing_shows_the_pages(
    browser: Chrome, visit: Callable[[Report], str]
) -> None:
    deny = """Object.defineProperty(window, "localStorage", {
        get() { throw new DOMException("denied", "SecurityError"); } });"""
    added = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": deny})
    try:
        visit(reports.quiet())
        soon(browser, "#benchmarks canvas")
        one(browser, ".theme").click()
        one(browser, "#benchmarks a").click()
        titled(browser, "parse")
    finally:
        browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)


def test_values_are_fetched_when_a_series_is_opened(
    browser: Chrome, visit: Callable[[Report], str]
) -> None:
    address = visit(reports.wide())
    soon(browser, "#benchmarks canvas", 3)
    paths = [url.removeprefix(address) for url in requested(browser)]
    assert "data/benchmarks.js" in paths
    assert not [path for path in paths if path.startswith(("series/", "data/commits"))]
    all_of(browser, "tbody tr a")[7].click()
    soon(browser, "#series .u-over")
    fetched = [url for url in requested(browser) if "/series/" in url]
    assert len(fetched) == 1


def test_a_benchmark_of_many_series_lists_them_when_asked(
    browser: Chrome, visit: Callable[[Report], str]
) -> None:
    line = [reports.commit(n) for n in range(2)]
    sizes = [reports.coordinate("parse", parameters=(("size", str(n)),)) for n in range(250)]
    ones = [reports.history(one, line, lambda index: 1e-3, processes=1) for one in sizes]
    address = visit(reports.report(line, ones, reports.Found()))
    browser.get(address + benchmark_page("parse"))
    soon(browser, "#series .u-over")
    assert all_of(browser, "tbody tr") == []
    Select(one(browser, "select[aria-label='size =']")).select_by_visible_text("77")
    one(browser, "#all summary").click()
    soon(browser, "#all tbody tr", 250)
    assert one(browser, "tr.shown").text.startswith("size=77\n")


def test_hostile_names_stay_text(browser: Chrome, visit: Callable[[Report], str]) -> None:
    address = visit(reports.hostile())
    report = reports.hostile()
    taking_over = reports.HOSTILE[1]
    assert taking_over in soon(browser, "#benchmarks tbody")[0].text
    for page, css in (
        (benchmark_page(taking_over), "#series .u-over"),
        (commit_page(report.findings[0].commit), ".card canvas"),
        ("findings.html", ".card canvas"),
        ("commits.html", "tbody tr"),
    ):
        browser.get(address + page)
        soon(browser, css)
        assert browser.title.endswith(report.project) or "1 regression" in browser.title
        assert all_of(browser, "img") == []


def test_the_theme_holds_on_every_page_and_a_phone_shows_all(
    browser: Chrome, visit: Callable[[Report], str]
) -> None:
    address = visit(reports.releases())
    background = "return getComputedStyle(document.body).backgroundColor"
    light = browser.execute_script(background)
    one(browser, ".theme").click()
    dark = browser.execute_script(background)
    assert dark != light
    metrics = {"width": 375, "height": 740, "deviceScaleFactor": 2, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        for page, css in (
            ("index.html", "#benchmarks tbody tr"),
            (benchmark_page("validate"), "#series .u-over"),
            (commit_page(reports.commit(7).sha), ".card canvas"),
            ("findings.html", ".card canvas"),
            ("commits.html", "tbody tr"),
        ):
            browser.get(address + page)
            soon(browser, css)
            assert browser.execute_script(background) == dark
            assert browser.execute_script("return document.documentElement.scrollWidth") <= 375
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert len(browser.print_page()) > 5_000


def test_scaling_curves_stand_on_the_page_of_their_benchmark(
    visit: Callable[[Report], str], browser: Chrome
) -> None:
    address = visit(reports.scaling())
    browser.get(address + benchmark_page("forward"))
    browser.execute_script("document.getElementById('scaling').scrollIntoView()")
    WebDriverWait(browser, 60).until(lambda _: len(all_of(browser, ".curve canvas")) == 3)
    assert "killed for its memory from batch 64" in one(browser, ".curve").text
    one(browser, ".curve details summary").click()
    all_of(browser, ".curve-table tbody tr")[5].click()
    WebDriverWait(browser, 60).until(lambda _: "batch=32" in one(browser, "#series-title").text)
