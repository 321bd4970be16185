"""Tag and extract: the pure part of one article, made from one rule bundle. No clock, network, disk or store."""

from pathlib import Path

from chainwatch.matching.bundle import Bundle
from chainwatch.matching.rules import compile_rules
from chainwatch.matching.taxonomy import load_taxonomy
from chainwatch.models import Article
from chainwatch.rulecache import DiskCache
from chainwatch.runner.reading import Read, Reading
from consumers.compare import needs
from consumers.extract import extract
from consumers.extractors.lexicon import load_lexicon
from consumers.tag import tag


def compile_hops(bundle: Bundle, cache: Path | None = None) -> Read:
    """Compile a bundle. Raises Problems naming every fault with file and line.

    Args:
        bundle: the files in force.
        cache: folder in which compiled rule sets are kept by content; None: nothing is kept.
    """
    rules = compile_rules(bundle, keep=None if cache is None else DiskCache(cache))
    taxonomy, lexicon = load_taxonomy(bundle), load_lexicon(bundle)

    def read(article: Article) -> Reading:
        tags, findings = tag(article, rules, taxonomy), extract(article, lexicon, taxonomy)
        return Reading.of(article, tags, findings, needs(article, tags, findings))

    return read


def compile_packed(packed: bytes, cache: Path | None = None) -> Read:
    """`compile_hops` of a bundle's bytes: what a child process is started with."""
    return compile_hops(Bundle.from_bytes(packed), cache)
