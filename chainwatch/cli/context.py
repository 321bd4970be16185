"""What a command works with: settings, store and stream of the installation, opened when first asked for."""

import os
from functools import cached_property

from chainwatch.problem import Problem
from chainwatch.settings import Settings, load_settings
from chainwatch.store.database import Database


class Context:
    """Settings and open handles of one run of one command."""

    @cached_property
    def settings(self) -> Settings:
        """Read once from file and environment."""
        return load_settings(os.environ)

    @cached_property
    def database(self) -> Database:
        """The store; refuses a home that `init` has not made and a store of another revision."""
        home = self.settings.home
        if self.settings.store is None and not (home / "store.db").exists():
            raise Problem("no installation here", place=str(home), cure="chainwatch init, or set CHAINWATCH_HOME")
        return Database(self.settings.store_url)
