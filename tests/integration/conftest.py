"""One embedded server for all tests, a fresh database for each test that asks for one."""

from __future__ import annotations

import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from tests.support.browsing import open_browser
from tests.support.ml import python_with_torch
from tests.support.workloads import Bench
from tracker.config.places import Places
from tracker.config.settings import StoreSettings
from tracker.store.embedded import Embedded
from tracker.store.store import Store, open_store


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """A running server, below a path that has what breaks shells in it."""
    home = tmp_path_factory.mktemp('it\'s a "server" für $HOME')
    server = Embedded(Places(cache=home / "cache", state=home / "state"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def database_url(embedded: Embedded) -> Iterator[str]:
    """The URL of an empty database of its own."""
    name = f"test_{uuid.uuid4().hex}"
    address = embedded.start()
    with address.connect(autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield address.with_parameters(dbname=name).url
    with embedded.start().connect(autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def store(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """An open store on a database of its own."""
    home = tmp_path_factory.mktemp("store")
    places = Places(cache=home / "cache", state=home / "state")
    with open_store(StoreSettings(url=database_url), places=places) as opened:
        yield opened


@pytest.fixture(scope="session")
def ml_python() -> Path:
    """A Python that has torch and transformers."""
    return python_with_torch()


@pytest.fixture
def bench(tmp_path: Path, ml_python: Path) -> Bench:
    """Runs workloads with that Python."""
    return Bench(tmp_path, ml_python)


@pytest.fixture(scope="session")
def cuda(ml_python: Path) -> str:
    """The name of an NVIDIA device that the torch there can use."""
    asked = [str(ml_python), "-c", "import torch; raise SystemExit(not torch.cuda.is_available())"]
    if subprocess.run(asked, check=False).returncode:
        pytest.skip("torch finds no NVIDIA device on this machine")
    return "cuda"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Directories of a user, with a space and a letter that ASCII does not have."""
    return Places(cache=tmp_path / "my cache ü", state=tmp_path / "my state ü")


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """One browser for all tests that look at pages."""
    window = open_browser(tmp_path_factory.mktemp("profile"))
    yield window
    window.quit()
