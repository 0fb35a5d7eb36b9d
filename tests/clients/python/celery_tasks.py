"""The tasks that `celery_client.py` sends to workers; the broker's port is in BROKER_PORT."""

import os
import threading
import time

from celery import Celery
from celery.signals import worker_ready

URL = f"amqp://guest:guest@127.0.0.1:{os.environ['BROKER_PORT']}//"

app = Celery("warren", broker=URL, backend="rpc://")
app.conf.worker_prefetch_multiplier = 1
app.conf.broker_connection_retry_on_startup = True
app.conf.worker_redirect_stdouts = False


@worker_ready.connect
def ready(sender, **_):
    print("ready", flush=True)


@app.task
def add(x, y):
    return x + y


@app.task
def multiply(x, y):
    return x * y


@app.task(bind=True, max_retries=3)
def third_time_lucky(self, started):
    """Fails twice; says how often it was tried again, and whether each time waited for its countdown."""
    if self.request.retries < 2:
        raise self.retry(countdown=0.3)
    return {"retries": self.request.retries, "waited": time.monotonic() - started >= 0.6}


@app.task(rate_limit="10/s")
def limited():
    return time.monotonic()


@app.task(bind=True, acks_late=True)
def patient(self):
    """Never ends in the worker that gets it first; the next one says that it was told so."""
    if not self.request.delivery_info["redelivered"]:
        print("started", flush=True)
        threading.Event().wait()
    return {"worker": self.request.hostname.split("@")[0], "redelivered": True}
