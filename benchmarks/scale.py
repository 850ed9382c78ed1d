"""Cost and memory of many runs, in a process of its own: `python -m benchmarks.scale N BOUND`."""

from __future__ import annotations

import json
import resource
import sys
import time

from benchmarks import native

if __name__ == "__main__":
    count, bound = int(sys.argv[1]), int(sys.argv[2]) or None
    native.run(200, bound)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    native.run(count, bound)
    took = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.write(json.dumps({"us": took / count * 1e6, "kb": (peak - before) / count}))
