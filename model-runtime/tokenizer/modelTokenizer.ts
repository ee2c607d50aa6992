import { Tokenizer } from '@huggingface/tokenizers';
import { RuntimeError } from '../protocol/errors';

/** Texts whose ids are kept, mostly lines: after an edit only the changed ones are tokenized again. */
const CACHED_TEXTS = 8192;
/** Longer texts are rare and would make the cache's size depend on them. */
const LONGEST_CACHED_TEXT = 2048;

/**
 * Text to token ids and back, by the model's own `tokenizer.json`.
 * Document text never yields a special token, whatever it contains: a file that spells `<|fim_middle|>` cannot
 * steer the prompt. Special tokens come from `specialTokenId` alone.
 */
export class ModelTokenizer {
  private readonly tokenizer: Tokenizer;
  private readonly cache = new Map<string, Int32Array>();

  /** Throws `modelCorrupt` when `tokenizerJson` is no tokenizer or has ids at or above `vocabSize`. */
  constructor(
    tokenizerJson: string,
    private readonly vocabSize: number,
  ) {
    try {
      const definition = JSON.parse(tokenizerJson) as object;
      this.tokenizer = new Tokenizer(
        { ...definition, added_tokens: [] },
        { clean_up_tokenization_spaces: false },
      );
    } catch (cause) {
      throw new RuntimeError(
        'modelCorrupt',
        'The model’s tokenizer.json could not be read. Reinstall the extension or choose another model folder.',
        { cause },
      );
    }
    const largestId = Math.max(...this.tokenizer.get_vocab().values());
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
    return ids.length === 0 ? '' : this.tokenizer.decode([...ids]);
  }

  /** Throws `modelCorrupt` when the vocabulary lacks the token or has it at another id. */
  requireSpecialToken(content: string, id: number): number {
    const found = this.tokenizer.token_to_id(content);
    if (found !== id || id >= this.vocabSize) {
      throw new RuntimeError(
        'modelCorrupt',
        `config.json names ${content} as token ${id}, tokenizer.json has it at ${found ?? 'no id'}: they belong to different models. ` +
          'Reinstall the extension or choose another model folder.',
      );
    }
    return id;
  }

  private encodeUncached(text: string): Int32Array {
    return Int32Array.from(this.tokenizer.encode(text.replace(/\p{Surrogate}/gu, '\uFFFD')).ids);
  }
}
