/** Gives an English text in the editor's language, with values in place of `{0}`, `{1}` …; `vscode.l10n.t`. */
export type Translate = (message: string, ...values: (string | number)[]) => string;
