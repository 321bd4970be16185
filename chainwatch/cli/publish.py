"""`chainwatch publish`: articles of another program onto the stream, as live."""

from datetime import UTC, datetime
from pathlib import Path

from chainwatch.cli.context import Context
from chainwatch.cli.importing import Intake, report
from chainwatch.cli.output import JSON
from crawlers.saved import Terms, load_lines


def publish(file: Path, *, as_json: JSON = False) -> int:
    """Append the articles of a JSONL file to the stream, as live: they may alert.

    Parameters
    ----------
    file
        One JSON object a line: title, text; published, source, url, id where known; fetched (default: now).
    as_json
        Print the counts as JSON.
    """
    now = datetime.now(UTC)
    terms = Terms(fetched=now, live=True, run=None, archive=lambda _data: "")
    with Context() as context:
        intake = Intake(context, now)
        for loaded in load_lines(file, terms):
            intake.take(loaded)
        intake.flush()
    return report(intake, as_json=as_json)
