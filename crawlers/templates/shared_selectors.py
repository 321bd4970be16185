"""Selectors that many news sites share."""

BAIDU_TIME = "#pubtime_baidu"
BAIDU_SOURCE = "#source_baidu"
BAIDU_EDITOR = "#editor_baidu"
"""Ids that a search engine once asked news sites to set."""
META_TIME = (
    "meta[property='article:published_time']@content",
    "meta[name^='og:time']@content",
    "meta[property^='og:time']@content",
    "meta[name='publishdate']@content",
)
META_WORDS = ("meta[name='keywords' i]@content",)
