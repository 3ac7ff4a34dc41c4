"""The decorator that makes a plain function a benchmark."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Mapping, Sequence

#: attribute of a marked function: a plain dict, so that versions of this file need not agree
ATTRIBUTE = "__tracker_benchmark__"

DIRECTIONS = ("lower", "higher", "none")
KINDS = ("performance", "quality")
#: parameters that say how many samples are handled at once: answers do not depend on them
BATCHES = ("batch", "batch_size")

_NEVER_RUNS = 0x20 | 0x80 | 0x200  # generator, coroutine, asynchronous generator


def benchmark(
    function: Callable[..., Any] | None = None,
    *,
    name: str = "",
    params: Mapping[str, Sequence[Any]] | None = None,
    setup: Callable[..., Any] | None = None,
    teardown: Callable[..., Any] | None = None,
    metric: str = "",
    unit: str = "",
    direction: str = "lower",
    kind: str = "performance",
    timeout: float | None = None,
    items: int | str = 0,
    dataset: Mapping[str, Any] | Callable[..., Mapping[str, Any]] | None = None,
    neutral: Sequence[str] | None = None,
) -> Any:
    """Mark a function as a benchmark: ``@benchmark``, or ``@benchmark(params={"size": [1, 8]})``.

    The rule for arguments: each of the function, ``setup`` and ``teardown`` gets the
    parameters that it names, by keyword; what ``setup`` returns, unless that is None, is
    the first argument of the function and of ``teardown``.

    Without ``metric`` and ``unit`` the function is timed, in seconds. With another metric
    or unit ("value", where only the unit is given) it is called once, and returns its
    number, or a list of numbers.

    Args:
        function: what is measured; it must do its work when called, so no coroutine.
        name: how the benchmark is called; the function's name.
        params: the values of each parameter; the matrix takes their product.
        setup: called before, outside of the timing, once a process.
        teardown: called after.
        metric: what the number is, such as ``"accuracy"``.
        unit: such as ``"bytes"``; ``"-"`` where a number has none.
        direction: which way is better: ``"lower"``, ``"higher"`` or ``"none"``.
        kind: ``"performance"`` or ``"quality"``.
        timeout: seconds after which one process is given up.
        items: how many things a call handles, or the parameter that says so; a call that takes
            too long for each of them stops the benchmark early.
        dataset: which data it is measured on, see ``tracker.quality.dataset``; or a function
            that returns it, and gets the parameters that it names.
        neutral: of a quality benchmark, the parameters that must not change its value;
            ``batch`` and ``batch_size``.

    Raises:
        TypeError: the function cannot be measured, or nothing takes a parameter.
        ValueError: an unknown direction or kind, a parameter without values, an
            unfitting unit, a timing that is to be a quality.
    """

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        mark = mark_of(
            function,
            name=name or function.__name__,
            params=params,
            setup=setup,
            teardown=teardown,
            metric=metric or ("time" if unit in ("", "s") else "value"),
            unit=unit or ("s" if metric in ("", "time") else "-"),
            direction=direction,
            kind=kind,
            timeout=timeout,
            items=items,
            dataset=dataset,
            neutral=neutral,
        )
        setattr(function, ATTRIBUTE, mark)
        return function

    return decorate if function is None else decorate(function)


def mark_of(
    function: Callable[..., Any],
    *,
    name: str,
    params: Mapping[str, Sequence[Any]] | None,
    setup: Callable[..., Any] | None = None,
    teardown: Callable[..., Any] | None = None,
    metric: str = "time",
    unit: str = "s",
    direction: str = "lower",
    kind: str = "performance",
    timeout: float | None,
    items: int | str,
    dataset: Mapping[str, Any] | Callable[..., Mapping[str, Any]] | None = None,
    neutral: Sequence[str] | None = None,
    applied: Sequence[str] = (),
) -> dict[str, Any]:
    """Return what a decorator says about a function; ``applied`` names what it need not take.

    Raises:
        TypeError, ValueError: see the decorators.
    """
    mark = {
        "name": name,
        "params": {key: list(values) for key, values in (params or {}).items()},
        "setup": setup,
        "teardown": teardown,
        "metric": metric,
        "unit": unit,
        "direction": direction,
        "kind": kind,
        "timeout": timeout,
        "items": items,
        "dataset": dataset,
        "neutral": _neutral(kind, params or {}, neutral),
    }
    _check(function, mark, applied)
    return mark


def takes(function: Callable[..., Any], parameter: str) -> bool:
    """Whether a function takes a parameter by this name; what is not written in Python may."""
    code = getattr(function, "__code__", None)
    if code is None or code.co_flags & 0x08:  # **keywords
        return True
    count = code.co_argcount + code.co_kwonlyargcount
    return parameter in code.co_varnames[:count]


def items_of(mark: Mapping[str, Any], parameters: Mapping[str, Any]) -> int:
    """How many things a call handles with these parameters; 0: nobody says.

    Raises:
        ValueError: the parameter that says it is no number of things.
    """
    items = mark.get("items", 0)
    number = parameters[items] if isinstance(items, str) else items
    if not isinstance(number, int) or number < 0:
        raise ValueError("items is a number of things, and %r is none" % (number,))
    return number


def _neutral(
    kind: str, params: Mapping[str, Sequence[Any]], asked: Sequence[str] | None
) -> list[str]:
    if asked is not None:
        return list(asked)
    return [name for name in BATCHES if name in params] if kind == "quality" else []


def _check_quality(who: str, mark: dict[str, Any]) -> None:
    if mark["kind"] == "quality" and mark["metric"] == "time":
        raise ValueError("%s: a quality is a number that is returned; name its metric" % who)
    if mark["neutral"] and mark["kind"] != "quality":
        raise ValueError("%s: only a quality can be the same whatever a parameter is" % who)
    for name in mark["neutral"]:
        if name not in mark["params"]:
            raise ValueError("%s: neutral names no parameter: %r" % (who, name))


def _check(function: Callable[..., Any], mark: dict[str, Any], applied: Sequence[str]) -> None:
    who = "benchmark %r" % mark["name"]
    code = getattr(function, "__code__", None)
    if code is not None and code.co_flags & _NEVER_RUNS:
        raise TypeError("%s: calling a coroutine or generator function does not run it" % who)
    for field, choices in (("direction", DIRECTIONS), ("kind", KINDS)):
        if mark[field] not in choices:
            raise ValueError("%s: %s is one of %s" % (who, field, ", ".join(choices)))
    if mark["metric"] == "time" and mark["unit"] != "s":
        raise ValueError("%s: time is measured in s; leave the unit out" % who)
    _check_quality(who, mark)
    if isinstance(mark["items"], str) and mark["items"] not in mark["params"]:
        raise ValueError("%s: items names no parameter: %r" % (who, mark["items"]))
    takers = [f for f in (function, mark["setup"], mark["teardown"]) if f is not None]
    takers += [mark["dataset"]] if callable(mark["dataset"]) else []
    for parameter, values in mark["params"].items():
        if not values:
            raise ValueError("%s: parameter %r has no values" % (who, parameter))
        if parameter not in applied and not any(takes(taker, parameter) for taker in takers):
            raise TypeError("%s: no function takes the parameter %r" % (who, parameter))
