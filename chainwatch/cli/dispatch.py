"""`chainwatch dispatch`: send what is due, once or until stopped."""

from contextlib import nullcontext
from typing import Annotated

from cyclopts import Parameter

from chainwatch import logs
from chainwatch.cli.context import Context
from chainwatch.cli.health import probing
from chainwatch.cli.output import OK, say
from chainwatch.cli.stopping import stop_signals


def dispatch(*, once: Annotated[bool, Parameter(negative="")] = False) -> int:
    """Send the messages that are due. Stop with Ctrl-C or SIGTERM: sends under way are finished first.

    Args:
        once: stop when nothing is due any more; what failed waits for a later call.
    """
    from chainwatch.notify import dispatch as dispatcher  # noqa: PLC0415  start-up

    context = Context()
    settings, database = context.settings, context.database
    logs.configure(settings.log_level, settings.log_format)
    with stop_signals() as stopping, nullcontext() if once else probing(context):
        sent = dispatcher.run(settings, database, stopping, once=once)
    if once:
        say("{count} sends recorded", count=sent)
    return OK
