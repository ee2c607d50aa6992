import type { PanelFigures } from '../../webview/protocol';
import type { Throughput } from '../completion/throughput';
import type { MemoryDescribedResponse } from '../../model-runtime/protocol/messages';
import type { Translate } from '../common/translate';

/** What the panel's figures, chart and list of documents show. */
export function panelFigures(
  throughput: Throughput,
  memory: MemoryDescribedResponse | undefined,
  t: Translate,
): PanelFigures {
  const s = throughput.summary();
  const rows: [string, string, string][] = [
    ['decode', t('Decode'), speed(s.decodeTokensPerSecond)],
    ['prefill', t('Prefill'), speed(s.prefillTokensPerSecond)],
    ['firstToken', t('Time to first token, last request'), ms(s.firstTokenMs)],
    ['latency50', t('Key to suggestion, half of them'), ms(s.latencyP50Ms)],
    ['latency90', t('Key to suggestion, nine of ten'), ms(s.latencyP90Ms)],
    [
      'reused',
      t('Prompt tokens replayed / reused'),
      `${String(s.replayedTokens)} / ${String(s.reusedTokens)}`,
    ],
    [
      'accepted',
      t('Suggestions accepted whole'),
      s.suggested === 0
        ? '—'
        : t(
            '{0} of {1} ({2} %)',
            s.accepted,
            s.suggested,
            Math.round((100 * s.accepted) / s.suggested),
          ),
    ],
    [
      'resident',
      t('Memory of the runtime'),
      memory === undefined ? '—' : megabytes(memory.residentBytes),
    ],
  ];
  const documents = [...(memory?.documents ?? [])].reverse().map((document) => ({
    name: nameOf(document.documentId),
    detail: t('{0}, {1} states', megabytes(document.sizeBytes), document.states),
  }));
  return {
    kind: 'figures',
    figures: rows.map(([id, name, value]) => ({ id, name, value })),
    chart: throughput.series(),
    documents,
    memory: memorySentence(memory, t),
  };
}

function memorySentence(memory: MemoryDescribedResponse | undefined, t: Translate): string {
  if (memory === undefined)
    return t('The model runtime is not running, so it keeps no document states.');
  const held = memory.documents.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
  const budget = megabytes(memory.budgetBytes);
  return t('{0} of {1} in use by {2} documents.', megabytes(held), budget, memory.documents.length);
}

function nameOf(documentId: string): string {
  const last = documentId.split(/[/:]/).at(-1) ?? documentId;
  try {
    return decodeURIComponent(last);
  } catch {
    // A lone percent sign: shown as it is.
    return last;
  }
}

function speed(tokensPerSecond: number | undefined): string {
  return tokensPerSecond === undefined ? '—' : `${tokensPerSecond.toFixed(1)} tokens/s`;
}

function ms(value: number | undefined): string {
  return value === undefined ? '—' : `${String(Math.round(value))} ms`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}
