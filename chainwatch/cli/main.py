"""The `chainwatch` command: registers every noun lazily and turns Problems into messages and exit codes."""

import os
import sys
from collections.abc import Sequence

from cyclopts import App

import chainwatch
from chainwatch.cli.output import FAILED, INTERRUPTED, OK, stderr
from chainwatch.locale import from_environment, language, retold, tr
from chainwatch.problem import Problem, Problems
from chainwatch.settings import home_folder, load_settings

COMMANDS: dict[str, str] = {
    "db": "chainwatch.cli.db:app",
    "replay": "chainwatch.cli.replay:replay",
    "export": "chainwatch.cli.export:export",
    "edits": "chainwatch.cli.edit:app",
    "correct": "chainwatch.cli.edit:correct",
    "split": "chainwatch.cli.edit:split",
    "merge": "chainwatch.cli.edit:merge",
    "events": "chainwatch.cli.events:app",
    "chains": "chainwatch.cli.chains:app",
    "policies": "chainwatch.cli.policies:app",
    "targets": "chainwatch.cli.targets:app",
    "health": "chainwatch.cli.health:health",
    "stream": "chainwatch.cli.stream:app",
    "relay": "chainwatch.cli.relay:relay",
    "taxonomy": "chainwatch.cli.taxonomy:app",
    "dlq": "chainwatch.cli.dlq:app",
    "audit": "chainwatch.cli.audit:app",
    "channels": "chainwatch.cli.channels:app",
    "deliveries": "chainwatch.cli.deliveries:app",
    "feedback": "chainwatch.cli.feedback:app",
    "route": "chainwatch.cli.route:app",
    "subscriptions": "chainwatch.cli.subscriptions:app",
    "analyse": "chainwatch.cli.analyse:analyse",
    "explain": "chainwatch.cli.explain:explain",
    "demo": "chainwatch.cli.demo:demo",
    "publish": "chainwatch.cli.publish:publish",
    "import": "chainwatch.cli.importing:import_",
    "consume": "chainwatch.cli.consume:consume",
    "articles": "chainwatch.cli.articles:app",
    "archive": "chainwatch.cli.archive:app",
    "subscribe": "chainwatch.cli.subscribe:subscribe",
    "dispatch": "chainwatch.cli.dispatch:dispatch",
    "crawl": "chainwatch.cli.crawl:crawl",
    "sources": "chainwatch.cli.sources:app",
    "doctor": "chainwatch.cli.doctor:doctor",
    "init": "chainwatch.cli.init:init",
    "parse": "chainwatch.cli.parse:parse",
    "run": "chainwatch.cli.run:run",
    "rules": "chainwatch.cli.rules:app",
}
"""Command → `module:attribute`. The module is imported only when its command runs."""


def build() -> App:
    """The command line, nothing imported beyond this module."""
    app = App(name="chainwatch", version=_version, help_format="plaintext", result_action="return_value")
    for name, target in COMMANDS.items():
        app.command(target, name=name)
    return app


def _version() -> str:
    return chainwatch.__version__


def run(arguments: Sequence[str] | None = None) -> None:
    """Entry point: parse, run, exit with the documented code."""
    sys.exit(main(sys.argv[1:] if arguments is None else arguments))


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    language.set(from_environment(os.environ))
    try:
        chosen = load_settings(os.environ).language
        language.set(chosen or language.get())
        result = build()(list(arguments))
    except Problem as problem:
        tell(problem)
        return FAILED
    except KeyboardInterrupt:
        stderr().print(tr("interrupted"))
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our output has seen enough (| head)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:
        outage = _outage(error)
        if outage is None:
            raise
        tell(outage)
        return FAILED
    return result if isinstance(result, int) else OK


def _outage(error: Exception) -> Problem | None:
    """A full disk, a store out of reach: no bug of ours, and told like any other problem."""
    drivers = sys.modules.get("sqlalchemy.exc")
    if not isinstance(error, OSError) and (drivers is None or not isinstance(error, drivers.DBAPIError)):
        return None
    from chainwatch.store.database import is_outage, problem_of  # noqa: PLC0415  only where it is needed

    return problem_of(error, str(home_folder())) if is_outage(error) else None


def tell(problem: Problem) -> None:
    """Print a Problem, or each of several, with place and cure."""
    for one in problem.problems if isinstance(problem, Problems) else [problem]:
        what = f"{one.place}: {retold(one.what)}" if one.place else retold(one.what)
        stderr().print(tr("Problem: {problem}", problem=what), markup=False, style="red")
        if one.cure:
            stderr().print("  " + tr("Cure: {cure}", cure=retold(one.cure)), markup=False)
