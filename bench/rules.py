"""Rules: the engine beside Lucene Monitor and a bare Hyperscan scan, hit sets compared; compiling; loading."""

import gzip
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import hyperscan

from chainwatch.matching.bundle import Bundle
from chainwatch.matching.compiled import compiled
from chainwatch.matching.expression import All, Any_, Not, Word
from chainwatch.matching.lowering import case_article
from chainwatch.matching.rule import Rule, Status
from chainwatch.matching.rules import RuleSet, compile_rules
from chainwatch.memory import peak_bytes
from chainwatch.rulecache import DiskCache

HERE = Path(__file__).parent
STREAM = HERE.parents[1] / "shared" / "data" / "stream" / "articles.jsonl.gz"
LENGTH = 1_800
"""Characters of an article."""
SIZES = {1_000: 1_000, 10_000: 1_000, 100_000: 200}
"""Rules → articles matched."""
Words = tuple[str, str, str, str]


def main() -> None:
    random.seed(20)
    texts = real_texts() or made_texts(1_000)
    origin = "real" if STREAM.exists() else "made"
    print(f"{len(texts)} {origin} articles of {LENGTH} characters; rules: a AND (b OR c) AND NOT d")
    compiling(texts)
    jar = build_harness()
    for size, count in SIZES.items():
        compare(size, texts[:count], jar)


def compare(size: int, texts: Sequence[str], jar: str) -> None:
    rules = made_rules(size, texts)
    articles = [case_article("", text) for text in texts]
    begun = time.perf_counter()
    ours = RuleSet(compiled([as_rule(i, words) for i, words in enumerate(rules)], {}))
    load = time.perf_counter() - begun
    rate = best(lambda: sum(len(ours.match(article)) for article in articles), len(articles))
    found = [[int(hit.rule) for hit in hits] for hits in map(ours.match, articles)]
    floor = hyperscan_rate(rules, texts)
    print(f"{size:>7} rules  chainwatch        {rate:>8.0f} articles/s, load {load:.2f} s, hits {sum(map(len, found))}")
    print(f"{'':>13}  Hyperscan literals{floor:>8.0f} articles/s: we reach {rate / floor:.2f} of it")
    for tokens in ("characters", "bigrams"):
        theirs, lucene, seconds, heap = lucene_run(rules, texts, jar, tokens)
        if theirs != found:
            sys.exit(f"hit sets differ from Lucene Monitor ({tokens}) at {size} rules")
        print(
            f"{'':>13}  Lucene {tokens:<10} {lucene:>8.0f} articles/s, load {seconds:.1f} s, heap {heap >> 20} MB:"
            f" we do {rate / lucene:.0f} times as many; hit sets identical",
            flush=True,
        )


def compiling(texts: Sequence[str]) -> None:
    """10,000 rules from 20 files: cold, then from the cache on disk; memory of the process that holds them."""
    bundle = Bundle({f"own/{number}.yaml": file for number, file in enumerate(files(made_rules(10_000, texts)))})
    with tempfile.TemporaryDirectory() as folder:
        seconds, cpu = [], []
        for _ in range(4):
            begun, begun_cpu = time.perf_counter(), time.process_time()
            rules = compile_rules(bundle, keep=DiskCache(Path(folder)))
            seconds.append(time.perf_counter() - begun)
            cpu.append(time.process_time() - begun_cpu)
    assert len(rules.rules) == 10_000
    memory = peak_bytes() >> 20
    print(
        f"compile 10,000 rules: cold {seconds[0]:.2f} s (processor {cpu[0]:.2f} s),"
        f" cached {min(seconds[1:]):.2f} s (processor {min(cpu[1:]):.2f} s); peak memory {memory} MB"
    )


def files(rules: Sequence[Words]) -> list[bytes]:
    """500 rules a file, as YAML."""
    entries = [
        f"- id: r.{i}\n  title: {{zh: 规则, en: rule}}\n  status: test\n  tags: [topic/x]\n"
        f"  match:\n    all: [{a}]\n    any: [{b}, {c}]\n    none: [{d}]\n"
        for i, (a, b, c, d) in enumerate(rules)
    ]
    return [("rules:\n" + "".join(entries[at : at + 500])).encode() for at in range(0, len(entries), 500)]


def as_rule(number: int, words: Words) -> Rule:
    a, b, c, d = map(Word, words)
    return Rule(id=str(number), match=All((a, Any_((b, c)), Not(d))), status=Status.STABLE)


