"""`chainwatch run`: crawl schedule, consumer and dispatcher in one process group, until stopped."""

import os
import sys

from chainwatch import logs
from chainwatch.cli.context import Context
from chainwatch.cli.health import probing
from chainwatch.cli.output import say
from chainwatch.supervisor import Supervisor


def run(*, crawl: bool = True, consume: bool = True, dispatch: bool = True, relay: bool = True) -> int:
    """Run the whole service: crawl on schedule, consume, dispatch. Stop with Ctrl-C or SIGTERM.

    Parameters
    ----------
    crawl
        Crawl the sources when they are due.
    consume
        Tag, extract, compare and route what arrives on the stream.
    dispatch
        Send what is due.
    relay
        Carry the crawlers' spool to Kafka, and events to their topic.
    """
    context = Context()
    settings = context.settings
    logs.configure(settings.log_level, settings.log_format)
    context.database.read()  # a missing installation is told before anything starts
    me = [sys.executable, "-m", "chainwatch.cli"]
    wanted = {"crawl": crawl, "consume": consume, "dispatch": dispatch, "relay": relay}
    commands = {name: [*me, name] for name, on in wanted.items() if on}
    if crawl:
        commands["crawl"].append("--schedule")
    os.environ["CHAINWATCH_HOME"] = str(settings.home)
    with probing(context):
        os.environ["CHAINWATCH_METRICS_PORT"] = "0"  # the port is this process's, not its children's
        say("chainwatch runs ({workers}); stop with Ctrl-C", workers=", ".join(commands))
        return Supervisor(commands).run()
