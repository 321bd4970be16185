"""What a crawler leaves behind: articles appended to a spool, a few at a time. `python -m tests.chaos.publisher`.

Started again after a kill it goes on behind what the spool holds.
"""

import sys
import time
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from chainwatch.models import Article
from chainwatch.stream.envelope import article_draft
from chainwatch.stream.protocol import ARTICLES, PARTITIONS
from chainwatch.stream.sqlite import SqliteStream

PIECE = 10


def main(spool: str, file: str, pause: str) -> None:
    """Append the articles of the file (Article JSON, one a line) that the spool does not hold, some each `pause` s."""
    stream = SqliteStream(Path(spool))
    stream.ensure_topic(ARTICLES, PARTITIONS)
    done = sum(stream.end_offset(ARTICLES, number) for number in range(PARTITIONS))
    due = time.monotonic()
    with Path(file).open("rb") as lines:
        rest = islice(lines, done, None)
        while piece := [Article.from_json(line) for line in islice(rest, PIECE)]:
            stream.append(ARTICLES, [article_draft(article, datetime.now(UTC)) for article in piece])
            due += float(pause)
            time.sleep(max(due - time.monotonic(), 0.0))
    stream.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
