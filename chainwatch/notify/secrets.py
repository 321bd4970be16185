"""Secrets: channel addresses are encrypted at rest (AES-256-GCM) with keys kept apart from the store.

A keyring holds one key, or during a change of keys several: the first encrypts, all decrypt. The channel's id is
bound to its address, so that a row copied to another channel does not open.
"""

import base64
import hashlib
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chainwatch.problem import Problem
from chainwatch.settings import Settings

KEY_FILE = "secret.key"
SHORTEST = 32
"""Characters a key given by hand must have."""
_NONCE = 12
_MARK = 4
"""Bytes before the nonce that name the key."""


class Keyring:
    """Encrypts and decrypts. Shows no key in its repr.

    Args:
        keys: any strings of at least 32 characters, the current one first.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or any(len(key) < SHORTEST for key in keys):
            raise Problem(
                f"the secret key is missing or shorter than {SHORTEST} characters",
                place="secret_key",
                cure="chainwatch channels new-key, or give at least 32 random characters",
            )
        self._material = [_derive(key, b"chainwatch channel addresses 1") for key in keys]
        self._signing = _derive(keys[0], b"chainwatch webhook signatures 1")

    def __repr__(self) -> str:
        return f"Keyring({len(self._material)} keys)"

    def encrypt(self, text: str, channel: str) -> bytes:
        """Mark of the key, nonce, ciphertext."""
        key = self._material[0]
        nonce = os.urandom(_NONCE)
        return _mark(key) + nonce + AESGCM(key).encrypt(nonce, text.encode(), channel.encode())

    def decrypt(self, data: bytes, channel: str) -> str:
        """Raises Problem where no key of the ring made it, or it was altered or belongs to another channel."""
        for key in self._material:
            if data[:_MARK] == _mark(key):
                nonce, body = data[_MARK : _MARK + _NONCE], data[_MARK + _NONCE :]
                try:
                    return AESGCM(key).decrypt(nonce, body, channel.encode()).decode()
                except InvalidTag:
                    break
        raise Problem(
            "the stored address does not open with the secret key",
            place=f"channel {channel}",
            cure="restore the secret.key that belongs to this store, or add the channel again",
        )

    def signing_key(self, channel: str) -> str:
        """Key (hex) that webhook bodies to this channel are signed with, where the settings name none."""
        return hashlib.sha256(self._signing + channel.encode()).hexdigest()


def new_key() -> str:
    """A random key, 43 characters."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")


def open_keyring(settings: Settings, *, create: bool = False) -> Keyring:
    """The keys of this installation: the setting `secret_key`, else the key file of the home folder.

    Args:
        settings: of the installation.
        create: make the key file where there is none.
    """
    return Keyring(read_keys(settings, create=create))


def read_keys(settings: Settings, *, create: bool = False) -> list[str]:
    """The keys, the current one first; several are separated by white space."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value().split()
    path = settings.home / KEY_FILE
    if not path.exists():
        if not create:
            raise Problem("no secret key", place=str(path), cure="chainwatch channels new-key")
        write_keys(path, [new_key()])
    return path.read_text(encoding="ascii").split()


def write_keys(path: Path, keys: Sequence[str]) -> None:
    """Write the key file whole or not at all, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write("\n".join(keys) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _derive(key: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(key.encode())


def _mark(key: bytes) -> bytes:
    return hashlib.sha256(key).digest()[:_MARK]
