import { Tokenizer } from '@huggingface/tokenizers';
import * as v from 'valibot';
import { RuntimeError } from '../protocol/errors';
import { forPieces } from './pieceTokenizer';

/** Texts whose ids are kept, mostly lines: after an edit only the changed ones are tokenized again. */
const CACHED_TEXTS = 8192;
/** Longer texts are rare and would make the cache's size depend on them. */
const LONGEST_CACHED_TEXT = 2048;

const definitionSchema = v.looseObject({
  added_tokens: v.optional(
    v.array(
      v.looseObject({
        id: v.number(),
        content: v.string(),
        special: v.optional(v.boolean(), false),
      }),
    ),
    [],
  ),
});

/**
 * Text to token ids and back, by the model's own `tokenizer.json`.
 * Document text never yields a special token, whatever it contains: a file that spells `<|fim_middle|>` cannot
 * steer the prompt. Special tokens come from `tokenId` alone.
 */
export class ModelTokenizer {
  private readonly tokenizer: Tokenizer;
  private readonly cache = new Map<string, Int32Array>();
  /** Names of the special tokens by id. */
  private readonly special: ReadonlyMap<number, string>;
  private readonly textIds: ReadonlySet<number>;

  /**
   * `named` are tokens that count as special although the tokenizer says nothing of it.
   * Throws `modelCorrupt` when `tokenizerJson` is no tokenizer or has ids at or above `vocabSize`.
   */
  constructor(
    tokenizerJson: string,
    private readonly vocabSize: number,
    named: readonly string[] = [],
  ) {
    try {
      const definition = v.parse(definitionSchema, JSON.parse(tokenizerJson));
      const isSpecial = ({ special, content }: { special: boolean; content: string }) =>
        special || named.includes(content);
      const added = definition.added_tokens;
      this.special = new Map(added.filter(isSpecial).map(({ id, content }) => [id, content]));
      this.tokenizer = new Tokenizer(
        { ...forPieces(definition), added_tokens: added.filter((token) => !isSpecial(token)) },
        { clean_up_tokenization_spaces: false },
      );
      emptyTables(definition);
    } catch (cause) {
      throw new RuntimeError(
        'modelCorrupt',
        'The model’s tokenizer.json could not be read. Reinstall the extension or choose another model folder.',
        { cause },
      );
    }
    this.textIds = new Set(this.tokenizer.get_vocab().values());
    let largestId = 0;
    for (const ids of [this.textIds, this.special.keys()]) {
      for (const id of ids) largestId = Math.max(largestId, id);
    }
    if (!(largestId < vocabSize)) {
      throw new RuntimeError(
        'modelCorrupt',
        `The tokenizer has ids up to ${largestId}, the model only ${vocabSize} rows: tokenizer.json belongs to another model. ` +
          'Reinstall the extension or choose another model folder.',
      );
    }
  }

  /** Ids of plain text; a lone surrogate is read as U+FFFD. The caller must not change the array. */
  encode(text: string): Int32Array {
    if (text.length > LONGEST_CACHED_TEXT) return this.encodeUncached(text);
    const cached = this.cache.get(text);
    if (cached) {
      this.cache.delete(text);
      this.cache.set(text, cached);
      return cached;
    }
    const ids = this.encodeUncached(text);
    this.cache.set(text, ids);
    if (this.cache.size > CACHED_TEXTS) {
      for (const oldest of this.cache.keys()) {
        this.cache.delete(oldest);
        break;
      }
    }
    return ids;
  }

  /** Text of ids. Bytes that end inside a character come out as U+FFFD. */
  decode(ids: readonly number[]): string {
    let text = '';
    let from = 0;
    ids.forEach((id, i) => {
      const name = this.special.get(id);
      if (name === undefined) return;
      text += this.decodeText(ids.slice(from, i)) + name;
      from = i + 1;
    });
    return text + this.decodeText(ids.slice(from));
  }

  /** Whether the id stands for text: neither for a special token nor for none. */
  isText(id: number): boolean {
    return this.textIds.has(id) && !this.special.has(id);
  }

  /** Throws `modelCorrupt` when there is no such token. */
  tokenId(content: string): number {
    const id = this.findToken(content);
    if (id !== undefined) return id;
    throw new RuntimeError(
      'modelCorrupt',
      `manifest.json or config.json names the token ${content}, tokenizer.json has none of this name. ` +
        'Correct the prompt in manifest.json, or choose another model folder.',
    );
  }

  /** Throws `modelCorrupt` when the vocabulary lacks the token or has it at another id. */
  requireSpecialToken(content: string, id: number): number {
    const found = this.findToken(content);
    if (found !== id || id >= this.vocabSize) {
      throw new RuntimeError(
        'modelCorrupt',
        `config.json names ${content} as token ${id}, tokenizer.json has it at ${found ?? 'no id'}: they belong to different models. ` +
          'Reinstall the extension or choose another model folder.',
      );
    }
    return id;
  }

  private findToken(content: string): number | undefined {
    for (const [id, name] of this.special) if (name === content) return id;
    return this.tokenizer.token_to_id(content);
  }

  private decodeText(ids: readonly number[]): string {
    return ids.length === 0 ? '' : this.tokenizer.decode([...ids]);
  }

  private encodeUncached(text: string): Int32Array {
    return Int32Array.from(
      this.tokenizer.encode(text.replace(/\p{Surrogate}/gu, '\uFFFD'), {
        add_special_tokens: false,
      }).ids,
    );
  }
}

/** The library keeps the definition, although it has made tables of its own of what is large in it. */
function emptyTables({ model }: Record<string, unknown>): void {
  if (!(model instanceof Object && 'vocab' in model && 'merges' in model)) return;
  model.vocab = {};
  if (Array.isArray(model.merges)) model.merges.length = 0;
}
