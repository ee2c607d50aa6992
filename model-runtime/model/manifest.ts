import * as v from 'valibot';
import { parseJson } from './parseJson';
import { promptSchema } from './promptDescription';

export const MANIFEST_FILE = 'manifest.json';
export const CONFIG_FILE = 'config.json';
export const TOKENIZER_FILE = 'tokenizer.json';
export const WEIGHTS_FILE = 'model.safetensors';

export const MODEL_FORMAT = 'mamba-complete-model';
/** Raised when a reader of the version before could misread the folder. */
export const MODEL_FORMAT_VERSION = 1;

const fileSchema = v.object({
  // Names only: a manifest must not reach outside its folder.
  path: v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'is not a plain file name')),
  sizeBytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 in lower-case hex')),
});

const manifestSchema = v.object({
  format: v.literal(MODEL_FORMAT),
  formatVersion: v.literal(MODEL_FORMAT_VERSION),
  /** For people: shown in the status bar. */
  name: v.pipe(v.string(), v.minLength(1), v.maxLength(100)),
  files: v.array(fileSchema),
  /** How the model wants to be asked; absent where `config.json` names the special tokens of region infill. */
  prompt: v.optional(promptSchema),
  /** How an engine that can choose keeps the matrices; they are stored in int8. */
  weights: v.optional(v.picklist(['int8', 'int4'])),
  /** Most memory that loading and running takes, for those who choose among models. */
  memoryBytes: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
});

/** What a model folder contains. Every file the runtime reads is listed with its size and SHA-256. */
export type Manifest = v.InferOutput<typeof manifestSchema>;
export type ManifestFile = Manifest['files'][number];

/** Parses `manifest.json`; `file` is its path for messages. Errors: `modelCorrupt`. */
export function parseManifest(text: string, file: string): Manifest {
  return parseJson(manifestSchema, text, file);
}
