"""What TLS is called in the extras of an Airflow connection, provider by provider, and where each name was read.

There is no common set of names: `ssl_ca_cert`, `ssl_cert` and `ssl_key`, which many pages give, are those of none.
A test fetches these versions and looks whether each name still is where the table says.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Source:
    """Where something was read.

    Attributes:
        package, version: a distribution on PyPI: the provider, or the driver that it hands its extras to.
        file, line: inside the wheel; without a file, in the compiled library in it.
        words: what stands there.
    """

    package: str
    version: str
    file: str
    line: int
    words: str


@dataclass(frozen=True)
class Extra:
    """One kind of connection.

    Attributes:
        provider, version: `apache-airflow-providers-…`.
        conn_type: of the connection.
        authority, certificate, key: names of the extras for what others call `ssl_ca_cert`, `ssl_cert` and `ssl_key`;
            empty where there is none. A point in a name stands for one inside the other.
        switch: what turns TLS and verification on.
        without: what it does with none of them.
        source: where that was read.
    """

    provider: str
    version: str
    conn_type: str
    authority: str
    certificate: str
    key: str
    switch: str
    without: str
    source: tuple[Source, ...]


def _extra(entry: dict[str, Any]) -> Extra:
    return Extra(**{**entry, "source": tuple(Source(*each) for each in entry["source"])})


EXTRAS: tuple[Extra, ...] = tuple(
    _extra(entry) for entry in tomllib.loads(Path(__file__).with_suffix(".toml").read_text())["extra"]
)
