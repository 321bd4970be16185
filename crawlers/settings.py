"""The one Scrapy settings file. What differs by source (delay, user agent, hosts) is set by `crawlers.loader`."""

BOT_NAME = "chainwatch"
SPIDER_LOADER_CLASS = "crawlers.loader.SourceLoader"
SPIDER_MODULES: list[str] = []  # spiders come from sources.yaml

# Polite: robots.txt with Crawl-delay, at most two connections to a host, throttled by the host's own speed.
ROBOTSTXT_OBEY = True
CONCURRENT_REQUESTS = 8
CONCURRENT_REQUESTS_PER_DOMAIN = 2
DOWNLOAD_DELAY = 2.0
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 0.5
AUTOTHROTTLE_MAX_DELAY = 60.0
RETRY_TIMES = 2
RETRY_GIVE_UP_LOG_LEVEL = "WARNING"

# Bounded: any answer ends within so many bytes and seconds, any run within half an hour and 400 MB.
DOWNLOAD_MAXSIZE = 8 << 20
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_TIMEOUT = 30
DNS_TIMEOUT = 15
REDIRECT_MAX_TIMES = 5
METAREFRESH_ENABLED = False
CLOSESPIDER_TIMEOUT = 1800
MEMUSAGE_LIMIT_MB = 400
MEMUSAGE_CHECK_INTERVAL_SECONDS = 5.0

# Closed: no cookies, no proxy from the environment, no other scheme than http, no port that listens.
COOKIES_ENABLED = False
HTTPPROXY_ENABLED = False
DOWNLOAD_VERIFY_CERTIFICATES = True
REMOTE_CONTROL_ENABLED = False
TELNETCONSOLE_ENABLED = False
DOWNLOAD_HANDLERS = {"data": None, "file": None, "ftp": None, "s3": None}

EXTENSIONS = {
    "scrapy.extensions.throttle.AutoThrottle": None,
    "scrapy.extensions.memusage.MemoryUsage": None,
    "crawlers.extensions.Logs": 0,
    "crawlers.extensions.Egress": 0,
    "crawlers.extensions.MemoryUsage": 0,
    "crawlers.politeness.Politeness": 0,
}
DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawlers.middlewares.Robots": 100,
    "crawlers.middlewares.Breaker": 560,
}
ITEM_PIPELINES = {
    "crawlers.pipelines.ToArchive": 100,
    "crawlers.pipelines.ToStream": 200,
}

FEED_EXPORTERS = {
    "jsonl": "crawlers.export.ArticleLines",
    "jsonlines": "crawlers.export.ArticleLines",
    "jl": "crawlers.export.ArticleLines",
}
FEED_EXPORT_ENCODING = "utf-8"
LOG_LEVEL = "INFO"
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
