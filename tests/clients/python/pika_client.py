"""What an application does with pika; prints what it saw as one JSON object.

    python pika_client.py PORT            everything
    python pika_client.py PORT worker     takes one task from "tasks" and never finishes it
"""

import json
import subprocess
import sys

import pika

PORT = int(sys.argv[1])


def connect():
    return pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", PORT))


def take(channel, queue, count, acks=True):
    """The next deliveries of a queue: body and redelivered flag."""
    taken = []
    for method, _, body in channel.consume(queue, inactivity_timeout=5):
        if method is None:
            break
        taken.append([body.decode(), method.redelivered])
        if acks:
            channel.basic_ack(method.delivery_tag)
        if len(taken) == count:
            break
    channel.cancel()
    return taken


def hello(channel):
    channel.queue_declare("hello")
    channel.basic_publish("", "hello", b"hello world")
    return take(channel, "hello", 1)


def killed_worker(channel):
    channel.queue_declare("tasks")
    channel.basic_publish("", "tasks", b"task")
    worker = subprocess.Popen([sys.executable, __file__, str(PORT), "worker"], stdout=subprocess.PIPE)
    first = json.loads(worker.stdout.readline())
    worker.kill()
    worker.wait()
    return {"first": first, "second": take(channel, "tasks", 1)}


def worker(channel):
    def on_task(channel, method, _, body):
        print(json.dumps([[body.decode(), method.redelivered]]), flush=True)

    channel.basic_consume("tasks", on_task)
    channel.start_consuming()


def prefetch(connection, channel):
    channel.queue_declare("uneven")
    shares = {"slow": [], "fast": []}
    slow, fast = connection.channel(), connection.channel()
    for worker in (slow, fast):
        worker.basic_qos(prefetch_count=1)
    slow.basic_consume("uneven", lambda *delivery: shares["slow"].append(delivery[3].decode()))

    def done_at_once(channel, method, _, body):
        shares["fast"].append(body.decode())
        channel.basic_ack(method.delivery_tag)

    fast.basic_consume("uneven", done_at_once)
    for n in range(1, 6):
        channel.basic_publish("", "uneven", f"task {n}".encode())
    while len(shares["fast"]) < 4:
        connection.process_data_events(time_limit=1)
    seen = {worker: list(tasks) for worker, tasks in shares.items()}
    slow.close()
    return seen


def topic(channel):
    channel.exchange_declare("events", "topic")
    keys = ["app.notification.sms.sent", "app.notification.email.sent", "app.user.created"]
    masks = ["app.notification.sms.*", "app.notification.#", "#"]
    queues = {}
    for mask in masks:
        queues[mask] = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(queues[mask], "events", mask)
    for key in keys:
        channel.basic_publish("events", key, key.encode())
    counts = [1, 2, 3]
    return {mask: [body for body, _ in take(channel, queues[mask], n)] for mask, n in zip(masks, counts)}


def confirms(connection):
    channel = connection.channel()
    channel.confirm_delivery()
    channel.queue_declare("safe")
    channel.basic_publish("", "safe", b"routed", mandatory=True)
    try:
        # pika raises this only if the return came before the confirm.
        channel.basic_publish("", "nowhere", b"unroutable", mandatory=True)
    except pika.exceptions.UnroutableError as error:
        returned = error.messages[0].method
        return {"routed": "ack", "unroutable": [f"return {returned.reply_code} {returned.reply_text}", "ack"]}
    return {"routed": "ack", "unroutable": ["ack"]}


def main():
    connection = connect()
    channel = connection.channel()
    if sys.argv[2:] == ["worker"]:
        return worker(channel)
    saw = {
        "hello": hello(channel),
        "killed worker": killed_worker(channel),
        "prefetch": prefetch(connection, channel),
        "topic": topic(channel),
        "confirms": confirms(connection),
    }
    connection.close()
    print(json.dumps(saw))


main()
