"""Deployment settings: each with a default, and a sentence when one is wrong."""

import stat
from pathlib import Path

import pytest

from portal import config
from portal.config import Settings, WrongSetting

pytestmark = pytest.mark.no_database


def test_an_empty_environment_is_enough(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    settings = config.read({})

    data = tmp_path / "data"
    assert settings == Settings(data=data, database=f"sqlite:///{data}/portal.db", bind="127.0.0.1", port=8000)
    assert not data.exists()


def test_every_setting_is_read():
    environ = {
        "PORTAL_DATA": "/srv/portal",
        "PORTAL_DATABASE": "postgres://portal:secret@db/portal",
        "PORTAL_BIND": "0.0.0.0",
        "PORTAL_PORT": "8080",
        "PORTAL_URL": "https://Portal.example.com/",
        "PORTAL_PROXIES": "1",
        "PORTAL_DEBUG": "1",
    }

    settings = config.read(environ)

    assert set(environ) == {name for name, _default, _about in config.DOCUMENTED}
    assert settings == Settings(
        data=Path("/srv/portal"),
        database="postgresql://portal:secret@db/portal",
        bind="0.0.0.0",
        port=8080,
        url="https://portal.example.com",
        proxies=1,
        debug=True,
    )
    assert settings.is_https


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("PORTAL_PORT", "65536"),
        ("PORTAL_PORT", "８０００"),
        ("PORTAL_PORT", "eight"),
        ("PORTAL_BIND", "my host"),
        ("PORTAL_URL", "portal.example.com"),
        ("PORTAL_URL", "https://example.com/portal"),
        ("PORTAL_URL", "https://me@example.com"),
        ("PORTAL_URL", "https://[bad"),
        ("PORTAL_URL", "ftp://example.com"),
        ("PORTAL_DATABASE", "mysql://db/portal"),
        ("PORTAL_DATABASE", "postgresql://db"),
        ("PORTAL_PROXIES", "-1"),
        ("PORTAL_DEBUG", "maybe"),
        ("PORTAL_PROT", "8000"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(name, text):
    environ = {name: text}

    with pytest.raises(WrongSetting) as refused:
        config.read(environ)

    assert name in str(refused.value)
    assert str(refused.value).endswith(".")


def test_the_data_folder_is_no_file(tmp_path):
    file = tmp_path / "file"
    file.write_text("")

    with pytest.raises(WrongSetting, match="PORTAL_DATA must be a folder"):
        config.read({"PORTAL_DATA": str(file)})


def test_the_secret_is_made_once_and_kept_from_others(tmp_path):
    settings = config.read({"PORTAL_DATA": str(tmp_path / "new")})

    first = config.secret_key(settings)
    again = config.secret_key(settings)

    path = settings.data / "secret"
    assert first == again
    assert len(first) >= 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in settings.data.iterdir()] == ["secret"]


def test_a_secret_open_to_others_is_closed_to_them(tmp_path):
    settings = config.read({"PORTAL_DATA": str(tmp_path)})
    config.secret_key(settings)
    (tmp_path / "secret").chmod(0o644)

    config.secret_key(settings)

    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_an_empty_secret_stops_the_start(tmp_path):
    (tmp_path / "secret").write_text("\n")

    with pytest.raises(WrongSetting, match="too short"):
        config.secret_key(config.read({"PORTAL_DATA": str(tmp_path)}))
