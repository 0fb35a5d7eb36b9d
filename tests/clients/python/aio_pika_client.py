"""What an application does with aio-pika; prints what it saw as one JSON object.

    python aio_pika_client.py PORT            everything
    python aio_pika_client.py PORT worker     takes one task from "tasks" and never finishes it
"""

import asyncio
import json
import sys

import aio_pika
from aio_pika.exceptions import DeliveryError

URL = f"amqp://guest:guest@127.0.0.1:{sys.argv[1]}/"


async def publish(channel, queue, body, exchange=None):
    await (exchange or channel.default_exchange).publish(aio_pika.Message(body.encode()), queue)


async def take(queue, count):
    """The next deliveries of a queue: body and redelivered flag."""
    taken = []
    async with queue.iterator(timeout=5) as messages:
        async for message in messages:
            taken.append([message.body.decode(), message.redelivered])
            await message.ack()
            if len(taken) == count:
                break
    return taken


async def hello(channel):
    queue = await channel.declare_queue("hello")
    await publish(channel, "hello", "hello world")
    return await take(queue, 1)


async def killed_worker(channel):
    queue = await channel.declare_queue("tasks")
    await publish(channel, "tasks", "task")
    worker = await asyncio.create_subprocess_exec(
        sys.executable, __file__, sys.argv[1], "worker", stdout=asyncio.subprocess.PIPE
    )
    first = json.loads(await worker.stdout.readline())
    worker.kill()
    await worker.wait()
    return {"first": first, "second": await take(queue, 1)}


async def worker(channel):
    queue = await channel.declare_queue("tasks")
    async with queue.iterator() as messages:
        async for message in messages:
            print(json.dumps([[message.body.decode(), message.redelivered]]), flush=True)


async def prefetch(connection, channel):
    await channel.declare_queue("uneven")
    shares = {"slow": [], "fast": []}
    done = asyncio.Event()
    slow, fast = await connection.channel(), await connection.channel()
    for each in (slow, fast):
        await each.set_qos(prefetch_count=1)

    async def never_done(message):
        shares["slow"].append(message.body.decode())

    async def done_at_once(message):
        shares["fast"].append(message.body.decode())
        await message.ack()
        if len(shares["fast"]) == 4:
            done.set()

    await (await slow.get_queue("uneven")).consume(never_done)
    await (await fast.get_queue("uneven")).consume(done_at_once)
    for n in range(1, 6):
        await publish(channel, "uneven", f"task {n}")
    await asyncio.wait_for(done.wait(), 5)
    seen = {worker: list(tasks) for worker, tasks in shares.items()}
    await slow.close()
    return seen


async def topic(channel):
    events = await channel.declare_exchange("events", aio_pika.ExchangeType.TOPIC)
    keys = ["app.notification.sms.sent", "app.notification.email.sent", "app.user.created"]
    queues = {}
    for mask in ["app.notification.sms.*", "app.notification.#", "#"]:
        queues[mask] = await channel.declare_queue(exclusive=True)
        await queues[mask].bind(events, mask)
    for key in keys:
        await publish(channel, key, key, events)
    counts = [1, 2, 3]
    return {mask: [body for body, _ in await take(queue, n)] for (mask, queue), n in zip(queues.items(), counts)}


async def confirms(connection):
    channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
    await channel.declare_queue("safe")
    await publish(channel, "safe", "routed")
    try:
        # aio-pika raises this only if the return came before the confirm.
        await publish(channel, "nowhere", "unroutable")
    except DeliveryError as error:
        returned = error.message.delivery
        return {"routed": "ack", "unroutable": [f"return {returned.reply_code} {returned.reply_text}", "ack"]}
    return {"routed": "ack", "unroutable": ["ack"]}


async def main():
    connection = await aio_pika.connect(URL)
    channel = await connection.channel()
    if sys.argv[2:] == ["worker"]:
        return await worker(channel)
    saw = {
        "hello": await hello(channel),
        "killed worker": await killed_worker(channel),
        "prefetch": await prefetch(connection, channel),
        "topic": await topic(channel),
        "confirms": await confirms(connection),
    }
    await connection.close()
    print(json.dumps(saw))


asyncio.run(main())
