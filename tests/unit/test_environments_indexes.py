"""What pip was told reaches uv."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tracker.environments.indexes import pip_files, uv_variables

STRATEGY = {"UV_INDEX_STRATEGY": "unsafe-best-match"}


def test_pips_variables_become_uvs() -> None:
    told = {
        "PIP_INDEX_URL": "https://a.example/simple",
        "PIP_EXTRA_INDEX_URL": "https://b.example/simple  https://c.example/simple",
        "PIP_FIND_LINKS": "/wheels /more",
        "PIP_CERT": "/ca.pem",
    }
    assert uv_variables(told, []) == STRATEGY | {
        "UV_DEFAULT_INDEX": "https://a.example/simple",
        "UV_INDEX": "https://b.example/simple https://c.example/simple",
        "UV_FIND_LINKS": "/wheels,/more",
        "SSL_CERT_FILE": "/ca.pem",
    }


def test_pips_files_are_read_the_later_and_the_narrower_first(tmp_path: Path) -> None:
    machine, user = tmp_path / "machine.conf", tmp_path / "üser.conf"
    machine.write_text("[global]\nindex-url = https://a.example/%7Esimple\ncert = /a.pem\n")
    user.write_text("[global]\nfind_links =\n  /one\n  /two\n[install]\ncert = /b.pem\n")
    missing = tmp_path / "missing.conf"
    assert uv_variables({}, [machine, missing, user]) == STRATEGY | {
        "UV_DEFAULT_INDEX": "https://a.example/%7Esimple",
        "UV_FIND_LINKS": "/one,/two",
        "SSL_CERT_FILE": "/b.pem",
    }


@pytest.mark.parametrize("name", ["UV_DEFAULT_INDEX", "UV_INDEX_URL"])
def test_what_uv_was_told_itself_stands(name: str) -> None:
    told = {name: "https://own.example", "PIP_INDEX_URL": "https://a.example"}
    assert uv_variables(told, []) == STRATEGY
    own = {"UV_INDEX_STRATEGY": "first-index", "SSL_CERT_FILE": "/own.pem", "PIP_CERT": "/a.pem"}
    assert uv_variables(own, []) == {}


def test_pip_can_be_told_to_read_no_files() -> None:
    assert pip_files({"PIP_CONFIG_FILE": os.devnull}, Path("/home/me")) == ()


def test_the_named_file_is_the_strongest() -> None:
    files = pip_files({"PIP_CONFIG_FILE": "/own/pip.conf"}, Path("/home/me"))
    assert files[-1] == Path("/own/pip.conf")
    assert Path("/home/me/.config/pip/pip.conf") in files
