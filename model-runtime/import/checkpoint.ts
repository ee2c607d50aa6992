import type { FileHandle } from 'node:fs/promises';
import type { PromptDescription } from '../model/promptDescription';
import type { Dtype } from '../model/safetensors';
import type { SourceConfig } from './sourceConfig';

/** `Q8_0` is GGUF's: blocks of one f16 scale and 32 int8. */
export type SourceDtype = Dtype | 'Q8_0';

/** A tensor of a checkpoint, unread. */
export interface SourceTensor {
  dtype: SourceDtype;
  shape: readonly number[];
  file: { path: string; handle: FileHandle };
  /** Bytes from the file's start. */
  offset: number;
  /** What the product stores instead of a value; GGUF keeps A where everyone else keeps log(-A). */
  map?: (value: number) => number;
}

/** An opened checkpoint. Its tensors have the names of state-spaces/mamba. The owner closes it. */
export interface Checkpoint {
  /** A file or folder, for messages. */
  path: string;
  name: string;
  source: SourceConfig;
  tensors: ReadonlyMap<string, SourceTensor>;
  /** Whether vectors may come with other extents of the same product, as GGUF writes them. */
  hasFlatVectors: boolean;
  tokenizerJson: string;
  /** Names of the tokens that begin and end a text, when something beside the tokenizer says so. */
  tokens: {
    bos?: string | undefined;
    eos?: string | undefined;
    contextTokens?: number | undefined;
  };
  /** When the source is a model folder of the product. */
  prompt?: PromptDescription | undefined;
  /** Files about origin and terms, carried along. */
  notices: readonly string[];
  close(): Promise<void>;
}
