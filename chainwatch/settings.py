"""Settings: one typed model, read once by the command line from file and environment, handed down as values.

Order: flag, then environment (`CHAINWATCH_<NAME>`), then `$CHAINWATCH_HOME/chainwatch.toml`, then the default.
Every secret also has a `_FILE` form. An unknown name is an error, in the file and in the environment.
"""

import os
import tomllib
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from chainwatch.problem import Problem, Problems

PREFIX = "CHAINWATCH_"
SECRETS = frozenset({"secret_key", "store", "kafka_password", "webhook_secret"})
"""Settings that may also be given as `<NAME>_FILE`."""
OUTSIDE = frozenset({"CHAINWATCH_HOME", "CHAINWATCH_CRASH_AT"})
"""Variables with our prefix that are no settings: the home folder itself, and the crash points of the fault tests."""


class Settings(BaseModel):
    """Everything one installation can choose. Defaults are safe and need no server."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path
    """Folder of all state of this installation."""
    store: SecretStr | None = None
    """SQLAlchemy URL of the store; default: SQLite file `store.db` in the home folder."""
    stream: str | None = None
    """`sqlite:///PATH` or `kafka://HOST:PORT[,HOST:PORT…]`; default: the embedded log in the home folder."""
    language: Literal["zh", "en"] | None = None
    """Of the command line; default: from the locale. Subscribers choose their own."""
    contact: str = "not set"
    """Named in the crawler's user agent: a page or mail address where a site's keeper can reach the operator."""
    alert_window_days: int = Field(default=3, ge=0, le=365)
    """An article raises alerts only if published within so many days of being fetched."""
    allow_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Private networks that crawler and sender may reach; none by default."""
    allow_services: tuple[str, ...] = ()
    """Raw-socket services that channels may use although they reach any port of any host: mqtt, irc, amqp …"""
    workers: int = Field(default=0, ge=0, le=256)
    """Processes that tag and extract; 0: one for each core."""
    stream_retention_days: int | None = Field(default=None, ge=1)
    """How long topics made on Kafka keep records; None: for ever (audits). Nothing trims the embedded log."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["console", "json"] = "console"
    secret_key: SecretStr | None = None
    """Key that channel addresses are encrypted with; default: file `secret.key` in the home folder, made by `init`."""
    webhook_secret: SecretStr | None = None
    """Key that webhook bodies are signed with (HMAC-SHA256); default: derived from the secret key."""
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    kafka_sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    kafka_user: str | None = None
    kafka_password: SecretStr | None = None
    kafka_ca_file: Path | None = None
    metrics_port: int = Field(default=0, ge=0, le=65535)
    """Port of /metrics, /healthz and /readyz; 0: closed."""
    metrics_host: str = "127.0.0.1"
    """Address that the port is opened on; 0.0.0.0 in a container."""

    @property
    def store_url(self) -> str:
        """SQLAlchemy URL of the store."""
        return self.store.get_secret_value() if self.store else f"sqlite:///{self.home / 'store.db'}"

    @property
    def stream_url(self) -> str:
        """URL of the stream."""
        return self.stream or f"sqlite:///{self.home / 'stream.db'}"

    @property
    def archive_dir(self) -> Path:
        """Raw pages by digest."""
        return self.home / "archive"

    @property
    def rules_dir(self) -> Path:
        """The user's own rule files; they join the shipped ones."""
        return self.home / "rules"

    @property
    def sources_file(self) -> Path:
        """The user's own sources; they join the shipped ones."""
        return self.home / "sources.yaml"


def home_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """`$CHAINWATCH_HOME`, else the user's data folder."""
    chosen = environment.get("CHAINWATCH_HOME")
    return Path(chosen).expanduser().absolute() if chosen else Path(platformdirs.user_data_dir("chainwatch"))


def load_settings(environment: Mapping[str, str] = os.environ, **flags: Any) -> Settings:
    """Read flags, environment and file. Raises Problems naming every wrong entry and its place."""
    home = home_folder(environment)
    path = home / "chainwatch.toml"
    values, places, problems = _from_file(path)
    for name, value, place in _from_environment(environment, problems):
        values[name], places[name] = value, place
    for name, value in flags.items():
        if value is not None:
            values[name], places[name] = value, f"--{name.replace('_', '-')}"
    try:
        settings = Settings(home=home, **values)
    except ValidationError as error:
        for item in error.errors(include_input=False, include_url=False):
            name = str(item["loc"][0]) if item["loc"] else ""
            problems.append(Problem(f"{name}: {item['msg']}", place=places.get(name, str(path)), cure=_cure(name)))
    if problems:
        raise Problems(problems)
    return settings


def _from_file(path: Path) -> tuple[dict[str, Any], dict[str, str], list[Problem]]:
    if not path.is_file():
        return {}, {}, []
    text = path.read_text(encoding="utf-8")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return {}, {}, [Problem(str(error), place=str(path), cure="correct the TOML at that line")]
    lines = {line.split("=")[0].strip(): number for number, line in enumerate(text.splitlines(), 1) if "=" in line}
    places = {name: f"{path}:{lines.get(name, 1)}" for name in values}
    problems = [
        Problem(f"the setting home stands in the file it would move, {name!r} is not allowed here", place=places[name])
        for name in values
        if name == "home"
    ]
    values.pop("home", None)
    return values, places, problems


def _from_environment(environment: Mapping[str, str], problems: list[Problem]) -> list[tuple[str, Any, str]]:
    found: list[tuple[str, Any, str]] = []
    for variable, value in sorted(environment.items()):
        if not variable.startswith(PREFIX) or variable in OUTSIDE:
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name.endswith("_file") and name.removesuffix("_file") in SECRETS:
            try:
                found.append((name.removesuffix("_file"), Path(value).read_text(encoding="utf-8").strip(), variable))
            except OSError as error:
                problems.append(Problem(f"cannot read {value}: {error.strerror}", place=variable))
        elif name in Settings.model_fields:
            split = [part.strip() for part in value.split(",") if part.strip()]
            found.append((name, split if name in {"allow_networks", "allow_services"} else value, variable))
        else:
            problems.append(Problem("no such setting", place=variable, cure=_cure(name)))
    return found


def _cure(name: str) -> str:
    known = sorted(set(Settings.model_fields) - {"home"})
    near = [setting for setting in known if setting.startswith(name[:4]) and name]
    return f"see docs/reference/settings.md; settings near it: {', '.join(near or known)}"
