import * as v from 'valibot';

/** A token by its name in `tokenizer.json`. */
const token = v.pipe(v.string(), v.minLength(1), v.maxLength(200));

const infillSchema = v.variant('form', [
  v.object({ form: v.literal('none') }),
  v.object({
    form: v.literal('prefix-suffix-middle'),
    prefix: token,
    suffix: token,
    middle: token,
  }),
  v.object({ form: v.literal('region'), suffix: token, middle: token }),
]);

/** `prompt` of `manifest.json`: how this model wants to be asked. docs/models.md describes each field. */
export const promptSchema = v.object({
  infill: infillSchema,
  /** What every prompt begins with. */
  start: v.optional(v.array(token), []),
  /** What stands before the document's path; without it the model is not told the path. */
  path: v.optional(token),
  /** What ends a completion, besides every special token. */
  stop: v.optional(v.array(token), []),
  /** What the model was trained on. */
  contextTokens: v.optional(v.pipe(v.number(), v.integer(), v.minValue(64))),
});

export type PromptDescription = v.InferOutput<typeof promptSchema>;

/** Of models whose `config.json` names special tokens and whose manifest has no `prompt`: how the shipped model was trained. */
export const REGION_PROMPT: PromptDescription = {
  infill: { form: 'region', suffix: '<|fim_suffix|>', middle: '<|fim_middle|>' },
  start: [],
  path: '<|file_sep|>',
  stop: ['<|endoftext|>'],
};

/** Every token that a description names. */
export function namedTokens({ infill, start, path, stop }: PromptDescription): string[] {
  return [...start, ...(path === undefined ? [] : [path]), ...infillTokens(infill), ...stop];
}

function infillTokens(infill: PromptDescription['infill']): string[] {
  switch (infill.form) {
    case 'none':
      return [];
    case 'region':
      return [infill.suffix, infill.middle];
    case 'prefix-suffix-middle':
      return [infill.prefix, infill.suffix, infill.middle];
  }
}
