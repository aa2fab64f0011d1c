from __future__ import annotations

from pathlib import Path

import pytest

from batchdep.config import DEFAULT_LOCAL_PORT, Config, database_location, load_config
from batchdep.errors import UsageError


def write(folder: Path, text: str) -> dict[str, str]:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return {"BATCHDEP_CONFIG": str(path)}


def test_everything_that_can_be_set(tmp_path: Path) -> None:
    config = load_config(
        write(
            tmp_path,
            'database = "state.db"\nconcurrency = 4\nlocal_port = 9000\n'
            '[targets.lab]\nurl = "https://lab.example"\ntoken_env = "LAB_TOKEN"\n',
        )
    )
    assert config.database == str(tmp_path / "state.db")
    assert (config.concurrency, config.local_port) == (4, 9000)
    assert config.targets["lab"].url == "https://lab.example"
    assert config.targets["lab"].token_env == "LAB_TOKEN"


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert load_config({}) == Config()


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no configuration file"):
        load_config({"BATCHDEP_CONFIG": str(tmp_path / "none.toml")})


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("concurency = 3\n", 1, "Unknown key 'concurency'"),
        ("\nconcurrency = 0\n", 2, "whole number"),
        ("concurrency = true\n", 1, "whole number"),
        ("local_port = 70000\n", 1, "whole number"),
        ("database = 3\n", 1, "path or a URL"),
        ('[targets.lab]\nadress = "x"\n', 1, "has no url"),
        ('[targets.lab]\nurl = "https://a.example"\ntoken = "secret"\n', 3, "Unknown key 'token' in \\[targets.lab\\]"),
        ('[targets.lab]\nurl = "https://a.example"\ntoken_env = "a b"\n', 3, "environment variable"),
        ('# mine\n[targets."zenodo"]\nurl = "https://a.example"\n', 2, "built-in"),
        ("[targets]\nlab = 3\n", 2, "has no url"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    with pytest.raises(UsageError, match=rf"config\.toml:{line}: .*{words}"):
        load_config(write(tmp_path, text))


def test_a_mistyped_key_is_guessed(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_config(write(tmp_path, "concurency = 3\n"))
    assert "'concurrency'" in caught.value.hint


@pytest.mark.parametrize("content", [b"database = \n", b"\xff\xfe", b"a = 1\na = 2\n"])
def test_what_is_no_toml_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"config\.toml"):
        load_config({"BATCHDEP_CONFIG": str(path)})


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_config({"BATCHDEP_CONFIG": str(tmp_path)})


def test_a_token_written_into_the_file_is_not_repeated(tmp_path: Path) -> None:
    text = '[targets.lab]\nurl = "https://a.example"\ntoken_env = "s3cret-token-value!"\n'
    with pytest.raises(UsageError) as caught:
        load_config(write(tmp_path, text))
    assert "s3cret" not in caught.value.message + caught.value.hint


def test_the_environment_overrides_the_port(tmp_path: Path) -> None:
    environ = write(tmp_path, "local_port = 9000\n")
    assert load_config({**environ, "BATCHDEP_LOCAL_PORT": "9001"}).local_port == 9001
    assert load_config({**environ, "BATCHDEP_LOCAL_PORT": ""}).local_port == 9000
    for wrong in ("0", "x", "-1", "65536", "٣"):
        with pytest.raises(UsageError, match="BATCHDEP_LOCAL_PORT"):
            load_config({**environ, "BATCHDEP_LOCAL_PORT": wrong})


def test_the_order_in_which_the_database_is_looked_for() -> None:
    config = Config(database="/from/config.db")
    environ = {"BATCHDEP_DATABASE": "postgresql://host/base"}
    assert database_location("/option.db", config, environ) == "/option.db"
    assert database_location(None, config, environ) == "postgresql://host/base"
    assert database_location(None, config, {}) == "/from/config.db"
    assert database_location(None, Config(), {}).endswith("batchdep/state.db")


def test_a_database_url_is_kept_as_it_is(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, 'database = "postgresql://h/b"\n')).database == "postgresql://h/b"


def test_the_default_port_is_not_one_that_needs_rights() -> None:
    assert 1024 < DEFAULT_LOCAL_PORT < 49152
