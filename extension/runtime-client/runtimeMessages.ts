import * as v from 'valibot';
import type { RuntimeMessage } from '../../model-runtime/protocol/messages';

const requestId = v.pipe(v.number(), v.integer());
const count = v.pipe(v.number(), v.minValue(0));
const list = <Schema extends v.GenericSchema>(entry: Schema) =>
  v.pipe(v.array(entry), v.readonly());

export const errorCode = v.picklist([
  'modelNotFound',
  'modelCorrupt',
  'engineUnavailable',
  'deviceLost',
  'outOfMemory',
  'protocolMismatch',
  'runtimeExited',
  'internal',
]);

const model = v.object({
  name: v.string(),
  architecture: v.picklist(['mamba1', 'mamba2']),
  parameters: count,
  weightsSizeBytes: count,
  layers: count,
  vocabSize: count,
});

const engine = v.object({
  name: v.picklist(['webgpu', 'cpu', 'onnx', 'reference']),
  device: v.string(),
  features: v.optional(v.array(v.string())),
  gpuFailure: v.optional(v.object({ code: errorCode, message: v.string() })),
  threads: count,
  weights: v.picklist(['int8', 'int4', 'f32']),
  arithmetic: v.picklist(['f64', 'f32', 'f16', 'int8']),
  productTimes: v.optional(
    v.object({
      f32: v.optional(v.number()),
      packed: v.optional(v.number()),
      f16: v.optional(v.number()),
    }),
  ),
  vocabSize: count,
  maxChunkTokens: count,
  maxDraftTokens: v.optional(count),
  maxSequences: v.optional(count),
  stateSizeBytes: count,
});

const reuse = v.picklist(['cursor', 'region', 'text', 'nothing']);
const readingReason = v.picklist([
  'continues',
  'longerContext',
  'regionChanged',
  'nearestAbove',
  'noneAbove',
  'noneNear',
]);

const figures = v.object({
  promptTokens: count,
  reusedTokens: count,
  reuse,
  prefillMs: count,
  generatedTokens: count,
  decodeMs: count,
  totalMs: count,
});

const completionText = {
  text: v.string(),
  stopReason: v.picklist([
    'specialToken',
    'endOfLine',
    'endOfBlock',
    'suffixReached',
    'unsure',
    'maxTokens',
  ]),
  meanLogProbability: v.number(),
  tokens: list(v.object({ end: count, logProbability: v.number() })),
};

const position = v.object({ line: count, character: count });

const documentDescription = v.object({
  version: v.number(),
  path: v.string(),
  lineCount: count,
  sizeCharacters: count,
  states: list(
    v.object({
      kind: v.picklist(['text', 'view', 'cursor']),
      position,
      contextStart: position,
      tokens: count,
      sizeBytes: count,
    }),
  ),
  related: v.optional(
    v.object({
      files: list(v.object({ path: v.string(), tokens: count })),
      tokensRead: count,
      sizeBytes: count,
    }),
  ),
  requests: count,
  cursorHits: count,
  last: v.optional(
    v.object({
      promptTokens: count,
      tokensRead: count,
      reuse,
      reason: readingReason,
      prompt: v.string(),
      generated: v.optional(v.array(v.object({ text: v.string(), logProbability: v.number() }))),
    }),
  ),
  heldBytes: count,
  budgetBytes: count,
});

const messageSchema = v.variant('kind', [
  v.object({
    kind: v.literal('initialized'),
    requestId,
    protocolVersion: v.number(),
    model,
    engine,
    loadMs: count,
  }),
  v.object({
    kind: v.literal('completion'),
    requestId,
    ...completionText,
    alternatives: v.optional(v.array(v.object(completionText))),
    figures,
  }),
  v.object({ kind: v.literal('engineChanged'), requestId, engine }),
  v.object({ kind: v.literal('partialCompletion'), requestId, text: v.string() }),
  v.object({
    kind: v.literal('memoryDescribed'),
    requestId,
    documents: v.array(v.object({ documentId: v.string(), states: count, sizeBytes: count })),
    budgetBytes: count,
    residentBytes: count,
  }),
  v.object({ kind: v.literal('warmed'), requestId, prefilledTokens: count }),
  v.object({
    kind: v.literal('documentDescribed'),
    requestId,
    document: v.optional(documentDescription),
  }),
  v.object({ kind: v.literal('resync'), requestId, documentId: v.string() }),
  v.object({ kind: v.literal('canceled'), requestId }),
  v.object({ kind: v.literal('failed'), requestId, code: errorCode, message: v.string() }),
]);

type Taken = v.InferOutput<typeof messageSchema>;
/** Nothing where the schema lacks something that the runtime may send, which would be refused: then this does not compile. */
type Complete = RuntimeMessage extends Taken ? Taken : never;

export type ParsedMessage =
  { success: true; message: Complete } | { success: false; problem: string };

/** Parses what came over the channel. `problem` says which field is wrong, without the message's contents. */
export function parseRuntimeMessage(raw: unknown): ParsedMessage {
  const parsed = v.safeParse(messageSchema, raw);
  if (parsed.success) return { success: true, message: parsed.output };
  const issue = parsed.issues[0];
  const where = v.getDotPath(issue) ?? 'message';
  return { success: false, problem: `${where}: expected ${issue.expected ?? 'something else'}` };
}

/** The answer to `initialize` far enough to compare versions, whatever else has changed in it. */
export function parseProtocolVersion(raw: unknown): number | undefined {
  const parsed = v.safeParse(
    v.object({ kind: v.literal('initialized'), protocolVersion: v.number() }),
    raw,
  );
  return parsed.success ? parsed.output.protocolVersion : undefined;
}
