import * as v from 'valibot';
import type { ScriptProfile } from '../cpuProfile';

/** Environment of the probe: the driver's loopback port, and the document to show. */
export const PORT_VARIABLE = 'MAMBA_BENCH_PORT';
export const DOCUMENT_VARIABLE = 'MAMBA_BENCH_DOCUMENT';
/** Set when the editor activates the extension by itself, as it does for everybody; else the probe does. */
export const UNFORCED_VARIABLE = 'MAMBA_BENCH_UNFORCED';
export const EXTENSION_ID = 'mamba-complete.mamba-complete';

/** Driver to probe, one JSON object a line. */
export const commandSchema = v.variant('kind', [
  /** Starts to watch the event loop, with or without a CPU profile. Answered with `watching`. */
  v.object({ kind: v.literal('watch'), isProfiled: v.boolean() }),
  /** Answered with `watched`. */
  v.object({ kind: v.literal('stop') }),
  /** Ends the runtime, starts it again and asks for a suggestion meanwhile. Answered with `ready`. */
  v.object({ kind: v.literal('restart') }),
]);
export type ProbeCommand = v.InferOutput<typeof commandSchema>;

const delaySchema = v.object({
  p50Ms: v.number(),
  p90Ms: v.number(),
  p99Ms: v.number(),
  maxMs: v.number(),
});
export type EventLoopDelay = v.InferOutput<typeof delaySchema>;

const profileSchema: v.GenericSchema<ScriptProfile> = v.object({
  longestMs: v.number(),
  longestOwnMs: v.number(),
  longestStack: v.array(v.string()),
  totalMs: v.number(),
  durationMs: v.number(),
  samples: v.number(),
});

/** Probe to driver. Times of day are milliseconds since the epoch, comparable within one machine. */
export const reportSchema = v.variant('kind', [
  v.object({
    kind: v.literal('activated'),
    /** The extension was already active when the probe asked for it: activation times are then unknown. */
    wasActive: v.boolean(),
    /** Just before activation was asked for. */
    startedAt: v.number(),
    /** Loading the bundle and `activate`, as another extension sees it. */
    activateMs: v.number(),
    /** `activate` alone. */
    ownActivateMs: v.number(),
    /** Our code's longest stretch meanwhile. */
    profile: profileSchema,
  }),
  /** The editor has begun to load the extension by itself, at that time. */
  v.object({ kind: v.literal('loading'), startedAt: v.number() }),
  /** There is no such extension in this window. */
  v.object({ kind: v.literal('absent') }),
  /** The runtime can answer. */
  v.object({ kind: v.literal('ready'), startedAt: v.number(), at: v.number() }),
  v.object({ kind: v.literal('watching') }),
  v.object({
    kind: v.literal('watched'),
    delay: delaySchema,
    profile: v.optional(profileSchema),
  }),
  v.object({ kind: v.literal('failed'), message: v.string() }),
]);
export type ProbeReport = v.InferOutput<typeof reportSchema>;
