from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.errors import ConfigurationError
from tracker.store.address import Address

visible = st.text(st.characters(min_codepoint=33, exclude_categories=["Cs", "Cc"]), min_size=1)


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://anna:geheim@db.example:5433/results",
        "postgresql+psycopg://anna:geheim@db.example:5433/results",
        "postgres://anna:geheim@db.example:5433/results",
        "host=db.example port=5433 user=anna password=geheim dbname=results",
    ],
)
def test_one_server_in_all_forms(text: str) -> None:
    address = Address.parse(text)
    assert address.url == "postgresql://anna:geheim@db.example:5433/results"
    assert str(address) == "postgresql://anna@db.example:5433/results"
    assert "geheim" not in repr(address)


@given(user=visible, password=visible, name=visible)
def test_any_name_and_password_survive(user: str, password: str, name: str) -> None:
    address = Address(
        parameters={"host": "h", "port": "1", "user": user, "password": password, "dbname": name}
    )
    assert Address.parse(address.url) == address
    assert Address.parse(address.conninfo) == address


def test_a_directory_of_sockets() -> None:
    address = Address.parse("host=/run/postgresql dbname=results sslmode=disable")
    assert Address.parse(str(address)) == address


@pytest.mark.parametrize(
    "text", ["mysql://h/x", "nonsense geheim", "postgresql://anna:geheim@h:port:/x y"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ConfigurationError) as wrong:
        Address.parse(text)
    assert wrong.value.problems[0].where == "store.url"
    assert "geheim" not in str(wrong.value)
    assert wrong.value.__cause__ is None
