import * as v from 'valibot';

/** Messages between the extension and its settings panel. Both sides parse what they get. */

const choice = v.array(v.string());
const range = v.object({ minimum: v.number(), maximum: v.number() });

const panelStateSchema = v.object({
  kind: v.literal('state'),
  settings: v.object({
    enable: v.boolean(),
    multiline: v.string(),
    debounceMs: v.number(),
    maxTokens: v.number(),
    engine: v.string(),
  }),
  /** What the controls may offer. */
  choices: v.object({ multiline: choice, engine: choice }),
  ranges: v.object({ debounceMs: range, maxTokens: range }),
  /** `ready`, `starting` …, and a sentence about it. */
  status: v.object({ state: v.string(), detail: v.string() }),
  /** Names and values of what runs, in the order of display; empty while nothing is loaded. */
  runtime: v.object({
    model: v.optional(v.string()),
    engine: v.optional(v.string()),
    device: v.optional(v.string()),
    threads: v.optional(v.number()),
  }),
  /** The last request that was answered. */
  lastRequest: v.optional(
    v.object({
      tokensPerSecond: v.optional(v.number()),
      latencyMs: v.number(),
      promptTokens: v.number(),
      reusedTokens: v.number(),
      generatedTokens: v.number(),
    }),
  ),
});

export type PanelState = v.InferOutput<typeof panelStateSchema>;

const panelRequestSchema = v.variant('kind', [
  /** The panel has loaded and wants the state. */
  v.object({ kind: v.literal('ready') }),
  v.object({
    kind: v.literal('changeSetting'),
    key: v.picklist(['enable', 'multiline', 'debounceMs', 'maxTokens', 'engine']),
    value: v.union([v.boolean(), v.string(), v.number()]),
  }),
  v.object({
    kind: v.literal('runCommand'),
    command: v.picklist(['restartRuntime', 'showLog']),
  }),
]);

export type PanelRequest = v.InferOutput<typeof panelRequestSchema>;

/** `undefined` for anything that is not a state. */
export function parsePanelState(raw: unknown): PanelState | undefined {
  const parsed = v.safeParse(panelStateSchema, raw);
  return parsed.success ? parsed.output : undefined;
}

/** `undefined` for anything that is not a request. */
export function parsePanelRequest(raw: unknown): PanelRequest | undefined {
  const parsed = v.safeParse(panelRequestSchema, raw);
  return parsed.success ? parsed.output : undefined;
}
