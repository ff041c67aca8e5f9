"""Fit the intent model: `bot/data/intents_train.csv` in, `bot/data/intents.json` out.

    python -m tools.train_intents            fit, write, and print how good it is
    python -m tools.train_intents --check    fit and compare with the file that is there

Needs scikit-learn, which nothing else here does: `pip install scikit-learn` (1.9 was used). The
same messages give the same file; another release of scikit-learn may differ in a last digit.
"""

import argparse
import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from bot.intents import SURE
from bot.intents.model import FILE, LETTERS, Guess, features, rank
from bot.intents.normalise import normalise
from bot.intents.slots import read_slots

ROOT: Final = Path(__file__).parent.parent
TRAIN: Final = ROOT / "bot" / "data" / "intents_train.csv"
TESTS: Final = {
    "held-out": ROOT / "tests" / "data" / "intents_heldout.csv",
    "fresh": ROOT / "tests" / "data" / "intents_fresh.csv",
}

LIMIT: Final = 120_000
"""Bytes that the model file may have."""

SEEN: Final = 2
"""Messages a gram must occur in. 1 gains 0.01 in cross-validation for three times the grams."""

STRENGTH: Final = 20.0
"""C of the regression: below, fewer answers are sure; above, more of the sure ones are wrong."""

SCALE: Final = 10
"""Weights are stored as tenths."""

SMALLEST: Final = 0.27
"""Weights closer than this to the gram's median are left out: a seventh of the file remains, and
cross-validation is the same to 0.005 (at 0.7 it loses 0.02)."""

Rows = list[tuple[str, str]]


def read(path: Path) -> Rows:
    """Messages and their intents."""
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["intent"]) for row in csv.DictReader(file)]


def count(text: str) -> list[str]:
    """The model's features of a message as typed."""
    text = normalise(text)
    return features(text, read_slots(text))


def fit(rows: Rows) -> tuple[Any, Any]:
    """The vectoriser and the classifier, fitted."""
    vectoriser = TfidfVectorizer(analyzer=count, min_df=SEEN, sublinear_tf=True)
    classifier = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=1000)
    classifier.fit(vectoriser.fit_transform([t for t, _ in rows]), [i for _, i in rows])
    return vectoriser, classifier


def dump(rows: Rows, vectoriser: Any, classifier: Any) -> str:
    """The model as JSON, one gram to a line, so that a retraining can be read as a diff."""
    seen = dict.fromkeys(vectoriser.vocabulary_, 0)
    for text, _ in rows:
        for gram in set(count(text)) & seen.keys():
            seen[gram] += 1
    # Adding a constant to all intents' weights of one gram changes no probability, so each gram
    # is moved until its median is 0: most weights are then too small to matter.
    weights = classifier.coef_ - np.median(classifier.coef_, axis=0)
    lines = []
    for gram, column in sorted(vectoriser.vocabulary_.items()):
        entry = "".join(
            f"{letter}{round(weight * SCALE)}"
            for letter, weight in zip(LETTERS, weights[:, column], strict=False)
            if abs(weight) >= SMALLEST
        )
        lines.append(f'{json.dumps(gram, ensure_ascii=False)}:"{seen[gram]}{entry}"')
    head = {
        "messages": len(rows),
        "scale": SCALE,
        "intents": list(classifier.classes_),
        "bias": [round(b * SCALE) for b in classifier.intercept_ - classifier.intercept_.mean()],
    }
    start = json.dumps(head, separators=(",", ":")).removesuffix("}")
    return start + ',"grams":{\n' + ",\n".join(lines) + "\n}}\n"


def report(name: str, rows: Rows, ranked: Sequence[Sequence[Guess]]) -> None:
    """Top-1, top-3, and how the sure answers do."""
    first = sum(bool(r) and r[0].intent == i for (_, i), r in zip(rows, ranked, strict=True))
    third = sum(i in [g.intent for g in r[:3]] for (_, i), r in zip(rows, ranked, strict=True))
    sure = [(i, r[0]) for (_, i), r in zip(rows, ranked, strict=True) if r and r[0].p >= SURE]
    right = sum(i == g.intent for i, g in sure)
    print(
        f"{name}: {len(rows)} messages, top-1 {first / len(rows):.3f}, "
        f"top-3 {third / len(rows):.3f}, sure {len(sure) / len(rows):.3f}, "
        f"of those right {right / max(1, len(sure)):.3f}"
    )


def predict(vectoriser: Any, classifier: Any, rows: Rows) -> list[list[Guess]]:
    """What scikit-learn itself answers, likeliest first."""
    table = classifier.predict_proba(vectoriser.transform([t for t, _ in rows]))
    return [
        sorted(
            (Guess(str(i), float(p)) for i, p in zip(classifier.classes_, line, strict=True)),
            key=lambda guess: -guess.p,
        )
        for line in table
    ]


def cross_validate(rows: Rows) -> None:
    """Five folds of the training messages: the figure to tune by, never the held-out one."""
    tested: Rows = []
    ranked: list[list[Guess]] = []
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    for known, unseen in folds.split(rows, [i for _, i in rows]):
        fold = [rows[n] for n in unseen]
        tested += fold
        ranked += predict(*fit([rows[n] for n in known]), fold)
    report("five-fold", tested, ranked)


def main() -> int:
    """0, or 1 when the file is too large or, with --check, not what the messages give."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    arguments = parser.parse_args()

    rows = read(TRAIN)
    vectoriser, classifier = fit(rows)
    text = dump(rows, vectoriser, classifier)
    size = len(text.encode())
    print(f"{size:,} bytes, {len(vectoriser.vocabulary_):,} grams")
    if size > LIMIT:
        print(f"larger than {LIMIT:,}: raise SMALLEST")
        return 1
    if arguments.check:
        same = FILE.read_text(encoding="utf-8") == text
        print("the same" if same else f"{FILE} differs: train again")
        return 0 if same else 1
    FILE.write_text(text, encoding="utf-8")

    cross_validate(rows)
    for name, path in TESTS.items():
        tested = read(path)
        ours, theirs = [rank(t) for t, _ in tested], predict(vectoriser, classifier, tested)
        report(name, tested, ours)
        gap = max(abs(a[0].p - b[0].p) for a, b in zip(ours, theirs, strict=True) if a)
        print(f"    largest difference to scikit-learn in the first guess's p: {gap:.3f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
