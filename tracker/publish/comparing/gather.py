"""From what is known of two sides to what a reader sees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from tracker.config.places import Places
from tracker.config.settings import Settings
from tracker.engine.plan import Plan, make_plan, of_sides
from tracker.errors import MeasurementError
from tracker.findings.bending import compared_curves
from tracker.findings.sides import Sides
from tracker.machine.fingerprint import identify
from tracker.model.calibrations import Calibration
from tracker.model.machines import Machine
from tracker.model.measurements import Process
from tracker.model.purposes import HISTORY, Aim
from tracker.model.requests import Known
from tracker.publish.comparing.contents import Comparison, geomeans
from tracker.publish.naming import names
from tracker.store.store import open_store


def measured_comparison(
    plan: Plan,
    sides: Sides,
    known: Known,
    machine: Machine,
    *,
    calibration: Calibration | None,
    seconds: float,
) -> Comparison:
    """What a comparison found that was measured just now.

    Raises:
        MeasurementError: a side does not build, or the sides never run in one environment.
    """
    refuse(sides, known)
    return _assembled(
        plan, sides, known, machine, calibration=calibration, seconds=seconds, stored=False
    )


def stored_comparison(settings: Settings, names: tuple[str, str], *, across: bool) -> Comparison:
    """What is stored of two sides, held against each other without measuring.

    Only processes that ran side by side are compared, in one run and round: what was measured
    at different times differs by what the machine did in between.

    Raises:
        MeasurementError: they were measured on different machines, or not at all.
        TrackerError: as ``make_plan`` and ``open_store``.
    """
    places = Places.of_user()
    plan = make_plan(settings, places=places, choose=of_sides(*names))
    machine = identify()
    with open_store(settings.store, places=places) as store:
        project_id = store.project_id(settings.project.name)
        base, head = plan.commits
        calibration = store.calibration(
            project_id, plan.suite.hash, machine.machine_class, plan.cells[0].profile
        )
        sides = Sides.of(
            (base, head),
            plan.cells,
            plan.suite,
            settings.policy,
            calibration,
            sequential=False,
            across=across,
        )
        known = store.known_pairs(
            project_id,
            [commit.sha for commit in sides.commits],
            sides.cells,
            HISTORY,
            sides.purpose(Aim.compare),
        )
    refuse(sides, known)
    if not known.processes:
        raise MeasurementError(
            f"{base.label} and {head.label} were not measured by this configuration",
            code="measurement.unknown",
            hint="without --stored they are measured now; another policy makes other series",
        )
    warnings = []
    if not across:
        known, warning = on_one_machine(known, machine)
        warnings = [warning] if warning else []
    return _assembled(
        plan,
        sides,
        known,
        machine,
        calibration=calibration,
        seconds=0.0,
        stored=True,
        warnings=tuple(warnings),
    )


def refuse(sides: Sides, known: Known) -> None:
    """Say why sides cannot be compared.

    Raises:
        MeasurementError: with the reason.
    """
    if sides.pairs(known) or sides.identical(known):
        return
    for side, commit in (("base", sides.base), ("head", sides.head)):
        if not any(known.builds.get((commit.sha, cell.environment)) for cell in sides.cells):
            built = any((commit.sha, cell.environment) in known.builds for cell in sides.cells)
            raise MeasurementError(
                f"the {side}, {commit.label}, "
                + ("does not build" if built else "was never measured"),
                code="measurement.no-build" if built else "measurement.unknown",
                hint="`tracker show` has the reason"
                if built
                else "without --stored it is measured",
            )
    raise MeasurementError(
        f"{sides.base.label} and {sides.head.label} need different environments: a difference"
        " may come from their dependencies",
        code="measurement.environments",
        hint="--across compares them nevertheless",
    )


def on_one_machine(known: Known, machine: Machine) -> tuple[Known, str]:
    """Only what this class of machines measured, or the only class that measured both sides.

    Raises:
        MeasurementError: the sides were measured on machines that must not be compared.
    """
    classes: dict[str, set[str]] = {}
    for (build, _), processes in known.processes.items():
        if found := set(_machine_classes(processes)):
            classes.setdefault(build, set()).update(found)
    common = set.intersection(*classes.values()) if classes else set()
    if classes and not common:
        raise MeasurementError(
            "the sides were measured on machines of different classes: "
            + "; ".join(sorted({name for names in classes.values() for name in names})),
            code="measurement.machines",
            hint="--across compares them nevertheless; without --stored both are measured here",
        )
    chosen = machine.machine_class if machine.machine_class in common else min(common, default="")
    elsewhere = f"measured on {chosen}" if chosen and chosen != machine.machine_class else ""
    kept = {
        target: tuple(one for one in processes if _ran_on(chosen, one))
        for target, processes in known.processes.items()
    }
    return replace(known, processes=kept), elsewhere


def _machine_classes(processes: Sequence[Process]) -> Iterator[str]:
    """Those that numbers depend on; a quality does not."""
    for process in processes:
        for reading in process.readings:
            if not reading.coordinate.is_quality:
                yield reading.coordinate.machine_class


def _ran_on(machine_class: str, process: Process) -> bool:
    return set(_machine_classes([process])) <= {machine_class}


def _assembled(
    plan: Plan,
    sides: Sides,
    known: Known,
    machine: Machine,
    *,
    calibration: Calibration | None,
    seconds: float,
    stored: bool,
    warnings: tuple[str, ...] = (),
) -> Comparison:
    project = plan.settings.project
    rows = sides.verdicts(known)
    called = names(sides.cells)
    return Comparison(
        project=project.name,
        commit_url=project.commit_url,
        base=sides.base,
        head=sides.head,
        rows=rows,
        curves=compared_curves(rows, plan.settings.policy.scaling),
        names=called,
        geomeans=geomeans(rows),
        identical=tuple(called[cell.key] for cell in sides.identical(known)),
        machine=machine,
        practical=plan.settings.policy.practical,
        calibration=calibration,
        seconds=seconds,
        stored=stored,
        generated_at=datetime.now(UTC),
        warnings=warnings,
        where={one.name: one.where for one in plan.suite.benchmarks},
    )
