import { decodeSteps } from '../completion/throughput';
import type { RequestFigures } from './activity';
import { commandId, type CommandName } from './commandTable';
import type { StatusView } from './statusView';
import type { Translate } from '../common/translate';

/** Commands that the hover links to; no other is allowed in it. */
export const HOVER_COMMANDS = [
  'openSettings',
  'explainSuggestion',
  'snooze',
  'toggle',
  'restartRuntime',
  'showLog',
] as const satisfies readonly CommandName[];

type LinkedCommand = (typeof HOVER_COMMANDS)[number];

/** The status bar item's hover in Markdown: the state, what the last request cost, and where to go from here. */
export function statusHover(
  view: StatusView,
  last: RequestFigures | undefined,
  t: Translate,
): string {
  const titles: [LinkedCommand, string][] = [
    ['openSettings', `$(settings-gear) ${t('Settings')}`],
    ['explainSuggestion', `$(info) ${t('Explain last suggestion')}`],
    ['snooze', `$(bell-slash) ${t('Snooze')}`],
    ['toggle', `$(circle-slash) ${t('On or off')}`],
    ['restartRuntime', `$(debug-restart) ${t('Restart')}`],
    ['showLog', `$(output) ${t('Log')}`],
  ];
  // An icon stays with its word.
  const links = titles.map(
    ([name, title]) => `[${title.replace(') ', ')\u00a0')}](command:${commandId(name)})`,
  );
  return [
    `**Mamba Complete**: ${escaped(view.detail)}`,
    ...(last === undefined ? [] : [figureTable(last, t)]),
    links.join(' · '),
  ].join('\n\n');
}

function figureTable(last: RequestFigures, t: Translate): string {
  const steps = decodeSteps(last);
  const speed = steps > 0 && last.decodeMs > 0 ? (steps * 1000) / last.decodeMs : undefined;
  const rows = [
    [
      t('Last request'),
      t('{0} tokens in {1} ms', last.generatedTokens, Math.round(last.latencyMs)),
    ],
    [t('Decode'), speed === undefined ? '—' : t('{0} tokens/s', speed.toFixed(1))],
    [t('Reused'), t('{0} of {1} prompt tokens', last.reusedTokens, last.promptTokens)],
  ];
  return ['| | |', '|:--|--:|', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join(
    '\n',
  );
}

/** Names of models and messages of errors are text, not Markdown. */
function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!|<>~$]/g, '\\$&');
}
