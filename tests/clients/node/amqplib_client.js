// What an application does with amqplib; prints what it saw as one JSON object.
//
//     node amqplib_client.js PORT

const amqp = require("amqplib");

const url = `amqp://guest:guest@127.0.0.1:${process.argv[2]}/`;

/** The next deliveries of a queue: body and redelivered flag. */
function take(channel, queue, count) {
  return new Promise((resolve, reject) => {
    const taken = [];
    const timer = setTimeout(() => resolve(taken), 5000);
    const consuming = channel.consume(queue, async (message) => {
      taken.push([message.content.toString(), message.fields.redelivered]);
      channel.ack(message);
      if (taken.length === count) {
        clearTimeout(timer);
        const { consumerTag } = await consuming;
        await channel.cancel(consumerTag);
        resolve(taken);
      }
    });
    consuming.catch(reject);
  });
}

async function hello(channel) {
  await channel.assertQueue("hello", { durable: false });
  channel.sendToQueue("hello", Buffer.from("hello world"));
  return take(channel, "hello", 1);
}

async function killedWorker(channel) {
  await channel.assertQueue("tasks", { durable: false });
  channel.sendToQueue("tasks", Buffer.from("task"));
  // Without heartbeats: their timer would keep this program running after its socket is gone.
  const worker = await amqp.connect(`${url}?heartbeat=0`);
  worker.on("error", () => {});
  const workerChannel = await worker.createChannel();
  workerChannel.on("error", () => {});
  const first = await new Promise((resolve) => {
    workerChannel.consume("tasks", (message) =>
      resolve([[message.content.toString(), message.fields.redelivered]]),
    );
  });
  worker.connection.stream.destroy();
  return { first, second: await take(channel, "tasks", 1) };
}

async function prefetch(connection, channel) {
  await channel.assertQueue("uneven", { durable: false });
  const shares = { slow: [], fast: [] };
  const slow = await connection.createChannel();
  const fast = await connection.createChannel();
  await slow.prefetch(1);
  await fast.prefetch(1);
  await slow.consume("uneven", (message) => shares.slow.push(message.content.toString()));
  const done = new Promise((resolve) => {
    fast.consume("uneven", (message) => {
      shares.fast.push(message.content.toString());
      fast.ack(message);
      if (shares.fast.length === 4) resolve();
    });
  });
  for (let n = 1; n <= 5; n++) channel.sendToQueue("uneven", Buffer.from(`task ${n}`));
  await done;
  const seen = { slow: [...shares.slow], fast: [...shares.fast] };
  await slow.close();
  return seen;
}

async function topic(channel) {
  await channel.assertExchange("events", "topic", { durable: false });
  const keys = ["app.notification.sms.sent", "app.notification.email.sent", "app.user.created"];
  const counts = { "app.notification.sms.*": 1, "app.notification.#": 2, "#": 3 };
  const queues = {};
  for (const mask of Object.keys(counts)) {
    queues[mask] = (await channel.assertQueue("", { exclusive: true })).queue;
    await channel.bindQueue(queues[mask], "events", mask);
  }
  for (const key of keys) channel.publish("events", key, Buffer.from(key));
  const saw = {};
  for (const [mask, count] of Object.entries(counts)) {
    saw[mask] = (await take(channel, queues[mask], count)).map(([body]) => body);
  }
  return saw;
}

async function confirms(connection) {
  const channel = await connection.createConfirmChannel();
  await channel.assertQueue("safe", { durable: false });
  const publish = (queue, told) =>
    new Promise((resolve) => {
      channel.sendToQueue(queue, Buffer.from("x"), { mandatory: true }, (error) => {
        told.push(error ? "nack" : "ack");
        resolve(told);
      });
    });
  const routed = await publish("safe", []);
  const unroutable = [];
  channel.on("return", ({ fields }) => unroutable.push(`return ${fields.replyCode} ${fields.replyText}`));
  await publish("nowhere", unroutable);
  return { routed: routed.join(), unroutable };
}

async function main() {
  const connection = await amqp.connect(url);
  const channel = await connection.createChannel();
  const saw = {
    hello: await hello(channel),
    "killed worker": await killedWorker(channel),
    prefetch: await prefetch(connection, channel),
    topic: await topic(channel),
    confirms: await confirms(connection),
  };
  await connection.close();
  console.log(JSON.stringify(saw));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
