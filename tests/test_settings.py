"""The environment: a wrong setting is refused at start, by its name, with the remedy and without its value."""

from __future__ import annotations

from pathlib import Path

import pytest

from polling.settings import SettingsError, load_settings, server_keys


def refusal(**environment: str) -> str:
    with pytest.raises(SettingsError) as refused:
        load_settings(environment)
    return str(refused.value)


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"PORT": "many"}, "PORT: "),
        ({"PORT": "70000"}, "PORT: "),
        ({"POLLING_PUBLIC_URL": "poll.example"}, "POLLING_PUBLIC_URL: should be like https://poll.example"),
        ({"DATABASE_URL": "mysql://here"}, "DATABASE_URL: should be like sqlite:///polling.db"),
        ({"DATABASE_URL": "sqlite:////no/such/folder/x.db"}, "DATABASE_URL: there is no folder /no/such/folder"),
        ({"POLLING_SECRET": "too-short"}, "POLLING_SECRET: should be 32 characters or more"),
        ({"POLLING_PUBLIC_URI": "https://poll.example"}, "did you mean POLLING_PUBLIC_URL?"),
        ({"POLLING_COLOUR": "red"}, "POLLING_COLOUR is no setting"),
    ],
)
def test_a_wrong_setting_is_named_with_the_remedy(environment: dict[str, str], words: str) -> None:
    assert words in refusal(**environment)


@pytest.mark.promise("S14")
def test_a_refusal_never_says_the_secret() -> None:
    assert "too-short" not in refusal(POLLING_SECRET="too-short")


def test_an_empty_setting_is_the_default() -> None:
    assert load_settings({"PORT": ""}).port == 8000


def test_links_say_the_public_address_where_one_is_set() -> None:
    assert load_settings({"POLLING_PUBLIC_URL": "https://poll.example/"}).base_url == "https://poll.example"
    assert load_settings({"POLLING_PUBLIC_URL": "https://poll.example"}).is_https


@pytest.mark.promise("S14")
def test_the_secret_is_made_once_beside_the_database_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    settings = load_settings({"DATABASE_URL": f"sqlite:///{tmp_path}/x.db"})
    first, again = server_keys(settings), server_keys(settings)
    assert first.fingerprint() == again.fingerprint()
    assert (tmp_path / "x.db.secret").stat().st_mode & 0o777 == 0o600
    (tmp_path / "x.db.secret").write_text("cut off")
    with pytest.raises(SettingsError, match="holds no secret"):
        server_keys(settings)
