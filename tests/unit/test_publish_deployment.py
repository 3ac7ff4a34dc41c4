"""The summary of one commit, and speed-ups against a reference."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from itertools import pairwise
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from rich.console import Console

from tests.support import reports, summaries
from tests.support.schemas import allows_nothing_else, published, validate
from tests.unit.test_publish_forms import Text, rendered
from tracker.errors import UsageError
from tracker.model.standing import Standing
from tracker.publish.deployment import bars, html, markdown, sheet, terminal
from tracker.publish.deployment.contents import Sign, Speedup, Speedups, Summary, Timing
from tracker.publish.deployment.document import to_json
from tracker.publish.deployment.making import is_timing
from tracker.publish.deployment.speedups import against_commit, against_value
from tracker.publish.deployment.words import tables, times
from tracker.publish.frames import breakable
from tracker.statistics.resampling import median_ratio
from tracker.statistics.robust import variation

SCHEMA = published("summary")


def timings() -> list[Standing]:
    return [one for one in summaries.everything() if is_timing(one)]


def of_commits() -> Speedups:
    base = timings()
    return against_commit(summaries.faster(base, 1.25), base, column="v2.0", reference="v1.0")


def of_libraries() -> Speedups:
    return against_value(summaries.libraries(), "library", "opencv")


def named(summary: Summary, name: str) -> Timing:
    (found,) = (one for one in summary.timings if one.name == name)
    return found


def printed(summary: Summary, *, plain: bool) -> str:
    out = StringIO()
    terminal.render(summary, Console(file=out, width=200), plain=plain)
    return out.getvalue()


# figures ------------------------------------------------------------------------------


def test_latency_is_of_all_samples_and_throughput_counts_what_a_call_handles() -> None:
    shown = summaries.whole()
    forward = named(shown, "forward[batch=8]")
    (known,) = (
        one
        for one in timings()
        if one.coordinate.title == "forward[batch=8]" and one.coordinate.metric == "time"
    )
    assert forward.latency.p99 == pytest.approx(np.percentile(known.samples, 99))
    assert forward.size == 8
    assert forward.throughput == pytest.approx(8 / np.median(known.values))
    assert named(shown, "slow").throughput == pytest.approx(1 / 0.072, rel=0.02)
    assert named(shown, "forward[batch=1] first_call").throughput is None


def test_the_size_to_choose_is_told_where_there_are_several() -> None:
    (scaled,) = summaries.whole().scaling
    # of 10,000 b / (b + 40) between 1 and 32 the knee is too slight to be one
    assert (scaled.name, scaled.parameter, scaled.knee, scaled.best) == (
        "forward",
        "batch",
        None,
        32,
    )
    assert scaled.at_best == pytest.approx(32 / 7.2e-3, rel=0.02)
    assert scaled.efficiency == pytest.approx(41 / 72, rel=0.02)
    capped = [
        summaries.standing(summaries.forward(size), max(size, 8) * 1e-3)
        for size in (1, 2, 4, 8, 16, 32)
    ]
    (found,) = summaries.summed(capped).scaling
    assert found.knee == 8
    assert found.at_knee == pytest.approx(1000, rel=0.02)
    lines = printed(summaries.summed(capped), plain=True).splitlines()
    (line,) = [line for line in lines if line.startswith("scaling: forward: ")]
    assert "knee batch 8, there " in line


def test_a_page_draws_throughput_by_size_with_its_knee() -> None:
    sizes = (1, 2, 4, 8, 16, 32)
    timed = [summaries.standing(summaries.forward(n), max(n, 8) * 1e-3) for n in sizes]
    (picture,) = re.findall(r"<svg.*?</svg>", html.render(summaries.summed(timed)), re.DOTALL)
    drawn = ET.fromstring(picture)  # noqa: S314  our own
    space = "{http://www.w3.org/2000/svg}"
    places = [float(dot.get("cx", "")) for dot in drawn.iter(f"{space}circle")]
    assert len(places) == len(sizes)
    steps = {round(after - before, 0) for before, after in pairwise(places)}
    assert len(steps) == 1, "twice the size is one step, wherever it begins"
    (knee,) = (line for line in drawn.iter(f"{space}line") if line.get("class") == "knee")
    assert float(knee.get("x1", "")) == places[sizes.index(8)]


def test_amounts_are_sorted_by_what_they_are() -> None:
    shown = summaries.whole()
    assert {one.metric for one in shown.memory} == {"peak_memory"}
    assert {one.metric for one in shown.work} == {"flops"}
    assert [(one.name, one.metric) for one in shown.quality] == [("digits", "accuracy")]
    assert [one.value for one in shown.work] == [3.5e9 * batch for batch in (1, 2, 4, 8, 16, 32)]
    frames = summaries.standing(
        summaries.coordinate("video", metric="frames", unit="frames/s"), 30.0
    )
    assert [one.metric for one in summaries.summed([frames]).others] == ["frames"]


def test_what_does_not_apply_is_not_lost() -> None:
    assert [one.title for one in summaries.whole().lost] == ["forward[batch=64]"]


def test_one_process_says_nothing_of_the_others() -> None:
    assert named(summaries.whole(), "endless").between is None


def test_variation_is_robust() -> None:
    assert variation(np.array([10.0, 11.0, 12.0, 13.0, 1e9])) == pytest.approx(1.4826 / 12)
    assert variation(np.array([3.0])) == variation(np.zeros(3)) == 0.0


# badges and recommendations -----------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "sign", "evidence"),
    [
        ("slow", Sign.slow, "an item; the limit is 50 ms"),
        ("loud", Sign.noisy, "within processes; the limit is 15.0 %"),
        ("jumpy", Sign.noisy, "between processes; the limit is 15.0 %"),
        ("cold", Sign.slow_warm_up, "620 batches of warm-up; slow from 500 on"),
        ("cold", Sign.not_converged, "still warming up when sampled: 5 of 5 processes"),
        ("threaded", Sign.threads, "asked for 1 thread, ran with 4"),
        ("endless", Sign.early_stopped, "1 of 1 process: the first call took 61 s"),
    ],
)
def test_a_badge_names_its_evidence(name: str, sign: Sign, evidence: str) -> None:
    shown = summaries.whole()
    (badge,) = (one for one in named(shown, name).badges if one.sign is sign)
    assert evidence in badge.evidence
    (advice,) = (one for one in shown.advice if one.sign is sign)
    assert name in advice.of


def test_a_subset_has_a_badge() -> None:
    (quality,) = summaries.whole().quality
    (badge,) = quality.badges
    assert (badge.sign, badge.evidence) == (
        Sign.subset,
        "on 500 samples of the data only: indicative",
    )


def test_every_figure_of_a_subset_has_its_badge() -> None:
    part = "digits/test@20:3f2a91c0"
    cells = [summaries.forward(batch, dataset=part) for batch in (1, 2, 4)]
    shown = summaries.summed(
        [
            *(summaries.standing(one, 1e-3) for one in cells),
            *(
                summaries.standing(replace(one, metric="flops", unit="flops", exact=True), 1e6)
                for one in cells
            ),
        ]
    )
    for table in tables(shown):
        for badges in table.badges:
            assert [one.sign for one in badges] == [Sign.subset], table.title
    made = to_json(shown)
    validate(made, SCHEMA)
    assert made["scaling"][0]["badges"] == made["timings"][0]["badges"]


def test_a_large_batch_is_not_slow_for_its_items() -> None:
    many = summaries.standing(summaries.forward(32), 0.8)
    few = summaries.standing(summaries.forward(8), 0.8)
    (slow,) = summaries.summed([many, few]).advice
    assert (slow.sign, slow.of) == (Sign.slow, ("forward[batch=8]",))


def test_the_worst_comes_first_in_a_recommendation() -> None:
    (slow, *_) = summaries.whole().advice
    assert slow.of == ("endless", "slow")
    assert slow.evidence.startswith("61")


def test_what_is_as_it_should_be_has_no_badge() -> None:
    calm = summaries.summed([summaries.standing(summaries.forward(1), 2e-3)])
    assert calm.advice == ()
    assert "recommendation" not in printed(calm, plain=True)


def test_a_library_that_was_left_its_default_is_not_blamed_for_its_threads() -> None:
    (timing,) = summaries.summed(
        [summaries.standing(summaries.coordinate("f", threads=4), 2e-3, threads=0)]
    ).timings
    assert timing.badges == ()


# speed-ups ----------------------------------------------------------------------------


def test_a_commit_against_another_one_across_environments() -> None:
    found = of_commits()
    assert (found.reference, found.columns) == ("v1.0", ("v2.0",))
    for name, (one,) in found.rows:
        assert one is not None
        assert one.ratio == pytest.approx(1.25), name
    (mean,) = found.means
    assert mean is not None
    assert mean.ratio == pytest.approx(1.25)


def test_only_what_both_commits_have_has_a_speedup() -> None:
    base = timings()
    found = against_commit(base[:2], base[1:], column="a", reference="b")
    assert [name for name, _ in found.rows] == [base[1].coordinate.title]


def test_values_of_a_parameter_against_one_of_them() -> None:
    found = of_libraries()
    assert found.columns == ("kornia", "pillow")
    assert [name for name, _ in found.rows] == ["blur[size=8]", "flip[size=8]"]
    (_, (kornia, pillow)), (_, (missing, flipped)) = found.rows
    assert missing is None
    assert kornia is not None
    assert pillow is not None
    assert flipped is not None
    ratios = [kornia.ratio, pillow.ratio, flipped.ratio]
    assert ratios == pytest.approx([0.5, 0.25, 1.25], rel=0.02)


def test_a_parameter_or_value_that_is_not_there_is_told_with_what_is() -> None:
    with pytest.raises(UsageError, match="no benchmark here has a parameter 'libary'") as error:
        against_value(summaries.libraries(), "libary", "opencv")
    assert error.value.hint == "did you mean 'library'?"
    with pytest.raises(UsageError, match="library is never 'cv2' here") as error:
        against_value(summaries.libraries(), "library", "cv2")
    assert error.value.hint == "it is kornia, opencv, pillow"


def test_an_interval_of_too_few_processes_is_unknown() -> None:
    ratio, low, high = median_ratio(np.array([2.0, 2.0, 2.0]), np.array([1.0, 1.0]))
    assert (ratio, low, high) == (2.0, 0.0, math.inf)
    assert Speedup(ratio=ratio, low=low, high=high).bounds is None


def test_the_interval_covers_and_is_the_same_each_time() -> None:
    random = np.random.default_rng(3)
    covered = 0
    for _ in range(40):
        above, below = np.exp(random.normal(0, 0.1, (2, 12)))
        ratio, low, high = median_ratio(2 * above, below)
        assert low <= ratio <= high
        covered += low <= 2 <= high
    # 95 % of 40, less three standard deviations
    assert covered >= 34
    assert median_ratio(2 * above, below) == (ratio, low, high)


def test_units_do_not_change_a_ratio() -> None:
    one = np.array([1.0, 1.1, 1.3, 0.9])
    assert median_ratio(one * 8, one * 4) == pytest.approx(
        tuple(2 * x for x in median_ratio(one, one))
    )


def test_the_sheet_has_a_row_a_benchmark() -> None:
    rows = list(csv.DictReader(StringIO(sheet.render(of_libraries()))))
    assert list(rows[0]) == [
        "benchmark", "kornia", "kornia_low", "kornia_high", "pillow", "pillow_low", "pillow_high",
    ]  # fmt: skip
    assert rows[1]["benchmark"] == "flip[size=8]"
    assert rows[1]["kornia"] == rows[1]["kornia_low"] == ""
    assert float(rows[0]["kornia_low"]) <= float(rows[0]["kornia"]) <= 0.52


def test_the_picture_has_a_bar_to_the_right_side_of_one() -> None:
    picture = ET.fromstring(bars.render(of_libraries()))  # noqa: S314  our own
    space = "{http://www.w3.org/2000/svg}"
    (one,) = (line for line in picture.iter(f"{space}line") if line.get("class") == "one")
    middle = float(one.attrib["x1"])
    slower = [rect for rect in picture.iter(f"{space}rect") if rect.get("class") == "bad"]
    faster = [rect for rect in picture.iter(f"{space}rect") if rect.get("class") == "good"]
    # two rows slower, one faster, and the mean of both columns
    assert (len(slower), len(faster)) == (4, 1)
    assert all(float(rect.attrib["x"]) < middle for rect in slower)
    assert float(faster[0].attrib["x"]) == pytest.approx(middle, abs=0.1)


def drawn(*names: str, ratio: float = 2.0) -> ET.Element:
    one = Speedup(ratio=ratio, low=ratio * 0.9, high=ratio * 1.1)
    rows = tuple((name, (one,)) for name in names)
    shown = Speedups(reference="v1.0", columns=("v2.0",), rows=rows, means=(one,))
    return ET.fromstring(bars.render(shown))  # noqa: S314  our own


def test_names_that_begin_alike_are_told_apart_in_the_picture() -> None:
    start = "generate[model=a_model_whose_name_has_no_end_that_anybody_could_see_on_one_line,"
    picture = drawn(f"{start}batch=8]", f"{start}batch=16]", "short")
    names = [text.text for text in picture.iter() if text.get("class") == "name"]
    assert [name[:9] for name in names if name] == ["generate[", "generate[", "short", "geometric"]
    assert len(set(names)) == 4
    assert all(name and len(name) <= 80 for name in names)


@pytest.mark.parametrize("ratio", [0.001, 0.06, 0.9, 1.3, 2.5, 40.0, 3000.0])
def test_ticks_are_round_and_apart(ratio: float) -> None:
    texts = [text for text in drawn("f", ratio=ratio).iter() if text.get("text-anchor") == "middle"]
    places = sorted(float(text.attrib["x"]) for text in texts)
    assert "1×" in {text.text for text in texts}
    assert len(places) >= 2
    assert all(after - before >= 50 for before, after in pairwise(places))


def test_a_hostile_name_stays_text_in_the_picture() -> None:
    one = Speedup(ratio=2.0, low=1.9, high=2.1)
    name = "</text><script>alert(1)</script>"
    shown = Speedups(reference=name, columns=("a",), rows=((name, (one,)),), means=(one,))
    picture = ET.fromstring(bars.render(shown))  # noqa: S314  our own
    assert not list(picture.iter("{http://www.w3.org/2000/svg}script"))
    assert name in "".join(picture.itertext())


@pytest.mark.parametrize(
    ("ratio", "text"), [(1.25, "1.25"), (0.984, "0.984"), (12.44, "12.4"), (1234.0, "1,234")]
)
def test_ratios_have_three_digits(ratio: float, text: str) -> None:
    assert times(ratio) == text


# forms --------------------------------------------------------------------------------


def several() -> list[Callable[[], Summary]]:
    return [
        summaries.whole,
        lambda: summaries.whole(of_commits()),
        lambda: summaries.summed(summaries.libraries(), of_libraries()),
        lambda: summaries.summed(timings()[:1]),
    ]


@pytest.mark.parametrize("make", several())
def test_every_summary_fits_the_published_schema(make: Callable[[], Summary]) -> None:
    document = to_json(make())
    validate(document, SCHEMA)
    text = json.dumps(document, allow_nan=False)
    assert list(json.loads(text)) == list(SCHEMA["properties"])


def test_the_schema_allows_nothing_else() -> None:
    assert allows_nothing_else(SCHEMA)


def test_all_forms_have_the_same_figures() -> None:
    shown = summaries.whole(of_commits())
    texts = [
        printed(shown, plain=True),
        printed(shown, plain=False),
        "".join(Text(rendered(markdown.render(shown))).texts),
        "".join(Text(html.render(shown)).texts),
    ]
    for text in texts:
        for part in (
            "first call took 61 s",
            "1.25×",
            "112 G",
            "187 MB",
            "0.911",
            "killed for its memory",
        ):
            assert part in text
        assert text.index("asked for 1 thread, ran with 4") < text.index("4.12 ms")


def test_plain_output_has_one_row_a_line() -> None:
    lines = printed(summaries.whole(), plain=True).splitlines()
    (row,) = [line for line in lines if line.startswith("latency: loud: ")]
    assert "p50 " in row
    assert "[noisy: varies by " in row
    assert sum(line.startswith("recommendation: ") for line in lines) == 7


def test_commands_in_advice_are_code_and_names_are_not() -> None:
    loud = summaries.standing(summaries.coordinate("a`b`c"), 2e-3, within=0.8)
    shown = summaries.summed([loud])
    assert "`tracker doctor --tune`" in markdown.render(shown)
    assert "a\\`b\\`c" in markdown.render(shown)
    page = html.render(shown)
    assert "<code>tracker doctor --tune</code>" in page
    assert "<code>b</code>" not in page


def test_a_variation_that_nobody_would_see_is_none() -> None:
    calm = summaries.standing(summaries.coordinate("calm"), 2e-3, within=1e-8, between=1e-8)
    (row,) = (
        line for line in printed(summaries.summed([calm]), plain=True).splitlines() if "p50" in line
    )
    assert "varies within 0.0 %, between 0.0 %" in row


def test_lines_end_where_parts_of_a_name_do() -> None:
    assert breakable("read_<csv>[size=10,way=x]: 1.5 s") == (
        "read_<wbr>&lt;csv&gt;<wbr>[size=10,<wbr>way=<wbr>x]: 1.5 s"
    )


def test_a_hostile_commit_stays_text() -> None:
    text = markdown.render(summaries.whole())
    assert "<b>" not in text
    assert "@team" not in text
    page = html.render(summaries.whole())
    assert not {"script", "b"} & {tag for tag, _ in Text(page).tags}
    assert "Fuse <b>layers</b> | @team" in "".join(Text(page).texts)


def test_a_page_without_a_link_has_none() -> None:
    unlinked = replace(summaries.whole(), url="")
    assert "<a " not in html.render(unlinked)
    assert reports.project("javascript:{sha}")
    hostile = summaries.summed(timings()[:1], project=reports.project("javascript:{sha}"))
    assert hostile.url == ""
