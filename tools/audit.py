"""Asks a public list of advisories about every locked library: `python -m tools.audit`.

Exit code 1 when an advisory names a version of requirements.lock. Where the list cannot be
reached the audit is skipped, and says so.
"""

import json
import re
import sys
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
ADVISORIES = "https://api.osv.dev/v1/querybatch"
SECONDS = 20
LOCKED = re.compile(r"^([a-z0-9-]+)==([^ ;]+)", re.MULTILINE)


def locked() -> list[tuple[str, str]]:
    """Name and version of every library that the service runs with."""
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return sorted(set(LOCKED.findall(text)))


def advisories(libraries: list[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
    """The advisories' ids by library. Raises `OSError` or `ValueError` where there is no answer."""
    queries = [
        {"package": {"name": name, "ecosystem": "PyPI"}, "version": version}
        for name, version in libraries
    ]
    body = json.dumps({"queries": queries}).encode()
    request = urllib.request.Request(ADVISORIES, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
        told: dict[str, Any] = json.loads(answer.read())
    results = told["results"]
    if len(results) != len(libraries):
        raise ValueError("the answer does not fit the question")
    return {
        library: [one["id"] for one in result.get("vulns", ())]
        for library, result in zip(libraries, results, strict=True)
    }


def main() -> int:
    """Prints each advisory that names a locked version."""
    libraries = locked()
    try:
        found = advisories(libraries)
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"audit SKIPPED: {ADVISORIES} gave no answer ({type(error).__name__})")
        return 0
    named = {library: ids for library, ids in found.items() if ids}
    for (name, version), ids in named.items():
        print(f"{name} {version}: {', '.join(ids)}")
    print(f"audit: {len(libraries)} libraries, {len(named)} with advisories")
    return 1 if named else 0


if __name__ == "__main__":
    sys.exit(main())
