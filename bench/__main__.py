"""`python -m bench`: every benchmark in turn, each in a process of its own."""

import subprocess
import sys

BENCHES = ("nearest", "start", "turns", "profile", "imports", "delivery", "door")

for name in BENCHES:
    print(f"\n== bench.{name} ==\n", flush=True)
    subprocess.run([sys.executable, "-m", f"bench.{name}"], check=True)  # noqa: S603 - ours
