interface CommandDefinition {
  title: string;
  /** Where the palette shows it; everywhere when absent. */
  when?: string;
  icon?: string;
}

const IN_EDITOR = 'editorIsOpen && !activeEditorIsReadonly';
const IN_PREVIEW = 'mambaComplete.hasPreview';

/**
 * Every command; `contributes` of package.json and package.nls.json are compared with it by a test. Each is defined while the
 * runtime is down: it works without, or says what to do.
 */
export const commandTable = {
  generateAtCursor: { title: 'Generate at Cursor', when: IN_EDITOR },
  completeFunctionBody: { title: 'Complete Function Body', when: IN_EDITOR },
  generateFromSelection: { title: 'Generate from Comment or Selection', when: IN_EDITOR },
  acceptGenerated: { title: 'Accept Generated Text', when: IN_PREVIEW, icon: '$(check)' },
  discardGenerated: { title: 'Discard Generated Text', when: IN_PREVIEW, icon: '$(close)' },
  stopGenerating: { title: 'Stop Generating', when: 'mambaComplete.isGenerating' },
  showAlternatives: { title: 'Show Alternatives', when: IN_EDITOR },
  explainSuggestion: { title: 'Explain Last Suggestion' },
  snooze: { title: 'Snooze Suggestions' },
  endSnooze: { title: 'End the Snooze', when: 'mambaComplete.isSnoozed' },
  toggle: { title: 'Turn Completions On or Off' },
  toggleLanguage: {
    title: 'Turn Completions On or Off for This Language',
    when: 'editorIsOpen',
  },
  runBenchmark: { title: 'Run Benchmark' },
  stopBenchmark: { title: 'Stop Benchmark', when: 'mambaComplete.isBenchmarking' },
  clearStates: { title: 'Clear Document States' },
  addModel: { title: 'Add Model…' },
  chooseModel: { title: 'Choose Model…' },
  removeModel: { title: 'Remove Model…' },
  showMenu: { title: 'Show Menu' },
  openSettings: { title: 'Open Settings Panel', icon: '$(settings-gear)' },
  restartRuntime: { title: 'Restart Model Runtime' },
  showLog: { title: 'Show Log' },
  showDocumentState: { title: 'Show Document State', when: 'editorIsOpen' },
} as const satisfies Record<string, CommandDefinition>;

export type CommandName = keyof typeof commandTable;

export const commandNames = Object.keys(commandTable) as CommandName[];

export function commandId(name: CommandName): string {
  return `mambaComplete.${name}`;
}

/** Key of a command's title in package.nls.json. */
export function commandTitleKey(name: CommandName): string {
  return `command.${name}`;
}

/** `contributes.commands` of package.json, made from the table. */
export function commandsContribution(): Record<string, string>[] {
  return commandNames.map((name) => {
    const { icon }: CommandDefinition = commandTable[name];
    return {
      command: commandId(name),
      title: `%${commandTitleKey(name)}%`,
      category: 'Mamba Complete',
      ...(icon === undefined ? {} : { icon }),
    };
  });
}

/** `contributes.menus`: what the palette shows when, and the buttons of a preview. */
export function menusContribution(): Record<string, Record<string, string>[]> {
  const palette = commandNames.flatMap((name) => {
    const { when }: CommandDefinition = commandTable[name];
    return when === undefined ? [] : [{ command: commandId(name), when }];
  });
  const when = 'resourceScheme == mamba-complete-preview';
  return {
    commandPalette: palette,
    'editor/title': [
      { command: commandId('acceptGenerated'), when, group: 'navigation@1' },
      { command: commandId('discardGenerated'), when, group: 'navigation@2' },
    ],
  };
}

/** `contributes.keybindings`. */
export function keybindingsContribution(): Record<string, string>[] {
  const when = 'mambaComplete.isGenerating && editorTextFocus';
  return [{ command: commandId('stopGenerating'), key: 'escape', when }];
}
