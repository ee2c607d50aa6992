// A document is tokenized in pieces, and a prompt is put together from them. What a tokenizer does once at a text's start or
// end (a space before the first word, tokens around the whole) must not happen to every piece.

type Json = Record<string, unknown>;

/** The definition of `tokenizer.json` without what concerns a text as a whole. The argument is left as it is. */
export function forPieces(definition: Json): Json {
  return {
    ...definition,
    normalizer: withoutSteps(definition.normalizer, 'normalizers', isPrepend),
    pre_tokenizer: mapSteps(definition.pre_tokenizer, 'pretokenizers', withoutPrefixSpace),
    decoder: mapSteps(
      withoutSteps(definition.decoder, 'decoders', isStripOfFirstSpace),
      'decoders',
      withoutPrefixSpace,
    ),
    post_processor: null,
    truncation: null,
    padding: null,
  };
}

function isPrepend({ type }: Json): boolean {
  return type === 'Prepend';
}

/** Takes back the space that `Prepend` added. */
function isStripOfFirstSpace({ type, start }: Json): boolean {
  return type === 'Strip' && start !== 0;
}

function withoutPrefixSpace(step: Json): Json {
  switch (step.type) {
    case 'Metaspace':
      return { ...step, prepend_scheme: 'never', add_prefix_space: false };
    case 'ByteLevel':
      return { ...step, add_prefix_space: false };
    default:
      return step;
  }
}

/** A step, or a `Sequence` with a list of them under `listName`. */
function mapSteps(step: unknown, listName: string, change: (step: Json) => Json): unknown {
  if (!isObject(step)) return step;
  const list = step[listName];
  if (!Array.isArray(list)) return change(step);
  return {
    ...step,
    [listName]: list.map((item: unknown) => (isObject(item) ? change(item) : item)),
  };
}

function withoutSteps(
  step: unknown,
  listName: string,
  isLeftOut: (step: Json) => boolean,
): unknown {
  if (!isObject(step)) return step;
  const list = step[listName];
  if (!Array.isArray(list)) return isLeftOut(step) ? null : step;
  return {
    ...step,
    [listName]: list.filter((item: unknown) => !isObject(item) || !isLeftOut(item)),
  };
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
