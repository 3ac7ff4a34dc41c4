"""From composed values to settings: everything is checked, and all that is wrong told at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tracker.config.environment import environment_from
from tracker.config.hints import nearest
from tracker.config.origins import Origins
from tracker.config.quality import quality_from
from tracker.config.reading import Report, Section, glob_flaw
from tracker.config.secrets import masked, without_secrets
from tracker.config.settings import (
    ExecutorSettings,
    HistorySettings,
    Level,
    MatrixSettings,
    NotifySettings,
    PolicySettings,
    ProjectSettings,
    Settings,
    StoreSettings,
    SuiteSettings,
)

HARNESSES = (
    "python",
    "torch",
    "asv",
    "pytest-benchmark",
    "command",
    "metrics-recorder",
    "optimum-benchmark",
)
#: those that compute elsewhere than on the processor
WITH_DEVICES = ("torch", "metrics-recorder", "optimum-benchmark")

EXECUTORS = ("local",)
COUNTS = ("instructions", "allocations", "machine_instructions", "work", "cachegrind")

_DATABASE_URL = re.compile(r"(postgresql|postgres)(\+psycopg)?://.*")
_WORD = re.compile(r"[\w.-]+")
_DEVICE = re.compile(r"cpu|(cuda|mps|xpu)(:\d+)?")


def check(
    values: Mapping[str, Any],
    matrices: Sequence[Any],
    *,
    origins: Origins,
    root: Path,
    profile: str | None,
) -> Settings:
    """The settings that composed values mean.

    Args:
        values: all sections but the matrix.
        matrices: the matrix, once for each combination of what was swept.
        origins: where each value came from.
        root: absolute; where relative paths start from.
        profile: the option that was chosen in the group ``profile``.

    Raises:
        ConfigurationError: with every problem found.
    """
    report = Report(origins)
    top = Section(values, "", report)

    resolved = {**values, "matrix": matrices[0] if len(matrices) == 1 else list(matrices)}
    settings = Settings(
        project=_project(top.section("project")),
        history=_history(top.section("history")),
        suite=_suite(top.section("suite"), root),
        environment=environment_from(top.section("environment")),
        executor=_executor(top.section("executor")),
        store=_store(top.section("store")),
        policy=_policy(top.section("policy")),
        notify=_notify(top.section("notify")),
        matrices=tuple(_matrix(Section(matrix, "matrix", report)) for matrix in matrices),
        profile=_profile(top, profile),
        root=root,
        resolved=without_secrets(resolved),
        sources={
            dotted: place
            for matrix in matrices
            for dotted, place in origins.of_leaves({**values, "matrix": matrix}).items()
        },
    )
    _check_devices(report, settings)
    top.refuse_others(beside=("matrix",))
    report.raise_if_any()
    return settings


def _project(section: Section) -> ProjectSettings:
    project = ProjectSettings(
        name=section.text("name", required=True),
        repository=section.text("repository", required=True),
        subdirectory=section.text("subdirectory"),
        branch=section.text("branch"),
        package=section.text("package"),
        commit_url=section.text("commit_url"),
    )
    if project.subdirectory and (flaw := glob_flaw(project.subdirectory)):
        section.wrong("subdirectory", flaw.replace("pattern", "directory"), project.subdirectory)
    if project.package and not all(part.isidentifier() for part in project.package.split(".")):
        hint = f"the name in `import {project.package.replace('-', '_')}`"
        section.wrong("package", "must be the name of a module", project.package, hint)
    if project.commit_url and not re.search(r"\{(sha|label)\}", project.commit_url):
        hint = "for example https://host/project/commit/{sha}"
        section.wrong("commit_url", "must contain {sha} or {label}", project.commit_url, hint)
    section.refuse_others()
    return project


def _history(section: Section) -> HistorySettings:
    history = HistorySettings(
        first_parent=section.boolean("first_parent"),
        since=section.text("since"),
        tags=section.texts("tags", glob_flaw),
        every=section.integer("every", 1),
        paths=section.texts("paths", glob_flaw),
    )
    section.refuse_others()
    return history


def _suite(section: Section, root: Path) -> SuiteSettings:
    revision = section.text("revision")
    harness = section.choice("harness", HARNESSES)
    path = section.text("path", required=harness != "command")
    if path and not revision and not (root / path).exists():
        section.wrong("path", "does not exist", path, _near_file(root, path))
    if revision and Path(path).is_absolute():
        hint = "a suite at a revision is found from the project's root"
        section.wrong("path", "must be relative", path, hint)
    suite = SuiteSettings(
        name=section.text("name", required=True),
        harness=harness,
        path=str(root / path) if path and not revision else path,
        revision=revision,
        version=section.text("version"),
        gold=section.boolean("gold"),
        options=section.mapping("options"),
    )
    section.refuse_others()
    return suite


def _near_file(root: Path, path: str) -> str:
    place = root / path
    beside = [other.name for other in place.parent.iterdir()] if place.parent.is_dir() else []
    if near := nearest(place.name, beside):
        return f"did you mean {Path(path).with_name(near)}?"
    return f"it is looked for at {place}"


def _executor(section: Section) -> ExecutorSettings:
    executor = ExecutorSettings(
        kind=section.choice("kind", EXECUTORS),
        build_jobs=section.integer("build_jobs", 1, 256),
        sandbox=section.boolean("sandbox"),
        passthrough=section.texts("passthrough"),
    )
    section.refuse_others()
    return executor


def _store(section: Section) -> StoreSettings:
    url = section.text("url")
    if url and not _DATABASE_URL.fullmatch(url):
        hint = 'for example postgresql://user@host/tracker; "" for the embedded one'
        section.wrong("url", "must be the URL of a PostgreSQL server", masked(url), hint)
    section.refuse_others()
    return StoreSettings(url=url)


def _notify(section: Section) -> NotifySettings:
    level = section.choice("level", tuple(Level))
    to = {}
    for name, url in section.mapping("to").items():
        # a URL is never told: it holds what lets others write there
        if not _WORD.fullmatch(name):
            section.wrong("to", f"{name!r} must be one word: it is how messages call it")
        elif not isinstance(url, str):
            section.wrong(f"to.{name}", "must be the URL of a service, as text")
        elif url.strip():
            to[name] = url.strip()
    section.refuse_others()
    return NotifySettings(to=to, level=Level(level) if level in tuple(Level) else Level.normal)


def _policy(section: Section) -> PolicySettings:
    policy = PolicySettings(
        processes=section.integer("processes", 1, 10_000),
        samples=section.integer("samples", 1, 1_000_000),
        sample_seconds=section.seconds("sample_seconds"),
        warmup_iterations=section.integer("warmup_iterations", 0),
        warmup_seconds=section.seconds("warmup_seconds"),
        preflight_seconds=section.seconds("preflight_seconds"),
        preflight_item_seconds=section.seconds("preflight_item_seconds"),
        noisy=section.number("noisy", 0.0, 100.0),
        package=section.boolean("package"),
        timeout=section.seconds("timeout", 1),
        memory_bytes=section.byte_count("memory_bytes"),
        device_memory_bytes=section.byte_count("device_memory_bytes"),
        device_absent=section.choice("device_absent", ("fail", "skip", "fallback")),
        telemetry_interval=section.seconds("telemetry_interval", 0.1),
        loaded_share=section.number("loaded_share", 0.0, 1.0),
        throttled_share=section.number("throttled_share", 0.0, 1.0),
        suspended_seconds=section.seconds("suspended_seconds", 0.1),
        process_value=section.choice("process_value", ("median", "minimum")),
        counts=section.choices("counts", COUNTS),
        count_processes=section.integer("count_processes", 0),
        count_seconds=section.seconds("count_seconds"),
        noisy_processes=section.integer("noisy_processes", 0, 10_000),
        noisy_stretch=section.number("noisy_stretch", 1.0, 1000.0),
        reference=section.text("reference", required=True),
        affinity=section.integers("affinity", 0, 4095),
        retries=section.integer("retries", 0, 10),
        batch_commits=section.integer("batch_commits", 1),
        seed=section.integer("seed", 0),
        rounds=section.integer("rounds", 1, 10_000),
        turns=section.integer("turns", 1, 1_000_000),
        turn_seconds=section.seconds("turn_seconds"),
        confirm_seconds=section.seconds("confirm_seconds"),
        nightly_seconds=section.seconds("nightly_seconds", 1),
        band=section.number("band", 0.0, 1.0),
        practical=section.number("practical", 0.0, 1.0),
        practical_counts=section.number("practical_counts", 0.0, 1.0),
        alpha=section.number("alpha", 1e-9, 0.5),
        scaling=section.texts("scaling"),
        quality=quality_from(section),
    )
    section.refuse_others()
    return policy


def _matrix(section: Section) -> MatrixSettings:
    matrix = MatrixSettings(
        include=_rules(section, "include"),
        exclude=_rules(section, "exclude"),
        devices=section.texts("device", _wrong_device),
        threads=section.integers("threads", 0, 4096),
        axes={},
    )
    for name, chosen in (("device", matrix.devices), ("threads", matrix.threads)):
        if not chosen:
            section.wrong(name, "names no value")
    axes = {name: tuple(value for _, value in section.entries(name)) for name in section.others()}
    for name, values in axes.items():
        if not values:
            section.wrong(name, "names no value", hint=f"remove it, or ~matrix.{name}")
    return MatrixSettings(
        axes=axes,
        include=matrix.include,
        exclude=matrix.exclude,
        devices=matrix.devices,
        threads=matrix.threads,
    )


def _wrong_device(text: str) -> str:
    return "" if _DEVICE.fullmatch(text) else "must be a device such as cpu, cuda or cuda:1"


def _check_devices(report: Report, settings: Settings) -> None:
    """A harness that never looks at the device would file the processor's numbers under another."""
    if settings.suite.harness in WITH_DEVICES:
        return
    section = Section({}, "matrix", report)
    for device in dict.fromkeys(one for each in settings.matrices for one in each.devices):
        if _DEVICE.fullmatch(device) and device != "cpu":
            message = f"harness {settings.suite.harness!r} computes on the cpu only"
            section.wrong("device", message, device, f"with devices: {', '.join(WITH_DEVICES)}")


def _rules(section: Section, name: str) -> tuple[dict[str, str], ...]:
    """Rules as mappings; a text is a rule for benchmarks."""
    rules = []
    for place, value in section.entries(name):
        rule = {"benchmark": value} if isinstance(value, str) else value
        if not isinstance(rule, Mapping) or not rule:
            hint = 'for example "parse*" or {benchmark: "parse*", size: "1*"}'
            section.wrong(place, "a rule is a glob or a mapping of globs", value, hint)
            continue
        for key, pattern in rule.items():
            if isinstance(pattern, list | Mapping) or pattern == "":
                hint = "several patterns are several rules"
                section.wrong(place, f"{key} must be one glob", pattern, hint)
        rules.append({str(key): _pattern(pattern) for key, pattern in rule.items()})
    return tuple(rules)


def _pattern(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)


def _profile(top: Section, chosen: str | None) -> str:
    profile = top.text("profile", required=True)
    if profile and not _WORD.fullmatch(profile):
        top.wrong("profile", "must be one word", profile)
    elif profile and profile != chosen:
        top.wrong(
            "profile",
            f"the profile {chosen!r} is chosen, so this does not say what is measured",
            profile,
            f"`- override profile: {profile}` in the defaults list chooses it",
        )
    return profile
