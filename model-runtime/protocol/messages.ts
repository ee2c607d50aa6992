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

/** A place in a document. All text is LF only, without lone surrogates. */
export interface DocumentContext {
  /** Identity of the document for state reuse (its URI). */
  documentId: string;
  /** Path shown to the model, workspace-relative, forward slashes, last 8 parts at most. */
  path: string;
  /** Text before the cursor. Starts at a line start that moves rarely, so that states can be reused. */
  prefix: string;
  /** Text after the cursor, at most 800 characters. */
  suffix: string;
}

export interface CompleteRequest extends DocumentContext {
  kind: 'complete';
  requestId: number;
  shape: CompletionShape;
  maxTokens: number;
  maxLines: number;
  /** 0 is greedy. */
  temperature: number;
  topP: number;
}

/** Prefills the document's text before the cursor in the background; any other request interrupts it. */
export interface WarmRequest extends DocumentContext {
  kind: 'warm';
  requestId: number;
}

/** Frees the states of a document. No answer. */
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
  | CloseDocumentNotification
  | CancelNotification
  | ShutdownNotification;

export type StopReason =
  'specialToken' | 'endOfLine' | 'endOfBlock' | 'suffixReached' | 'maxTokens';

/** What a request cost, for the log, the status bar, the command line and the benchmarks. */
export interface CompletionFigures {
  /** Tokens of the whole prompt. */
  promptTokens: number;
  /** Prompt tokens that a kept state already held. */
  reusedTokens: number;
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

export interface CompletionResponse {
  kind: 'completion';
  requestId: number;
  /** Empty when nothing was worth generating. */
  text: string;
  stopReason: StopReason;
  /** Mean natural-log probability of the generated tokens; 0 when there are none. */
  meanLogProbability: number;
  figures: CompletionFigures;
}

export interface WarmedResponse {
  kind: 'warmed';
  requestId: number;
  prefilledTokens: number;
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
  InitializedResponse | CompletionResponse | WarmedResponse | CanceledResponse | FailedResponse;
