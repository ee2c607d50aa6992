import * as v from 'valibot';
import type { ClientMessage } from './protocol/messages';

const requestId = v.pipe(v.number(), v.integer());
const positiveInteger = v.pipe(v.number(), v.integer(), v.minValue(1));

const index = v.pipe(v.number(), v.integer(), v.minValue(0));
const position = v.object({ line: index, character: index });
const version = v.pipe(v.number(), v.integer());

const documentPlace = {
  documentId: v.string(),
  version,
  lineCount: positiveInteger,
  position,
  contextCharacters: positiveInteger,
};

const clientMessage = v.variant('kind', [
  v.object({
    kind: v.literal('initialize'),
    requestId,
    protocolVersion: v.number(),
    modelFolder: v.string(),
    engine: v.picklist(['auto', 'webgpu', 'cpu', 'onnx', 'reference']),
    threads: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(256)),
    measuresThreads: v.optional(v.boolean()),
    weights: v.picklist(['int8', 'int4']),
    stateBudgetBytes: v.pipe(v.number(), v.minValue(0)),
    avoidsGpu: v.optional(v.boolean()),
    replacesGpu: v.optional(v.boolean()),
  }),
  v.object({
    kind: v.literal('complete'),
    requestId,
    ...documentPlace,
    insertion: v.optional(v.object({ start: position, text: v.string() })),
    maxReadTokens: index,
    shape: v.picklist(['line', 'block', 'passage', 'body']),
    maxTokens: positiveInteger,
    maxLines: positiveInteger,
    temperature: v.pipe(v.number(), v.minValue(0)),
    topP: v.pipe(v.number(), v.gtValue(0), v.maxValue(1)),
    leastLogProbability: v.optional(v.pipe(v.number(), v.maxValue(0))),
    alternatives: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(7))),
    streams: v.optional(v.boolean()),
    isAhead: v.optional(v.boolean()),
  }),
  v.object({
    kind: v.literal('warm'),
    requestId,
    ...documentPlace,
    view: v.optional(v.object({ firstLine: index, lastLine: index })),
  }),
  v.object({ kind: v.literal('describeDocument'), requestId, documentId: v.string() }),
  v.object({ kind: v.literal('describeMemory'), requestId }),
  v.object({ kind: v.literal('clearStates'), documentId: v.optional(v.string()) }),
  v.object({
    kind: v.literal('openDocument'),
    documentId: v.string(),
    version,
    path: v.string(),
    text: v.string(),
    isComplete: v.boolean(),
  }),
  v.object({
    kind: v.literal('appendToDocument'),
    documentId: v.string(),
    version,
    text: v.string(),
    isComplete: v.boolean(),
  }),
  v.object({
    kind: v.literal('changeDocument'),
    documentId: v.string(),
    fromVersion: version,
    version,
    changes: v.array(v.object({ start: position, end: position, text: v.string() })),
  }),
  v.object({
    kind: v.literal('relateFiles'),
    documentId: v.string(),
    files: v.array(v.object({ path: v.string(), text: v.string() })),
    mostTokens: index,
  }),
  v.object({ kind: v.literal('closeDocument'), documentId: v.string() }),
  v.object({ kind: v.literal('cancel'), requestId }),
  v.object({ kind: v.literal('shutdown') }),
]);

/** Checks what came over the channel. The answer says what is wrong with a message that is refused. */
export function parseClientMessage(
  data: unknown,
): { message: ClientMessage } | { problem: string; requestId: number | undefined } {
  const result = v.safeParse(clientMessage, data);
  if (result.success) return { message: result.output };
  const [issue] = result.issues;
  const id = v.safeParse(v.object({ requestId: v.number() }), data);
  return {
    problem: `${v.getDotPath(issue) ?? 'message'}: ${issue.message}`,
    requestId: id.success ? id.output.requestId : undefined,
  };
}
