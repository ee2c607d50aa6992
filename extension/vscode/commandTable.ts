/** Every command, compared with `contributes.commands` of package.json by a test. Each works while the runtime is down. */
export const commandTable = {
  toggle: 'Turn Completions On or Off',
  toggleLanguage: 'Turn Completions On or Off for This Language',
  showMenu: 'Show Menu',
  openSettings: 'Open Settings Panel',
  restartRuntime: 'Restart Model Runtime',
  showLog: 'Show Log',
  showDocumentState: 'Show Document State',
} as const;

export type CommandName = keyof typeof commandTable;

export function commandId(name: CommandName): string {
  return `mambaComplete.${name}`;
}

/** `contributes.commands` of package.json, made from the table. */
export function commandsContribution(): Record<string, string>[] {
  return Object.entries(commandTable).map(([name, title]) => ({
    command: commandId(name as CommandName),
    title,
    category: 'Mamba Complete',
  }));
}