def hyperscan_rate(rules: Sequence[Words], texts: Sequence[str]) -> float:
    """Articles/s of nothing but finding every literal, the hits counted in Python."""
    literals = sorted({word for words in rules for word in words})
    database = hyperscan.Database()
    database.compile(
        expressions=[literal.encode() for literal in literals],
        ids=list(range(len(literals))),
        elements=len(literals),
        literal=True,
        flags=[0] * len(literals),
    )
    hits = 0

    def count(*_: object) -> None:
        nonlocal hits
        hits += 1

    def scan() -> None:
        for text in texts:
            database.scan(text.encode(), match_event_handler=count)

    return best(scan, len(texts))


def best(work: Callable[[], object], count: int) -> float:
    """Articles/s of the fastest of three runs, after one to warm up."""
    seconds = []
    for _ in range(4):
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
    return count / min(seconds[1:])


def lucene_run(
    rules: Sequence[Words], texts: Sequence[str], jar: str, tokens: str
) -> tuple[list[list[int]], float, float, int]:
    """(rule numbers for each article, articles/s, seconds to load, heap bytes) of Lucene Monitor 9.11.1."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("rules", "articles", "found")]
        paths[0].write_text("\n".join(" ".join(words) for words in rules), encoding="utf-8")
        paths[1].write_text("\n".join(texts), encoding="utf-8")
        command = ["java", "-Xmx4g", "-Dfile.encoding=UTF-8", "-cp", jar, "bench.Percolate", *map(str, paths), tokens]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        load, seconds, heap = printed.split()
        lines = paths[2].read_text(encoding="utf-8").split("\n")[: len(texts)]
    found = [[int(number) for number in line.split()] for line in lines]
    return found, len(texts) / float(seconds), float(load), int(heap)


def build_harness() -> str:
    """Class path of the built harness. Ends the bench loudly where Java or Maven is missing."""
    for tool in ("java", "mvn"):
        if shutil.which(tool) is None:
            sys.exit(f"bench rules: {tool} is missing; install Java 17 and Maven to compare with Lucene Monitor")
    folder = HERE / "rules_vs_lucene"
    command = ["mvn", "-q", "-B", "package", "dependency:copy-dependencies", "-DoutputDirectory=target/lib"]
    if subprocess.run(command, cwd=folder, check=False).returncode:
        sys.exit("bench rules: mvn could not build bench/rules_vs_lucene")
    return f"{folder}/target/classes:{folder}/target/lib/*"


def real_texts() -> list[str]:
    """Articles from the data beside the project, joined and cut to LENGTH; empty where it is absent."""
    if not STREAM.exists():
        return []
    with gzip.open(STREAM, "rt", encoding="utf-8") as lines:
        whole = "".join(json.loads(line)["text"] for _, line in zip(range(6_000), lines, strict=False))
    plain = " ".join(whole.split())
    return [plain[at : at + LENGTH] for at in range(0, len(plain) - LENGTH, LENGTH)][:1_000]


def made_texts(count: int) -> list[str]:
    """Articles of made-up words, common ones often, with punctuation."""
    vocabulary = [made_word() for _ in range(20_000)]
    weights = [1 / (rank + 20) for rank in range(len(vocabulary))]
    texts = []
    for _ in range(count):
        words = random.choices(vocabulary, weights, k=LENGTH)
        text = "".join(word + ("，" if i % 6 == 5 else "") for i, word in enumerate(words))
        texts.append(text[:LENGTH])
    return texts


def made_word() -> str:
    return "".join(chr(random.randrange(0x4E00, 0x9FA6)) for _ in range(random.choice((2, 2, 3, 4))))


def corpus_word(texts: Sequence[str]) -> str:
    """2 to 4 Han characters in a row from one of the texts."""
    while True:
        text = random.choice(texts)
        at = random.randrange(len(text) - 4)
        word = text[at : at + random.choice((2, 2, 3, 4))]
        if all("\u4e00" <= character <= "\u9fa5" for character in word):
            return word


def made_rules(count: int, texts: Sequence[str]) -> list[Words]:
    """2 % with words of the texts, the others with words that hardly occur."""

    def words() -> Words:
        common = random.random() < 0.02
        a, b, c, d = (corpus_word(texts) if common else made_word() for _ in range(4))
        return a, b, c, d

    return [words() for _ in range(count)]


if __name__ == "__main__":
    main()
