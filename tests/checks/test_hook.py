"""The process that hooks are used in: what it answers, and that it comes back."""

from __future__ import annotations

import multiprocessing

import pytest

from airlock.checks import hook

NOBODY = "postgres://a:b@127.0.0.1:1/x"


def refused() -> bool:
    (came,) = hook.used([NOBODY], "select 1")
    return all("Connection refused" in came[path].said and came[path].rows == [] for path in hook.PATHS)


def test_each_connection_is_used_on_each_path_in_order() -> None:
    first, second = hook.used([NOBODY, "postgres://a:b@127.0.0.1:2/x"], "select 1")
    for path in hook.PATHS:
        assert "port 1 " in first[path].said
        assert "port 2 " in second[path].said
    (call,) = hook.invoices(["http://127.0.0.1:1"])
    assert "ConnectionError" in call.said


def test_what_one_use_was_told_the_next_does_not_know() -> None:
    (told,) = hook.used(["postgres://a:b@/x"], "select 1", {"PGPORT": "7"})
    (untold,) = hook.used(["postgres://a:b@/x"], "select 1")
    assert ".s.PGSQL.7" in told["get_conn"].said
    assert ".s.PGSQL.5432" in untold["get_conn"].said


def test_it_comes_back_when_it_has_ended() -> None:
    assert refused()
    process = hook._server._process
    assert process
    process.kill()
    process.wait()
    assert refused()


def test_one_that_does_not_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hook, "_server", hook._Server())
    monkeypatch.setattr(hook, "_MAIN", "raise SystemExit({})")
    with pytest.raises(RuntimeError, match=r"\./airlock doctor"):
        refused()


def test_a_fork_of_this_process_has_one_of_its_own() -> None:
    assert refused()
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.apply(refused)
    assert refused()
