"""The table of TLS extras says what the providers' own source says, line by line."""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
import requests
from airflow.providers.hashicorp.hooks.vault import VaultHook
from airflow.providers.http.hooks.http import HttpHook
from airflow.sdk import Connection
from uv import find_uv_bin

from airlock.lab import Lab
from airlock.lab.description import secret
from airlock.lab.providers import EXTRAS, Source

PLACEHOLDERS = ("ssl_ca_cert", "ssl_cert", "ssl_key")
SOURCES = sorted({source for extra in EXTRAS for source in extra.source}, key=str)
INSTALLED = ("postgres", "http", "smtp", "hashicorp")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The distributions of the table, without what they need, in a folder of the test's own."""
    folder = tmp_path_factory.mktemp("wheels")
    wanted = sorted({f"{source.package}=={source.version}" for source in SOURCES})
    done = subprocess.run(
        [find_uv_bin(), "pip", "install", "--quiet", "--no-deps", "--target", str(folder), *wanted],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if done.returncode and "No solution found" not in done.stderr:
        pytest.skip(f"the package index does not answer: {done.stderr.strip()[-200:]}")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("source", SOURCES, ids=lambda each: f"{each.package}:{each.line}:{each.words[:30]}")
def test_the_words_stand_where_the_table_says(wheels: Path, source: Source) -> None:
    if source.file:
        assert source.words in (wheels / source.file).read_text().splitlines()[source.line - 1]
    else:
        assert any(source.words.encode() in library.read_bytes() for library in libraries(wheels, source.package))


def libraries(wheels: Path, package: str) -> Iterator[Path]:
    for folder in wheels.glob(f"{package.replace('-', '_')}*"):
        yield from (file for file in folder.rglob("*.so*") if file.is_file())


def test_no_provider_reads_the_placeholders_as_one_set(wheels: Path) -> None:
    read = {file: file.read_text() for file in (wheels / "airflow" / "providers").rglob("hooks/*.py")}
    assert read
    assert [file for file, text in read.items() if f'"{PLACEHOLDERS[0]}"' in text] == []
    assert not any({each.authority, each.certificate, each.key} == set(PLACEHOLDERS) for each in EXTRAS)


def test_what_is_installed_is_what_the_table_speaks_of() -> None:
    versions: dict[str, set[str]] = defaultdict(set)
    for extra in EXTRAS:
        versions[extra.provider].add(extra.version)
    assert {name: versions[name] for name in INSTALLED} == {
        name: {version(f"apache-airflow-providers-{name}")} for name in INSTALLED
    }


@pytest.mark.lab
def test_http_s_name_for_an_authority_works_and_a_placeholder_becomes_a_header(lab: Lab) -> None:
    def hook(**extra: object) -> HttpHook:
        where = {"host": lab.billing.host, "port": lab.billing.tls_port, "schema": "https"}
        connection = Connection(conn_id="billing", conn_type="http", extra=json.dumps(extra), **where)
        found = HttpHook(method="GET")
        found.get_connection = lambda _: connection  # type: ignore[method-assign]
        return found

    assert hook(verify=lab.ca_file).get_conn().verify == lab.ca_file
    answer = hook(verify=lab.ca_file).run("/", extra_options={"check_response": False})
    assert answer.url.startswith("https://")
    with pytest.raises(requests.exceptions.SSLError):
        hook().run("/", extra_options={"check_response": False})
    misled = hook(verify=lab.ca_file, ssl_ca_cert=lab.ca_file).run("/", extra_options={"check_response": False})
    assert misled.request.headers["ssl_ca_cert"] == lab.ca_file  # the server has been told


@pytest.mark.lab
def test_vault_s_switch_works_and_verify_is_not_read(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def health(**extra: object) -> bool:
        host, _, port = lab.vault.url.removeprefix("https://").partition(":")
        where = {"host": host, "port": int(port), "password": secret(lab.vault.root_token_file), "schema": "airflow"}
        value = {"conn_type": "vault", **where, "extra": {"auth_type": "token", **extra}}
        monkeypatch.setenv("AIRFLOW_CONN_VAULT_OF_THE_TABLE", json.dumps(value))
        return bool(VaultHook("vault_of_the_table").get_conn().sys.is_initialized())

    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    with pytest.raises(requests.exceptions.SSLError):
        health(use_tls=True, verify=lab.ca_file)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", lab.ca_file)
    assert health(use_tls=True)
    with pytest.raises(Exception, match="HTTP request to an HTTPS server"):
        health()


def test_libpq_knows_the_names_that_postgres_passes_on() -> None:
    from psycopg.pq import Conninfo

    (postgres,) = (each for each in EXTRAS if each.conn_type == "postgres")
    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    assert {postgres.authority, postgres.certificate, postgres.key, postgres.switch.partition("=")[0]} <= known
    assert not known & {PLACEHOLDERS[0], "ssl_cert", "ssl_key"}
