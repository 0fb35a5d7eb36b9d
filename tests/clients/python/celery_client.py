"""What an application does with Celery, without chords; prints what it saw as one JSON object.

    python celery_client.py PORT
"""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

os.environ["BROKER_PORT"] = sys.argv[1]

import celery_tasks as tasks
from celery import chain, group

# Longer than anything takes on a slow machine.
PATIENCE = 30


@contextmanager
def worker(name, queue, pool):
    """A worker process that is ready. It leads a process group, so that its end is its children's."""
    options = ["--hostname", f"{name}@here", "--queues", queue, "--pool", pool, "--concurrency", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", "--quiet", "-A", "celery_tasks", "worker", *options],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        cwd=Path(__file__).parent,
    )
    try:
        await_line(process, "ready")
        yield process
    finally:
        kill(process)


def await_line(process, line):
    # A worker that ends closes its output, so this does not wait for what cannot come.
    if not any(said.strip() == line for said in process.stdout):
        raise RuntimeError(f"a worker ended without {line!r}")


def kill(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def workflow():
    with worker("crew", "celery", "prefork"):
        sums = group(tasks.add.s(n, n) for n in range(5))()
        chained = chain(tasks.add.s(2, 3), tasks.multiply.s(4), tasks.add.s(1))()
        lucky = tasks.third_time_lucky.delay(time.monotonic())
        starts = sorted(started.get(PATIENCE) for started in [tasks.limited.delay() for _ in range(5)])
        return {
            "group": sums.get(PATIENCE),
            "chain": chained.get(PATIENCE),
            "retry": lucky.get(PATIENCE),
            # Five at ten a second: four gaps of a tenth, give or take a timer's tick.
            "rate limit": {"done": len(starts), "spread": starts[-1] - starts[0] >= 0.3},
        }


def killed_worker():
    with worker("first", "late", "solo") as first:
        result = tasks.patient.apply_async(queue="late")
        await_line(first, "started")
        with worker("second", "late", "solo"):
            kill(first)
            return result.get(PATIENCE)


def main():
    print(json.dumps({**workflow(), "killed worker": killed_worker()}))


main()
