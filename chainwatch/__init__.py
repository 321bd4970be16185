"""chainwatch: targets and policies of industrial chains, found in Chinese news and told with their evidence."""

from importlib.metadata import version

__version__ = version("chainwatch")
