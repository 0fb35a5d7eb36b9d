// What a program of the tab Code finds around it: as much of Node.js and amqplib as the world plays. It runs inside the
// interpreter, before the program, and has no way out of it but two lists: what the program hears, and what it does.
// The value of this script is a function that is called once, with the name of the program's actor.
(name) => {
  "use strict";
  const { parse, stringify } = JSON;
  const { isArray } = Array;
  // Of one answer: more would only fill the log.
  const MOST_LINES = 50;
  const LONGEST_LINE = 2000;
  const MOST_COMMANDS = 10000;

  let commands = [];
  let lines = 0;
  let failure = null;

  function command(what) {
    if (commands.length >= MOST_COMMANDS) {
      throw new RangeError(`a callback does at most ${MOST_COMMANDS} things at once`);
    }
    commands[commands.length] = what;
  }

  // What process.exit leaves by: it is no error.
  const EXIT = { toString: () => "process.exit" };

  // Errors, and where they come from.

  function lineOf(error) {
    try {
      const found = /code\.js:(\d+)/.exec(String(error.stack));
      return found ? Number(found[1]) : null;
    } catch {
      return null;
    }
  }

  function describe(error) {
    const isError = error instanceof Error;
    const text = isError ? `${error.name}: ${error.message}` : `thrown: ${inspect(error, 0)}`;
    return { message: text.slice(0, LONGEST_LINE), line: isError ? lineOf(error) : null };
  }

  // The first error ends the program, as an uncaught exception ends Node.js.
  function fail(error) {
    if (error !== EXIT) failure ??= describe(error);
  }

  function notHere(what) {
    return new Error(`${what} is not played here; run the program with Node.js for that`);
  }

  function inspect(value, depth) {
    if (typeof value === "string") return depth === 0 ? value : stringify(value);
    if (typeof value === "function") return `[Function: ${value.name || "(anonymous)"}]`;
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value !== "object" || value === null) return String(value);
    if (value instanceof Error) return `${value.name}: ${value.message}`;
    if (value instanceof Date) return value.toISOString();
    if (value instanceof Buffer) return `<Buffer ${stringify(value.toString())}>`;
    if (depth > 2) return isArray(value) ? "[Array]" : "[Object]";
    const inner = (one) => inspect(one, depth + 1);
    if (isArray(value)) return value.length ? `[ ${value.slice(0, 100).map(inner).join(", ")} ]` : "[]";
    if (value instanceof Set) return `Set(${value.size}) { ${[...value].slice(0, 100).map(inner).join(", ")} }`;
    if (value instanceof Map) {
      const entries = [...value].slice(0, 100).map(([key, of]) => `${inner(key)} => ${inner(of)}`);
      return `Map(${value.size}) { ${entries.join(", ")} }`;
    }
    const entries = Object.entries(value).slice(0, 100).map(([key, of]) => `${key}: ${inner(of)}`);
    return entries.length ? `{ ${entries.join(", ")} }` : "{}";
  }

  function log(isError, values) {
    lines += 1;
    if (lines > MOST_LINES) return;
    let text = values.map((value) => inspect(value, 0)).join(" ");
    if (text.length > LONGEST_LINE) text = `${text.slice(0, LONGEST_LINE)}…`;
    const error = values.find((value) => value instanceof Error);
    command({ do: "log", text, error: isError, line: error ? lineOf(error) : null });
  }

  globalThis.console = {
    log: (...values) => log(false, values),
    info: (...values) => log(false, values),
    debug: (...values) => log(false, values),
    warn: (...values) => log(true, values),
    error: (...values) => log(true, values),
  };

  // Bytes. A body is a text here: others are read as UTF-8.

  class Buffer extends Uint8Array {
    static from(value, encoding) {
      if (typeof value !== "string") {
        const bytes = new Buffer(value.byteLength ?? value.length);
        bytes.set(value instanceof ArrayBuffer ? new Uint8Array(value) : value);
        return bytes;
      }
      if (encoding !== undefined && !/^utf-?8$/i.test(encoding)) throw notHere(`the encoding ${encoding}`);
      return Buffer.from(utf8(value));
    }
    static alloc(length, fill = 0) {
      return new Buffer(length).fill(fill);
    }
    static concat(list) {
      return Buffer.from(list.flatMap((bytes) => [...bytes]));
    }
    static isBuffer(value) {
      return value instanceof Buffer;
    }
    static byteLength(value) {
      return typeof value === "string" ? utf8(value).length : value.byteLength;
    }
    toString(encoding) {
      if (encoding === "hex") return [...this].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      if (encoding !== undefined && !/^utf-?8$/i.test(encoding)) throw notHere(`the encoding ${encoding}`);
      return text(this);
    }
    toJSON() {
      return { type: "Buffer", data: [...this] };
    }
  }
  globalThis.Buffer = Buffer;

  function utf8(string) {
    const bytes = [];
    for (const letter of string.toWellFormed()) {
      const code = letter.codePointAt(0);
      if (code < 0x80) bytes.push(code);
      else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
      else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
      else {
        bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
      }
    }
    return bytes;
  }

  function text(bytes) {
    let string = "";
    for (let at = 0; at < bytes.length; ) {
      const first = bytes[at];
      const length = first < 0x80 ? 1 : first >> 5 === 6 ? 2 : first >> 4 === 14 ? 3 : first >> 3 === 30 ? 4 : 0;
      let code = length === 1 ? first : first & (0x7f >> length);
      let isWhole = length > 0;
      for (let next = 1; isWhole && next < length; next += 1) {
        isWhole = bytes[at + next] >> 6 === 2;
        code = (code << 6) | (bytes[at + next] & 63);
      }
      isWhole &&= code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
      string += isWhole ? String.fromCodePoint(code) : "\ufffd";
      at += isWhole ? length : 1;
    }
    return string;
  }

  // Timers, on the world's clock.

  const timers = new Map();
  let latestTimer = 0;

  class Timeout {
    constructor(id) {
      this.id = id;
    }
    ref() {
      return this;
    }
    unref() {
      return this;
    }
    hasRef() {
      return true;
    }
    [Symbol.toPrimitive]() {
      return this.id;
    }
  }

  function arm(callback, ms, again) {
    if (typeof callback !== "function") throw new TypeError(`a timer needs a function, and this is ${inspect(callback, 1)}`);
    latestTimer += 1;
    timers.set(latestTimer, { callback, again });
    command({ do: "timer", id: latestTimer, ms: whole(ms) });
    return latestTimer;
  }

  // As Node.js has it: whole milliseconds, one at least.
  function whole(ms) {
    const wanted = Math.trunc(Number(ms));
    return wanted >= 1 && wanted <= 2147483647 ? wanted : 1;
  }

  function disarm(timer) {
    const id = Number(timer ?? 0);
    if (timers.delete(id)) command({ do: "clear", id });
  }

  function ring(id) {
    const timer = timers.get(id);
    if (!timer) return;
    if (timer.again === null) timers.delete(id);
    else command({ do: "timer", id, ms: timer.again });
    watch(timer.callback());
  }

  globalThis.setTimeout = (callback, ms, ...values) =>
    new Timeout(arm(typeof callback === "function" ? () => callback(...values) : callback, ms, null));
  globalThis.setInterval = (callback, ms, ...values) =>
    new Timeout(arm(typeof callback === "function" ? () => callback(...values) : callback, ms, whole(ms)));
  globalThis.setImmediate = (callback, ...values) => globalThis.setTimeout(callback, 1, ...values);
  globalThis.clearTimeout = globalThis.clearInterval = globalThis.clearImmediate = disarm;
  const sleep = (ms, value) => new Promise((resolve) => arm(() => resolve(value), ms, null));

  // A callback may be an async function: what it rejects with is as bad as what another throws.
  function watch(result) {
    if (result instanceof Promise) result.then(undefined, fail);
  }

  // Events, as Node.js has them.

  class Emitter {
    #listeners = [];
    on(event, listener) {
      this.#listeners.push({ event, listener, once: false });
      return this;
    }
    once(event, listener) {
      this.#listeners.push({ event, listener, once: true });
      return this;
    }
    off(event, listener) {
      this.#listeners = this.#listeners.filter((one) => one.event !== event || one.listener !== listener);
      return this;
    }
    emit(event, ...values) {
      const called = this.#listeners.filter((one) => one.event === event);
      this.#listeners = this.#listeners.filter((one) => !one.once || one.event !== event);
      for (const { listener } of called) watch(listener.apply(this, values));
      if (event === "error" && called.length === 0) fail(values[0]);
      return called.length > 0;
    }
  }
  Emitter.prototype.addListener = Emitter.prototype.on;
  Emitter.prototype.removeListener = Emitter.prototype.off;

  // amqplib: one connection, and one channel on it.

  let connection = null;
  let channel = null;
  let opening = null;
  let isClosed = false;
  // What the broker has not answered yet, the oldest first: it answers the requests of a channel in order.
  const asked = [];
  const consumers = new Map();
  const unsettled = new Set();
  // The place of the latest ack of what was not there to be acked: the broker closes the channel for it.
  let doubtful = null;
  let isConfirmed = false;
  let published = 0;
  const unconfirmed = new Map();
  let waiting = [];

  // The error knows the line where it was asked.
  function ask(operation, what) {
    if (isClosed) throw new Error("Channel closed");
    const error = new Error(operation);
    command(what);
    return new Promise((resolve, reject) => asked.push({ operation, resolve, reject, error }));
  }

  function connect() {
    if (opening || connection) return Promise.reject(notHere("a second connection of one program"));
    const error = new Error("connect");
    command({ do: "connect" });
    return new Promise((resolve, reject) => (opening = { resolve, reject, error }));
  }

  class Connection extends Emitter {
    async createChannel() {
      if (channel) throw notHere("a second channel of one program");
      channel = new Channel(this);
      return channel;
    }
    async createConfirmChannel() {
      const created = await this.createChannel();
      await ask("ConfirmSelect", { do: "confirm" });
      isConfirmed = true;
      return created;
    }
    async close() {
      if (isClosed) throw new Error("Connection closed");
      isClosed = true;
      command({ do: "close" });
    }
  }

  const textOf = (value, what) => {
    if (typeof value !== "string") throw new TypeError(`${what} is a string, and this is ${inspect(value, 1)}`);
    return value;
  };
  const tagOf = (message) => {
    const tag = message?.fields?.deliveryTag;
    if (typeof tag !== "number") throw new TypeError(`this is no message: ${inspect(message, 1)}`);
    return tag;
  };

  // amqplib's short names for what goes into the arguments of a queue.
  const SHORT = {
    expires: "x-expires",
    messageTtl: "x-message-ttl",
    deadLetterExchange: "x-dead-letter-exchange",
    deadLetterRoutingKey: "x-dead-letter-routing-key",
    maxLength: "x-max-length",
    maxPriority: "x-max-priority",
  };

  function queueArguments(options) {
    const result = { ...options.arguments };
    for (const [short, long] of Object.entries(SHORT)) {
      if (options[short] !== undefined) result[long] = options[short];
    }
    return result;
  }

  class Channel extends Emitter {
    constructor(of) {
      super();
      this.connection = of;
    }
    async assertExchange(exchange, type = "", options = {}) {
      const { durable = true, arguments: given = {} } = options;
      if (options.autoDelete || options.internal || options.alternateExchange) {
        throw notHere("autoDelete, internal and alternateExchange of an exchange");
      }
      await ask("ExchangeDeclare", {
        do: "exchange", exchange: textOf(exchange, "an exchange"), type: textOf(type, "a type"), durable, arguments: given,
      });
      return { exchange };
    }
    async assertQueue(queue = "", options = {}) {
      if (!queue || options.autoDelete) throw notHere("a queue that deletes itself or has no name");
      const { durable = true, exclusive = false } = options;
      return ask("QueueDeclare", {
        do: "queue", queue: textOf(queue, "a queue"), durable, exclusive, passive: false, arguments: queueArguments(options),
      });
    }
    async checkQueue(queue) {
      return ask("QueueDeclare", {
        do: "queue", queue: textOf(queue, "a queue"), durable: false, exclusive: false, passive: true, arguments: {},
      });
    }
    async bindQueue(queue, source, pattern, given = {}) {
      return ask("QueueBind", {
        do: "bind", queue: textOf(queue, "a queue"), exchange: textOf(source, "an exchange"),
        key: textOf(pattern ?? "", "a routing key"), arguments: given,
      });
    }
    async bindExchange(destination, source, pattern, given = {}) {
      return ask("ExchangeBind", {
        do: "bind-exchange", to: textOf(destination, "an exchange"), exchange: textOf(source, "an exchange"),
        key: textOf(pattern ?? "", "a routing key"), arguments: given,
      });
    }
    async deleteQueue(queue) {
      return ask("QueueDelete", { do: "delete", queue: textOf(queue, "a queue") });
    }
    async purgeQueue(queue) {
      return ask("QueuePurge", { do: "purge", queue: textOf(queue, "a queue") });
    }
    async prefetch(count) {
      if (!Number.isInteger(count) || count < 0 || count > 65535) {
        throw new TypeError(`prefetch is a number from 0 to 65535, and this is ${inspect(count, 1)}`);
      }
      return ask("BasicQos", { do: "prefetch", count });
    }
    async consume(queue, callback, options = {}) {
      if (typeof callback !== "function") throw new TypeError("channel.consume(queue, callback) needs a function to call");
      if (options.exclusive) throw notHere("an exclusive consumer");
      const tag = options.consumerTag ?? (consumers.size ? `${name}-${consumers.size + 1}` : name);
      const given = { ...options.arguments };
      if (options.priority !== undefined) given["x-priority"] = options.priority;
      const noAck = Boolean(options.noAck);
      const answer = ask("BasicConsume", {
        do: "consume", queue: textOf(queue, "a queue"), tag: textOf(tag, "a consumer tag"), noAck, arguments: given,
      });
      consumers.set(tag, { callback, noAck });
      await answer;
      return { consumerTag: tag };
    }
    async cancel(tag) {
      await ask("BasicCancel", { do: "cancel", tag: textOf(tag, "a consumer tag") });
      return { consumerTag: tag };
    }
    ack(message, allUpTo = false) {
      settle(tagOf(message), Boolean(allUpTo), "ack", false);
    }
    ackAll() {
      settle(0, true, "ack", false);
    }
    nack(message, allUpTo = false, requeue = true) {
      settle(tagOf(message), Boolean(allUpTo), "nack", Boolean(requeue));
    }
    nackAll(requeue = true) {
      settle(0, true, "nack", Boolean(requeue));
    }
    reject(message, requeue = true) {
      settle(tagOf(message), false, "reject", Boolean(requeue));
    }
    publish(exchange, routingKey, content, options = {}, callback) {
      if (isClosed) throw new Error("Channel closed");
      if (!(content instanceof Uint8Array)) throw new TypeError("content is not a buffer: use Buffer.from(text)");
      command({
        do: "publish",
        exchange: textOf(exchange, "an exchange"),
        key: textOf(routingKey, "a routing key"),
        body: text(content),
        headers: options.headers ?? {},
        persistent: Boolean(options.persistent) || options.deliveryMode === 2 || options.deliveryMode === true,
        mandatory: Boolean(options.mandatory),
        priority: options.priority ?? null,
        expiration: options.expiration === undefined ? null : String(options.expiration),
        messageId: options.messageId ?? null,
        correlationId: options.correlationId ?? null,
        replyTo: options.replyTo ?? null,
        contentType: options.contentType ?? null,
      });
      published += 1;
      if (isConfirmed) unconfirmed.set(published, callback);
      return true;
    }
    sendToQueue(queue, content, options = {}, callback) {
      return this.publish("", queue, content, options, callback);
    }
    waitForConfirms() {
      return new Promise((resolve, reject) => {
        if (unconfirmed.size === 0) return resolve();
        waiting.push({ left: new Set(unconfirmed.keys()), resolve, reject });
      });
    }
    // The one channel ends with the connection.
    async close() {
      if (isClosed) throw new Error("Channel closed");
    }
  }
  for (const missing of ["get", "recover", "unbindQueue", "unbindExchange", "deleteExchange", "checkExchange"]) {
    Channel.prototype[missing] = () => {
      throw notHere(`channel.${missing}`);
    };
  }

  function settle(tag, multiple, how, requeue) {
    if (isClosed) throw new Error("Channel closed");
    const isKnown = tag === 0 || unsettled.has(tag) || (multiple && [...unsettled].some((other) => other < tag));
    if (!isKnown) doubtful = new Error(how);
    for (const other of unsettled) {
      if (other === tag || (multiple && (tag === 0 || other < tag))) unsettled.delete(other);
    }
    command({ do: how, tag, multiple, requeue });
  }

  // What the program hears.

  const HEARD = {
    start() {},
    opened() {
      connection = new Connection();
      opening.resolve(connection);
    },
    answer({ answer }) {
      const { operation, resolve } = asked.shift();
      resolve(operation === "BasicQos" ? {} : answer);
    },
    delivered({ consumerTag, message }) {
      const consumer = consumers.get(consumerTag);
      if (!consumer) return;
      const tag = message.fields.deliveryTag;
      if (!consumer.noAck) unsettled.add(tag);
      const result = consumer.callback(messageOf(message));
      const done = () => command({ do: "done", tag });
      if (result instanceof Promise) result.then(done, fail);
      else if (consumer.noAck) done();
    },
    returned({ message }) {
      channel?.emit("return", messageOf(message));
    },
    confirmed({ number, multiple, isSafe }) {
      for (const [other, callback] of unconfirmed) {
        if (other !== number && !(multiple && other < number)) continue;
        unconfirmed.delete(other);
        const error = isSafe ? null : new Error("message nacked");
        if (callback) watch(callback(error));
        for (const wait of waiting) {
          if (wait.left.delete(other) && error) wait.reject(error);
          if (wait.left.size === 0) wait.resolve();
        }
      }
      waiting = waiting.filter((wait) => wait.left.size > 0);
    },
    timer({ id }) {
      ring(id);
    },
    closed({ reason }) {
      isClosed = true;
      const broken = (error, text) => {
        error.message = text;
        return error;
      };
      if (!connection) {
        opening?.reject(broken(opening.error, `cannot connect: ${reason}`));
        return;
      }
      const pending = asked.splice(0);
      for (const { operation, reject, error } of pending) {
        reject(broken(error, `Operation failed: ${operation}; ${reason}`));
      }
      if (doubtful || pending.length === 0) {
        (channel ?? connection).emit("error", broken(doubtful ?? new Error(), `closed by the broker: ${reason}`));
      }
      channel?.emit("close");
      connection.emit("close");
    },
  };

  function messageOf({ fields, properties, content }) {
    return { fields, properties, content: Buffer.from(content) };
  }

  // The modules that there are.

  const amqplib = { connect };
  const promises = { setTimeout: sleep };
  const MODULES = {
    amqplib,
    "timers/promises": promises,
    buffer: { Buffer },
    timers: {
      setTimeout: globalThis.setTimeout,
      setInterval: globalThis.setInterval,
      clearTimeout: disarm,
      clearInterval: disarm,
    },
  };

  globalThis.require = (wanted) => {
    const found = MODULES[String(wanted).replace(/^node:/, "")];
    if (!found) throw new Error(`Cannot find module '${wanted}': here are ${Object.keys(MODULES).join(", ")}`);
    return found;
  };
  globalThis.process = {
    env: {},
    argv: ["node", "code.js"],
    exit(code = 0) {
      command({ do: "exit", code: Number(code) || 0 });
      throw EXIT;
    },
    on() {
      return this;
    },
    uptime: () => Date.now() / 1000,
    hrtime: { bigint: () => BigInt(Date.now()) * 1000000n },
    nextTick: (callback, ...values) => Promise.resolve().then(() => watch(callback(...values))),
  };
  globalThis.global = globalThis;
  globalThis.module = { exports: {} };
  globalThis.exports = globalThis.module.exports;
  globalThis.queueMicrotask ??= (callback) => void Promise.resolve().then(() => watch(callback()));

  return {
    hear(json) {
      const what = parse(json);
      HEARD[what.heard](what);
    },
    fail,
    take() {
      if (lines > MOST_LINES) {
        commands[commands.length] = { do: "log", text: `… and ${lines - MOST_LINES} more lines`, error: false, line: null };
      }
      const taken = stringify({ commands, error: failure });
      commands = [];
      lines = 0;
      return taken;
    },
  };
}
