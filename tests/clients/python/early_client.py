"""What an application did in 2009, with amqplib and AMQP 0-8; prints what it saw as one JSON object.

    python early_client.py PORT            everything
    python early_client.py PORT worker     takes one task from "tasks" and never finishes it
"""

import json
import subprocess
import sys

from amqplib import client_0_8 as amqp

PORT = int(sys.argv[1])


class Channel:
    """A channel with its access ticket, which AMQP 0-8 wants with every request."""

    def __init__(self, connection):
        self.amqp = connection.channel()
        self.ticket = self.amqp.access_request("/data", active=True, write=True, read=True)

    def declare(self, queue, **flags):
        return self.amqp.queue_declare(queue, auto_delete=False, ticket=self.ticket, **flags)[0]

    def publish(self, exchange, key, text):
        message = amqp.Message(text, content_type="text/plain")
        self.amqp.basic_publish(message, exchange, key, ticket=self.ticket)

    def consume(self, queue, callback):
        return self.amqp.basic_consume(queue, callback=callback, ticket=self.ticket)

    def take(self, queue, count):
        """The next deliveries of a queue: body and redelivered flag."""
        taken = []

        def on_message(message):
            taken.append([message.body, bool(message.delivery_info["redelivered"])])
            self.amqp.basic_ack(message.delivery_tag)

        tag = self.consume(queue, on_message)
        while len(taken) < count:
            self.amqp.wait()
        self.amqp.basic_cancel(tag)
        return taken


def connect():
    return amqp.Connection(f"127.0.0.1:{PORT}", userid="guest", password="guest")


def hello(channel):
    channel.declare("hello")
    channel.publish("", "hello", "hello world")
    return channel.take("hello", 1)


def killed_worker(channel):
    channel.declare("tasks")
    channel.publish("", "tasks", "task")
    worker = subprocess.Popen([sys.executable, __file__, str(PORT), "worker"], stdout=subprocess.PIPE)
    first = json.loads(worker.stdout.readline())
    worker.kill()
    worker.wait()
    return {"first": first, "second": channel.take("tasks", 1)}


def worker(channel):
    def on_task(message):
        print(json.dumps([[message.body, bool(message.delivery_info["redelivered"])]]), flush=True)

    channel.consume("tasks", on_task)
    while True:
        channel.amqp.wait()


def prefetch(connection, channel):
    channel.declare("uneven")
    shares = {"slow": [], "fast": []}
    slow, fast = Channel(connection), Channel(connection)
    for each in (slow, fast):
        each.amqp.basic_qos(0, 1, False)
    slow.consume("uneven", lambda message: shares["slow"].append(message.body))

    def done_at_once(message):
        shares["fast"].append(message.body)
        fast.amqp.basic_ack(message.delivery_tag)

    fast.consume("uneven", done_at_once)
    for n in range(1, 6):
        channel.publish("", "uneven", f"task {n}")
    while len(shares["fast"]) < 4:
        fast.amqp.wait()
    while not shares["slow"]:
        slow.amqp.wait()
    seen = {each: list(tasks) for each, tasks in shares.items()}
    slow.amqp.close()
    return seen


def topic(channel):
    channel.amqp.exchange_declare("events", "topic", auto_delete=False, ticket=channel.ticket)
    keys = ["app.notification.sms.sent", "app.notification.email.sent", "app.user.created"]
    masks = ["app.notification.sms.*", "app.notification.#", "#"]
    queues = {}
    for mask in masks:
        queues[mask] = channel.declare("", exclusive=True)
        channel.amqp.queue_bind(queues[mask], "events", mask, ticket=channel.ticket)
    for key in keys:
        channel.publish("events", key, key)
    counts = [1, 2, 3]
    return {mask: [body for body, _ in channel.take(queues[mask], n)] for mask, n in zip(masks, counts)}


def main():
    connection = connect()
    channel = Channel(connection)
    if sys.argv[2:] == ["worker"]:
        return worker(channel)
    saw = {
        "version": [connection.version_major, connection.version_minor],
        "hello": hello(channel),
        "killed worker": killed_worker(channel),
        "prefetch": prefetch(connection, channel),
        "topic": topic(channel),
    }
    connection.close()
    print(json.dumps(saw))


main()
