import { settingsTable } from '../../extension/settings/table';
import { createCpuEngine } from '../../model-runtime/engines/cpu/cpuEngine';
import { Completer } from '../../model-runtime/generation/completer';
import type { LoadedModel } from '../../model-runtime/model/loadModel';
import type {
  CompleteRequest,
  LineRange,
  TextPosition,
} from '../../model-runtime/protocol/messages';
import { prepareText } from '../../model-runtime/generation/promptFormat';
import { spreadOf } from '../statistics';
import type { Change, StateDocument } from './script';
import { MIDDLE, PASTED, TYPED, UNSEEN } from './script';

export interface StateResult {
  engine: 'cpu' | 'llama.cpp';
  documentTokens: number;
  change: Change;
  /** The most of any request. */
  tokensRead: number;
  /** Median from the request to the logits of its first token. */
  ms: number;
}

export interface OurResult extends StateResult {
  /** All kept states of one document. */
  stateBytes: number;
}

/** As the extension sets them. */
const CONTEXT_CHARACTERS = settingsTable.contextCharacters.default;
const MAX_READ_TOKENS = 96;
const BUDGET_BYTES = 512 * 2 ** 20;
/** As many as an editor shows of a document at once. */
const VIEWED_LINES = 45;
const SWITCHED_DOCUMENTS = 10;
const NEVER = new AbortController().signal;

interface Sample {
  tokensRead: number;
  ms: number;
}

/** One document in the runtime's completer, edited as the extension does. */
class EditedDocument {
  private version = 1;
  private lineCount: number;

  constructor(
    private readonly completer: Completer,
    private readonly id: string,
    text: string,
  ) {
    this.lineCount = text.split('\n').length;
    completer.documents.open({
      kind: 'openDocument',
      documentId: id,
      version: this.version,
      path: 'src/app.ts',
      text,
      isComplete: true,
    });
  }

  insert(at: TextPosition, text: string): void {
    this.completer.documents.change({
      kind: 'changeDocument',
      documentId: this.id,
      fromVersion: this.version,
      version: ++this.version,
      changes: [{ start: at, end: at, text }],
    });
    this.lineCount += text.split('\n').length - 1;
  }

  async warm(position: TextPosition, view?: LineRange): Promise<void> {
    await this.completer.warm({ kind: 'warm', requestId: 0, ...this.place(position), view }, NEVER);
  }

  async complete(position: TextPosition): Promise<Sample> {
    const request: CompleteRequest = {
      kind: 'complete',
      requestId: 0,
      ...this.place(position),
      maxReadTokens: MAX_READ_TOKENS,
      shape: 'line',
      maxTokens: 1,
      maxLines: 1,
      temperature: 0,
      topP: 1,
    };
    const answer = await this.completer.complete(request, NEVER);
    if (answer === undefined) throw new Error('the runtime is not in step');
    const { promptTokens, reusedTokens, totalMs } = answer.figures;
    return { tokensRead: promptTokens - reusedTokens, ms: totalMs };
  }

  get stateBytes(): number {
    const { states = [] } = this.completer.describe(this.id) ?? {};
    return states.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  private place(position: TextPosition) {
    return {
      documentId: this.id,
      version: this.version,
      lineCount: this.lineCount,
      position,
      contextCharacters: CONTEXT_CHARACTERS,
    };
  }
}

/** The changes one after another in a document of each length. Background reading is done before each and not timed. */
export async function measureOurs(
  model: LoadedModel,
  documents: readonly StateDocument[],
  threads: number,
  programFolder: string,
  say: (line: string) => void,
): Promise<OurResult[]> {
  const { tokenizer, format } = prepareText(model);
  const engine = await createCpuEngine(model.weights, { threads, programFolder });
  await engine.settle();
  const results: OurResult[] = [];
  for (const each of documents) {
    say(`cpu, ${each.tokens} tokens`);
    const completer = new Completer(engine, tokenizer, format, BUDGET_BYTES);
    const document = new EditedDocument(completer, 'document', each.text);
    const report = (change: Change, samples: readonly Sample[]) =>
      results.push({
        engine: 'cpu',
        documentTokens: each.tokens,
        change,
        ...summary(samples),
        stateBytes: document.stateBytes,
      });

    const typing = { line: each.typingLine, character: 0 };
    await document.warm(typing);
    await document.complete(typing);
    const typed: Sample[] = [];
    for (const [i, character] of [...TYPED].entries()) {
      document.insert({ line: typing.line, character: i }, character);
      typed.push(await document.complete({ line: typing.line, character: i + 1 }));
    }
    report('type', typed);

    const pasted: Sample[] = [];
    let line = typing.line;
    for (const text of PASTED) {
      document.insert({ line: line + 1, character: 0 }, `${text}\n`);
      line++;
      pasted.push(await document.complete({ line, character: text.length }));
    }
    report('tail20', pasted);

    const changeInMiddle = async (texts: readonly string[], view?: LineRange) => {
      const samples: Sample[] = [];
      for (const text of texts) {
        await document.warm({ line, character: 0 }, view);
        document.insert({ line: each.middleLine, character: 0 }, text);
        samples.push(await document.complete({ line: each.middleLine, character: text.length }));
      }
      return samples;
    };
    report('unseen', await changeInMiddle(UNSEEN));
    const firstLine = Math.max(0, each.middleLine - Math.floor(VIEWED_LINES / 2));
    const view = { firstLine, lastLine: firstLine + VIEWED_LINES };
    report('middle', await changeInMiddle(MIDDLE, view));

    const others = Array.from(
      { length: SWITCHED_DOCUMENTS },
      (_, i) => new EditedDocument(completer, `switched ${i}`, each.text),
    );
    for (const other of others) {
      await other.warm(typing);
      await other.complete(typing);
    }
    const switched: Sample[] = [];
    for (const other of others) switched.push(await other.complete(typing));
    report('switch', switched);
    completer.dispose();
  }
  await engine.dispose();
  return results;
}

export function summary(samples: readonly Sample[]): Sample {
  return {
    tokensRead: Math.max(...samples.map(({ tokensRead }) => tokensRead)),
    ms: spreadOf(samples.map(({ ms }) => ms)).median,
  };
}
