import type { RuntimeErrorCode } from './errors';

/** Engines a user can ask for; `auto` lets the runtime choose by what the machine has. */
export type EngineName = 'cpu' | 'onnx' | 'reference';
export type EngineChoice = 'auto' | EngineName;
/** `int8` as shipped, or `int4` made from it. */
export type WeightsChoice = 'int8' | 'int4';

/** What a loaded engine tells about itself; shown to the user and read by callers instead of `instanceof`. */
export interface EngineInfo {
  name: EngineName;
  /** What it runs on, for people: `CPU, 2 threads`. */
  device: string;
  threads: number;
  /** Storage of the matrices. */
  weights: 'int8' | 'int4' | 'f32';
  /** Arithmetic of the matrix products. */
  arithmetic: 'f64' | 'f32' | 'int8';
  vocabSize: number;
  /** Largest number of tokens one `prefill` call accepts. */
  maxChunkTokens: number;
  /** Largest number of draft tokens one `verify` call accepts; absent where the engine cannot verify drafts. */
  maxDraftTokens?: number;
  /** Bytes of one document's recurrent state in this engine. */
  stateSizeBytes: number;
}

export interface ModelInfo {
  name: string;
  architecture: 'mamba1' | 'mamba2';
  parameters: number;
  weightsSizeBytes: number;
  layers: number;
  vocabSize: number;
}

/** First message on the channel; everything else is refused before it succeeded. */
export interface InitializeRequest {
  kind: 'initialize';
  requestId: number;
  protocolVersion: number;
  /** Absolute path of a folder with `manifest.json`. */
  modelFolder: string;
  engine: EngineChoice;
  /** Threads of a CPU engine; 0 lets the runtime choose. */
  threads: number;
  /** Storage of the matrices inside the blocks, for engines that have a choice. */
  weights: WeightsChoice;
  /** Ceiling for all kept recurrent states and snapshots together. */
  stateBudgetBytes: number;
}

/** `line` stops at the end of the line, `block` may go on for `maxLines` lines. */
export type CompletionShape = 'line' | 'block';

/** Zero-based; `character` counts UTF-16 units. Independent of the line ends. */
export interface TextPosition {
  readonly line: number;
  readonly character: number;
}

/** `text` (LF only) in place of what stands between `start` and `end`. */
export interface TextChange {
  readonly start: TextPosition;
  readonly end: TextPosition;
  readonly text: string;
}

/**
 * The whole text of a document (LF only), in one piece or, when it is large, with `appendToDocument` after it. Replaces what the
 * runtime has of it. No answer.
 */
export interface OpenDocumentNotification {
  kind: 'openDocument';
  /** Identity of the document (its URI). */
  documentId: string;
  version: number;
  /** Path shown to the model, workspace-relative, forward slashes, last 8 parts at most. */
  path: string;
  text: string;
  /** False while more pieces follow: until then requests for it are answered with `resync`. */
  isComplete: boolean;
}

/** The next piece of a document of the same version. No answer. */
export interface AppendToDocumentNotification {
  kind: 'appendToDocument';
  documentId: string;
  version: number;
  text: string;
  isComplete: boolean;
}

/**
 * Changes, each applied to what the one before it left. The runtime drops a document whose version is not `fromVersion` and
 * answers requests for it with `resync`. No answer.
 */
export interface ChangeDocumentNotification {
  kind: 'changeDocument';
  documentId: string;
  fromVersion: number;
  version: number;
  changes: readonly TextChange[];
}

/** A place in a document that the runtime has. */
export interface DocumentPlace {
  documentId: string;
  version: number;
  /** A second check that both sides have the same text. */
  lineCount: number;
  position: TextPosition;
  /** Most characters before the cursor that the model reads. */
  contextCharacters: number;
}

export interface CompleteRequest extends DocumentPlace {
  kind: 'complete';
  requestId: number;
  /** Text that the editor is about to put in place of what stands between `start` and the cursor. */
  insertion?: { start: TextPosition; text: string } | undefined;
  /** Most tokens to read of the text above the region; where more would be needed, the context begins closer to the cursor. */
  maxReadTokens: number;
  shape: CompletionShape;
  maxTokens: number;
  maxLines: number;
  /** 0 is greedy. */
  temperature: number;
  topP: number;
}

/** Reads the document's context and region before the cursor in the background; any other request interrupts it. */
export interface WarmRequest extends DocumentPlace {
  kind: 'warm';
  requestId: number;
}

