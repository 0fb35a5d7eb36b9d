"""Publishes to and consumes from one queue until it is killed, whatever becomes of its connections; prints what it knows:

    confirmed NUMBER
    delivered NUMBER REDELIVERED
    acked NUMBER         it is going to ack this one

    python pika_soak.py PORT QUEUE FIRST_NUMBER
"""

import os
import struct
import sys
import threading
import time

import pika

PORT, QUEUE, FIRST = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
PERSISTENT = pika.BasicProperties(delivery_mode=2)


def say(*words):
    # In one piece, whatever another thread says, and however soon this process is killed.
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def body_of(number):
    return struct.pack("<Q", number) * (1 + number % 50)


def connect():
    parameters = pika.ConnectionParameters(
        "127.0.0.1", PORT, heartbeat=2, blocked_connection_timeout=5, socket_timeout=5, stack_timeout=10
    )
    return pika.BlockingConnection(parameters)


def publish(numbers):
    channel = connect().channel()
    channel.confirm_delivery()
    while True:
        number = next(numbers)
        channel.basic_publish("", QUEUE, body_of(number), PERSISTENT)
        say("confirmed", number)
        time.sleep(0.005)


def consume():
    channel = connect().channel()
    channel.basic_qos(prefetch_count=10)
    for method, _, body in channel.consume(QUEUE):
        number = struct.unpack_from("<Q", body)[0]
        # Other clients' messages may have been changed on their way.
        if body == body_of(number):
            say("delivered", number, int(method.redelivered))
            say("acked", number)
        channel.basic_ack(method.delivery_tag)


def again(work, *arguments):
    while True:
        try:
            work(*arguments)
        except (pika.exceptions.AMQPError, OSError):
            time.sleep(0.1)


def numbers():
    number = FIRST
    while True:
        yield number
        number += 1


threading.Thread(target=again, args=(publish, numbers()), daemon=True).start()
again(consume)
