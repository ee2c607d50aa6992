import * as v from 'valibot';

/** Messages between the extension and its settings panel. Both sides parse what they get. */

const common = {
  key: v.string(),
  section: v.picklist(['general', 'model', 'engine', 'generation', 'timing', 'memory']),
  label: v.string(),
  description: v.string(),
  /** Where it is set, for people; empty where nothing has to be said. */
  origin: v.string(),
  /** Set at the place that a change is written to. */
  isSetHere: v.boolean(),
};

const fieldSchema = v.variant('type', [
  v.object({ ...common, type: v.literal('boolean'), value: v.boolean() }),
  v.object({ ...common, type: v.literal('string'), value: v.string() }),
  v.object({
    ...common,
    type: v.picklist(['integer', 'number']),
    value: v.number(),
    minimum: v.number(),
    maximum: v.number(),
  }),
  v.object({
    ...common,
    type: v.literal('choice'),
    value: v.string(),
    choices: v.array(v.object({ value: v.string(), description: v.string() })),
  }),
]);

export type SettingField = v.InferOutput<typeof fieldSchema>;
export type SettingSection = SettingField['section'];

/** Which settings file and language the controls stand for. */
const scopeSchema = v.object({
  /** `set` for each setting's own, `user`, `workspace` or the URI of a workspace folder. */
  target: v.string(),
  /** Empty for all languages. */
  language: v.string(),
});

export type PanelScope = v.InferOutput<typeof scopeSchema>;

const offerSchema = v.object({ value: v.string(), label: v.string() });

export type Offer = v.InferOutput<typeof offerSchema>;

const benchmarkRowSchema = v.object({
  /** `cpu int8`. */
  name: v.string(),
  prefillTokensPerSecond: v.optional(v.number()),
  decodeTokensPerSecond: v.optional(v.number()),
  firstTokenMs: v.optional(v.number()),
  /** Why it could not be measured. */
  problem: v.optional(v.string()),
});

export type BenchmarkRow = v.InferOutput<typeof benchmarkRowSchema>;

const stateSchema = v.object({
  kind: v.literal('state'),
  scope: scopeSchema,
  /** Of `chooseScope`: the last one that the extension had seen. */
  choice: v.number(),
  /** What the scope can be. */
  targets: v.array(offerSchema),
  scopeLanguages: v.array(offerSchema),
  /** Those that can be set in the scope. */
  fields: v.array(fieldSchema),
  /** Switches by language; `*` stands for those that are not named. */
  languages: v.array(v.object({ id: v.string(), isEnabled: v.boolean() })),
  /** `ready`, `starting` …, and a sentence about it. */
  status: v.object({ state: v.string(), detail: v.string() }),
  /** Names and values of what runs, in the order of display. */
  facts: v.array(v.object({ id: v.string(), name: v.string(), value: v.string() })),
  /** Until when suggestions are put off; empty while they are not. */
  snooze: v.string(),
  benchmark: v.object({
    isRunning: v.boolean(),
    progress: v.string(),
    rows: v.array(benchmarkRowSchema),
    /** Name of the row that is proposed, once all are measured. */
    fastest: v.optional(v.string()),
  }),
});

export type PanelState = v.InferOutput<typeof stateSchema>;

const figuresSchema = v.object({
  kind: v.literal('figures'),
  /** Of the last minutes, in the order of display. */
  figures: v.array(v.object({ id: v.string(), name: v.string(), value: v.string() })),
  /** Points in time, oldest first: seconds since 1970, and what was measured around them. */
  chart: v.object({
    times: v.array(v.number()),
    prefill: v.array(v.nullable(v.number())),
    decode: v.array(v.nullable(v.number())),
    latency: v.array(v.nullable(v.number())),
  }),
  documents: v.array(v.object({ name: v.string(), detail: v.string() })),
  /** One sentence on the memory of all documents. */
  memory: v.string(),
});

export type PanelFigures = v.InferOutput<typeof figuresSchema>;

/** A value that was not written, and why. */
const refusedSchema = v.object({
  kind: v.literal('refused'),
  key: v.string(),
  reason: v.string(),
});

export type Refusal = v.InferOutput<typeof refusedSchema>;

/** A section that is to be seen now. */
const revealSchema = v.object({ kind: v.literal('reveal'), section: v.literal('benchmark') });

const messageSchema = v.variant('kind', [stateSchema, figuresSchema, refusedSchema, revealSchema]);

export type PanelMessage = v.InferOutput<typeof messageSchema>;

const panelRequestSchema = v.variant('kind', [
  /** The page has loaded and wants the state; a page that was here before says what it stood for. */
  v.object({ kind: v.literal('ready'), scope: v.optional(scopeSchema) }),
  /** `choice` counts them from 1 for each page: what comes from before the last one stands for another scope. */
  v.object({ kind: v.literal('chooseScope'), scope: scopeSchema, choice: v.number() }),
  v.object({
    kind: v.literal('changeSetting'),
    key: v.string(),
    /** Text of a number's field too: what is wrong with it is said by the extension. */
    value: v.union([v.boolean(), v.string()]),
  }),
  /** Back to the default: the value is taken out of the settings. */
  v.object({ kind: v.literal('resetSetting'), key: v.string() }),
  v.object({ kind: v.literal('switchLanguage'), id: v.string(), isEnabled: v.boolean() }),
  /** A row of the benchmark is to be the engine from now on. */
  v.object({ kind: v.literal('useEngine'), name: v.string() }),
  v.object({
    kind: v.literal('runCommand'),
    command: v.picklist([
      'restartRuntime',
      'showLog',
      'snooze',
      'endSnooze',
      'clearStates',
      'runBenchmark',
      'stopBenchmark',
      'chooseModel',
    ]),
  }),
]);

export type PanelRequest = v.InferOutput<typeof panelRequestSchema>;

const stringsSchema = v.record(v.string(), v.string());

/** The page's own texts in the editor's language, by their English. */
export type PanelStrings = v.InferOutput<typeof stringsSchema>;

/** `undefined` for anything that is not a message of the extension. */
export function parsePanelMessage(raw: unknown): PanelMessage | undefined {
  const parsed = v.safeParse(messageSchema, raw);
  return parsed.success ? parsed.output : undefined;
}

/** `undefined` for anything that is not a request. */
export function parsePanelRequest(raw: unknown): PanelRequest | undefined {
  const parsed = v.safeParse(panelRequestSchema, raw);
  return parsed.success ? parsed.output : undefined;
}

/** Empty for anything else: English is shown. */
export function parsePanelStrings(raw: unknown): PanelStrings {
  const parsed = v.safeParse(stringsSchema, raw);
  return parsed.success ? parsed.output : {};
}
