"""Where a server is, in the forms that people write it."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tracker.errors import ConfigurationError, Problem

#: seconds to wait for a server to answer, where the address does not say
CONNECT_TIMEOUT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """What libpq needs to connect. Its text never shows the password."""

    parameters: dict[str, str] = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read ``postgresql://...``, ``postgresql+psycopg://...`` or ``host=... dbname=...``.

        Raises:
            ConfigurationError: it is none of these.
        """
        scheme, separator, rest = text.partition("://")
        if separator and scheme not in ("postgres", "postgresql", "postgresql+psycopg"):
            raise _invalid(f"{scheme!r} is not a database that results can be kept in")
        plain = f"postgresql://{rest}" if separator else text
        try:
            parameters = conninfo_to_dict(plain)
        except psycopg.ProgrammingError:
            # what libpq says may repeat the password
            raise _invalid("the address of the database cannot be read") from None
        return cls(parameters={name: str(value) for name, value in parameters.items()})

    def connect(self, *, autocommit: bool = False) -> psycopg.Connection:
        """A new connection.

        Raises:
            psycopg.OperationalError: nobody answers, or not to this user.
        """
        parameters = {"connect_timeout": str(CONNECT_TIMEOUT), "application_name": "tracker"}
        return psycopg.connect(
            make_conninfo("", **(parameters | self.parameters)), autocommit=autocommit
        )

    def with_parameters(self, **changed: str) -> Address:
        """The same server, with other parameters."""
        return Address(parameters=self.parameters | changed)

    @property
    def conninfo(self) -> str:
        """For programs: with the password."""
        return make_conninfo("", **self.parameters)

    @property
    def url(self) -> str:
        """For programs that want a URL: with the password."""
        return _url(self.parameters)

    def __str__(self) -> str:
        return _url({name: value for name, value in self.parameters.items() if name != "password"})


def _url(parameters: dict[str, str]) -> str:
    rest = dict(parameters)
    user, password = rest.pop("user", ""), rest.pop("password", "")
    host, port, name = rest.pop("host", ""), rest.pop("port", ""), rest.pop("dbname", "")
    if "/" in host or "," in host:  # a directory of sockets, or several hosts, has no place there
        rest = {"host": host} | rest
        host = ""
    login = quote(user, safe="") + (f":{quote(password, safe='')}" if password else "")
    return (
        f"postgresql://{login}{'@' if login else ''}{host}{f':{port}' if port else ''}"
        f"/{quote(name, safe='')}{f'?{urlencode(rest, quote_via=quote)}' if rest else ''}"
    )


def _invalid(message: str) -> ConfigurationError:
    return ConfigurationError(
        message,
        problems=[
            Problem(
                message="not the address of a PostgreSQL server",
                where="store.url",
                hint="write postgresql://USER:PASSWORD@HOST:PORT/NAME, or leave it empty "
                "for the embedded server",
            )
        ],
    )
