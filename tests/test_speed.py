"""What citations and terms add to a build stays within a limit, on the smallest benchmark."""

from __future__ import annotations

import subprocess
import sys

from sites import ROOT

# Measured: 1.29 on a quiet machine, up to 1.4 on a busy one. A parse too many per page adds 0.3.
LIMIT = 1.6
PROGRAM = """
from bench.run import measure
result = measure("S", rounds=5, peer_rounds=0)
print(result.best("warm").cpu / result.best("plain").cpu)
"""


def test_a_small_site_builds_nearly_as_fast_as_without() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert 1.0 < float(done.stdout) < LIMIT, done.stderr
