import * as vscode from 'vscode';
import type { PanelStrings } from '../../webview/protocol';
import type { SettingKey } from '../settings/table';
import { spelledOut } from './panelFields';

/** The page's own texts by their English; the page has no access to the editor's translations. */
export function panelStrings(): PanelStrings {
  const { t } = vscode.l10n;
  return {
    Reset: t('Reset'),
    Settings: t('Settings'),
    'Change the settings of': t('Change the settings of'),
    'For the language': t('For the language'),
    'A workspace’s settings count before the user’s, and what is set for one language before what is set for all.':
      t(
        'A workspace’s settings count before the user’s, and what is set for one language before what is set for all.',
      ),
    General: t('General'),
    Model: t('Model'),
    'Engine and device': t('Engine and device'),
    Generation: t('Generation'),
    Timing: t('Timing'),
    'State memory': t('State memory'),
    'Restart model runtime': t('Restart model runtime'),
    'Show log': t('Show log'),
    'Choose another model…': t('Choose another model…'),
    'Snooze…': t('Snooze…'),
    'End the snooze now': t('End the snooze now'),
    Languages: t('Languages'),
    'All other languages': t('All other languages'),
    'Identifier of another language': t('Identifier of another language'),
    'Turn off': t('Turn off'),
    'Throughput of the last five minutes': t('Throughput of the last five minutes'),
    'Decode (tokens/s)': t('Decode (tokens/s)'),
    'Prefill (tokens/s)': t('Prefill (tokens/s)'),
    'Latency (ms)': t('Latency (ms)'),
    'Model runtime': t('Model runtime'),
    Throughput: t('Throughput'),
    'Documents with kept states': t('Documents with kept states'),
    'Clear document states': t('Clear document states'),
    Benchmark: t('Benchmark'),
    'Measures each engine on this machine, in a process of its own.': t(
      'Measures each engine on this machine, in a process of its own.',
    ),
    'Run benchmark': t('Run benchmark'),
    Stop: t('Stop'),
    Engine: t('Engine'),
    Prefill: t('Prefill'),
    Decode: t('Decode'),
    'First token': t('First token'),
    Use: t('Use'),
  };
}

/** A setting's name in the panel. */
export function settingLabel(key: SettingKey): string {
  const { t } = vscode.l10n;
  const labels: Partial<Record<SettingKey, string>> = {
    enable: t('Show completions'),
    modelFolder: t('Model folder'),
    weights: t('Weights'),
    engine: t('Engine'),
    threads: t('Threads'),
    temperature: t('Temperature'),
    topP: t('Top-p'),
    maxTokens: t('Most tokens'),
    maxLines: t('Most lines'),
    confidence: t('Confidence'),
    multiline: t('Several lines'),
    contextCharacters: t('Context characters'),
    relatedFilesTokens: t('Related files (tokens)'),
    trigger: t('Trigger'),
    debounceMs: t('Longest wait after a keystroke (ms)'),
    minimumPrefix: t('Characters before a suggestion'),
    inComments: t('In comments'),
    inStrings: t('In strings'),
    suggestAhead: t('Suggest ahead'),
    useIgnoreFiles: t('Follow .gitignore'),
    prewarm: t('Read ahead'),
    onBattery: t('On battery'),
    stateBudgetMb: t('Budget (MB)'),
  };
  return labels[key] ?? spelledOut(key);
}
