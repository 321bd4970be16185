"""`chainwatch health`: asks the worker on this machine whether it can work; for container and service checks."""

from contextlib import AbstractContextManager, nullcontext

from chainwatch.cli.context import Context
from chainwatch.cli.output import FAILED, JSON, OK, emit_one
from chainwatch.probe import ask, probe, readiness, registry_of
from chainwatch.problem import Problem


def health(*, port: int | None = None, as_json: JSON = False) -> int:
    """Ask the worker that serves `metrics_port`. Exit 1 where it does not answer or is not ready.

    Parameters
    ----------
    port
        Another port than the setting's.
    """
    asked = port or Context().settings.metrics_port
    if not asked:
        raise Problem("no worker can be asked", place="metrics_port", cure="set metrics_port, or give --port")
    ready, said = ask(asked)
    emit_one({"port": asked, "ready": ready, "said": said.strip()}, {"ready": "ready", "said": "said"}, as_json=as_json)
    return OK if ready else FAILED


def probing(context: Context) -> AbstractContextManager[int]:
    """The probe of a worker, where the settings name a port for it."""
    settings = context.settings
    if not settings.metrics_port:
        return nullcontext(0)
    ready = readiness(context.database, context.stream)
    return probe(settings.metrics_port, registry_of(context.database, context.stream), ready, settings.metrics_host)
