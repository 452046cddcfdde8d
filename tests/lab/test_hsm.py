"""The HSM: a real one's interface where SoftHSM is installed, one sentence where it is not."""

from __future__ import annotations

import pytest

from airlock.lab import hsm


def test_it_signs_and_hands_no_key_out() -> None:
    try:
        seen = hsm.demonstrate()
    except hsm.NoHsm as why:
        pytest.skip(str(why))
    assert seen.signed
    assert not seen.exported
    assert seen.refusal == "CKR_ATTRIBUTE_SENSITIVE"
    assert "never extractable" in seen.key


def test_without_it_the_lesson_reads_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hsm, "_MODULES", ())
    with pytest.raises(hsm.NoHsm, match="the lesson stands without it"):
        hsm.demonstrate()
