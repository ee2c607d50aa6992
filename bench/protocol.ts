import * as v from 'valibot';

export const ENGINE_NAMES = ['webgpu', 'cpu', 'onnx', 'reference', 'llama.cpp'] as const;
export type BenchEngineName = (typeof ENGINE_NAMES)[number];

const subjectSpecSchema = v.object({
  engine: v.picklist(ENGINE_NAMES),
  /** llama.cpp: the GGUF's matrix type. Ours: what the model file holds. */
  weights: v.picklist(['int8', 'int4', 'Q8_0', 'Q4_0', 'F32']),
  /** Of our engines with a choice; absent for the engine's default. */
  arithmetic: v.optional(v.picklist(['f32', 'int8'])),
  threads: v.number(),
  /** A model folder, or a GGUF file for llama.cpp. */
  modelPath: v.string(),
  benchFolder: v.string(),
  /** Longest text that llama.cpp is given; absent: enough for short prompts. */
  contextTokens: v.optional(v.number()),
});
/** What a child process has to load. */
export type SubjectSpec = v.InferOutput<typeof subjectSpecSchema>;

const tokens = v.array(v.number());

export const requestSchema = v.variant('kind', [
  v.object({ kind: v.literal('load'), spec: subjectSpecSchema }),
  /** Times one prefill of `tokens` in a fresh sequence, or at the end of what was read when it `continues`. */
  v.object({ kind: v.literal('prefill'), tokens, continues: v.optional(v.boolean()) }),
  /** Times each of `tokens` read one by one after `prompt`, or at the end of what was read when there is none. */
  v.object({ kind: v.literal('decode'), prompt: v.optional(tokens), tokens }),
  /** Reads `prompt` and generates up to `count` most likely tokens. */
  v.object({ kind: v.literal('greedy'), prompt: tokens, count: v.number() }),
  v.object({ kind: v.literal('logits'), prompt: tokens, ids: tokens }),
  v.object({ kind: v.literal('memory') }),
  /** Times reading a large buffer on each of `threads` threads at once. */
  v.object({ kind: v.literal('bandwidth'), threads: v.number() }),
]);
export type BenchRequest = v.InferOutput<typeof requestSchema>;

export const responseSchema = v.variant('kind', [
  v.object({
    kind: v.literal('loaded'),
    info: v.object({
      engine: v.string(),
      weights: v.string(),
      arithmetic: v.string(),
      threads: v.number(),
    }),
    /** From opening the model's files to being able to answer. */
    loadMs: v.number(),
    rssBeforeBytes: v.number(),
  }),
  v.object({
    kind: v.literal('timings'),
    ms: v.array(v.number()),
    /** Processor time over wall time since the request before: a subject that waits actively disturbs the others. */
    idleLoad: v.number(),
  }),
  v.object({ kind: v.literal('tokens'), tokens }),
  v.object({ kind: v.literal('values'), values: v.array(v.number()) }),
  v.object({ kind: v.literal('memory'), rssBytes: v.number(), peakRssBytes: v.number() }),
  v.object({ kind: v.literal('bandwidth'), bytesPerSecond: v.number() }),
  v.object({ kind: v.literal('failed'), message: v.string() }),
]);
export type BenchResponse = v.InferOutput<typeof responseSchema>;
