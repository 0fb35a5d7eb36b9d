/** A whole number from 0 to 2**64 - 1. */
export type Seed = number | bigint | string;

/** What `step` and `stepBack` go to. */
export type StepKind =
  | "anything" | "publish" | "routing" | "delivery" | "ack" | "return" | "dead-letter" | "loss" | "crash" | "timer";

/** A scenario's `[[fault]]` without `at`: docs/SCENARIOS.md lists them all. One of the first fields, and what goes with it. */
export interface Fault {
  crash?: string;
  revive?: string;
  stop?: "broker";
  cut?: string;
  close?: string;
  silence?: string;
  partition?: string;
  slow?: string;
  tire?: string;
  pause?: string;
  settle?: string;
  clock?: string;
  disk?: "slow" | "full" | "failing" | "flip";
  memory?: "low";
  policy?: { pattern: string; definition: Record<string, string | number | boolean> };
  delete?: string;
  purge?: string;
  unsynced?: "lost" | "torn" | "kept";
  way?: "to-broker" | "to-client";
  frames?: number;
  torn?: boolean;
  /** A time, as in a file: `"300ms"`, `"2s"`. */
  lasts?: string;
  latency?: string;
  bandwidth?: number;
  times?: number;
  message?: number;
  how?: "ack" | "reject" | "requeue";
}

/** Which events are wanted. */
export interface EventFilter {
  /** From this moment on, in seconds. */
  from?: number;
  kind?: string;
}

/** Something that happened. Ids are texts, moments are seconds of virtual time. */
export interface SimulationEvent {
  at: number;
  /** Its place among all events, from 1. */
  seq: string;
  /** What the broker states: "published", "routed", "delivered" …; what clients do: "sent", "work-done", "crashed" … */
  kind: string;
  /** The message it is about. */
  message?: string;
  /** Who did it; together with `says`, where a person would want to know of it. */
  who?: string;
  says?: string;
  /** All that is known of it. */
  detail: Record<string, unknown>;
}

/** Sums over all that has happened; copies in several queues count each. */
export interface Ledger {
  sent: number;
  published: number;
  routed: number;
  unroutable: number;
  returned: number;
  confirmed: number;
  rolled_back: number;
  answered: number;
  delivered: number;
  redelivered: number;
  processed: number;
  failed: number;
  acked: number;
  requeued: number;
  dead_lettered: number;
  ready: number;
  unacked: number;
  lost: number;
  losses: { at: number; message: string; queue: string | null; reason: unknown }[];
}
