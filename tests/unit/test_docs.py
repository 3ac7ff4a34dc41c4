"""The documentation names only what exists, and every key of the configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from tracker.cli.main import tracker

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("docs/*.md")), ROOT / "README.md", ROOT / "CHANGELOG.md"]

#: section -> file with its defaults, and the key in it that the section lies below
SECTIONS = {
    "project": ("project/default", ""),
    "history": ("tracker", "history"),
    "suite": ("suite/python", ""),
    "environment": ("environment/pinned", ""),
    "matrix": ("tracker", "matrix"),
    "policy": ("policy/default", ""),
    "executor": ("executor/local", ""),
    "store": ("store/embedded", ""),
    "notify": ("tracker", "notify"),
}
_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_CALL = re.compile(r"(?:^\$ |^|\$\()tracker ([^|#)`]+)", re.MULTILINE)
_KEY = re.compile(rf"(?<![\w./-])({'|'.join(SECTIONS)})\.(?!py\b|md\b|yaml\b)(\w+)")
_ROW = re.compile(r"^\| `(\w+\.\w+)` \| `(.+?)` \|", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def keys() -> dict[str, Any]:
    """Dotted path -> default, from the configuration that ships."""
    found = {}
    for section, (file, below) in SECTIONS.items():
        values = yaml.safe_load((ROOT / "conf" / f"{file}.yaml").read_text("utf-8"))
        for name, default in (values[below] if below else values).items():
            found[f"{section}.{name}"] = default
    return found


def code(text: str) -> Iterator[str]:
    """Blocks and spans of code in a page."""
    yield from _BLOCK.findall(text)
    yield from _SPAN.findall(_BLOCK.sub("", text))


def unknown_calls(text: str) -> Iterator[str]:
    """Calls of commands, subcommands and options that do not exist."""
    context = click.Context(tracker)
    for piece in code(text):
        for call in _CALL.findall(piece):
            command: click.Command | None = tracker
            words = call.split()
            while isinstance(command, click.Group) and words and re.match(r"[a-z]", words[0]):
                command = command.get_command(context, words.pop(0))
            names = {"--help"}.union(*(one.opts for one in command.params) if command else ())
            options = {word.split("=")[0] for word in words if word.startswith("--")} - {"--"}
            if command is None or not options <= names:
                yield call.strip()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_options_exist(page: Path) -> None:
    assert list(unknown_calls(page.read_text("utf-8"))) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_keys_exist(page: Path) -> None:
    named = {
        ".".join(found)
        for piece in code(page.read_text("utf-8"))
        for found in _KEY.findall(piece)
        if found[0] != "matrix"  # where any other key is a parameter
    }
    assert named - keys().keys() == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_relative_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(_BLOCK.sub("", page.read_text("utf-8"))):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        if target.suffix != ".md":
            continue
        headings = re.findall(r"^#+ (.+)$", _BLOCK.sub("", target.read_text("utf-8")), re.MULTILINE)
        slugs = {re.sub(r"[^\w -]", "", one).lower().replace(" ", "-") for one in headings}
        assert not anchor or anchor in slugs, link


def test_the_table_of_keys_is_complete_and_has_the_defaults() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    assert {key: yaml.safe_load(text) for key, text in _ROW.findall(page)} == keys()


@pytest.mark.parametrize(
    "text",
    ["`tracker rnu`", "```console\n$ tracker plan --evry 3\n```", "`tracker db begin`"],
)
def test_what_does_not_exist_is_found(text: str) -> None:
    assert list(unknown_calls(text))