/** Asks what the runtime holds of a document. */
export interface DescribeDocumentRequest {
  kind: 'describeDocument';
  requestId: number;
  documentId: string;
}

/** Frees the text and the states of a document. No answer. */
export interface CloseDocumentNotification {
  kind: 'closeDocument';
  documentId: string;
}

/** Asks to stop request `requestId`; that request is then answered with `canceled`. No answer of its own. */
export interface CancelNotification {
  kind: 'cancel';
  requestId: number;
}

/** The runtime ends its process after this. No answer. */
export interface ShutdownNotification {
  kind: 'shutdown';
}

export type ClientMessage =
  | InitializeRequest
  | CompleteRequest
  | WarmRequest
  | DescribeDocumentRequest
  | OpenDocumentNotification
  | AppendToDocumentNotification
  | ChangeDocumentNotification
  | CloseDocumentNotification
  | CancelNotification
  | ShutdownNotification;

export type StopReason =
  'specialToken' | 'endOfLine' | 'endOfBlock' | 'suffixReached' | 'maxTokens';

/**
 * `cursor`: the state inside the region, where the user types. `region`: the text above the region, exactly. `text`: a point
 * further up. `nothing`: a fresh state.
 */
export type StateReuse = 'cursor' | 'region' | 'text' | 'nothing';

/** What a request cost, for the log, the status bar, the command line and the benchmarks. */
export interface CompletionFigures {
  /** Tokens of the whole prompt. */
  promptTokens: number;
  /** Prompt tokens that a kept state already held. */
  reusedTokens: number;
  /** From which kept state the reading went on. */
  reuse: StateReuse;
  prefillMs: number;
  generatedTokens: number;
  decodeMs: number;
  /** From reading the message to answering it. */
  totalMs: number;
}

export interface InitializedResponse {
  kind: 'initialized';
  requestId: number;
  protocolVersion: number;
  model: ModelInfo;
  engine: EngineInfo;
  loadMs: number;
}

/** How sure the model was of one token. */
export interface TokenProbability {
  /** UTF-16 units of the generated text up to and with this token; for a special token the same as before it. */
  readonly end: number;
  /** Natural log of the model's own probability of it. */
  readonly logProbability: number;
}

export interface CompletionResponse {
  kind: 'completion';
  requestId: number;
  /** Empty when nothing was worth generating. */
  text: string;
  stopReason: StopReason;
  /** Mean natural-log probability of the generated tokens; 0 when there are none. */
  meanLogProbability: number;
  /**
   * Every token that was sampled, also those beyond `text` that the stop rule cut off, and at last the special one that
   * ended the text, if one did.
   */
  tokens: readonly TokenProbability[];
  figures: CompletionFigures;
}

export interface WarmedResponse {
  kind: 'warmed';
  requestId: number;
  prefilledTokens: number;
}

/** One kept state of a document. */
export interface KeptState {
  kind: 'text' | 'cursor';
  /** `text`: all above it has been read. `cursor`: where the region starts that it lies in. */
  position: TextPosition;
  /** Where its context starts. */
  contextStart: TextPosition;
  /** Tokens that were read to reach it. */
  tokens: number;
  sizeBytes: number;
}

export interface DocumentDescription {
  version: number;
  path: string;
  lineCount: number;
  sizeCharacters: number;
  states: readonly KeptState[];
  requests: number;
  /** Requests that went on from the state at the cursor. */
  cursorHits: number;
  last?: DocumentReading | undefined;
  /** All documents together. */
  heldBytes: number;
  budgetBytes: number;
}

/** What the last request of a document read. */
export interface DocumentReading {
  promptTokens: number;
  tokensRead: number;
  reuse: StateReuse;
  /** Why no nearer state served, for people. */
  reason: string;
}

export interface DocumentDescribedResponse {
  kind: 'documentDescribed';
  requestId: number;
  /** Absent when the runtime does not have the document. */
  document?: DocumentDescription | undefined;
}

/** The runtime does not have this version of the document: it has to be opened again, then the request may be repeated. */
export interface ResyncResponse {
  kind: 'resync';
  requestId: number;
  documentId: string;
}

export interface CanceledResponse {
  kind: 'canceled';
  requestId: number;
}

export interface FailedResponse {
  kind: 'failed';
  requestId: number;
  code: RuntimeErrorCode;
  message: string;
}

export type RuntimeMessage =
  | InitializedResponse
  | CompletionResponse
  | WarmedResponse
  | DocumentDescribedResponse
  | ResyncResponse
  | CanceledResponse
  | FailedResponse;
