"""chainwatch: targets and policies of industrial chains, found in Chinese news and told with their evidence."""

__version__: str


def __getattr__(name: str) -> str:
    """`__version__`, looked up when it is asked for: that costs a tenth of a short command's start."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version  # noqa: PLC0415  see above

    return version("chainwatch")
