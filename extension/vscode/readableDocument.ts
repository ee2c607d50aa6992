import type * as vscode from 'vscode';
import { isDocumentAllowed } from '../completion/requestDecision';
import type { Settings } from '../settings/table';
import { isCompletable, pathForModel, toTextSource } from './documentText';
import type { ExcludedFiles } from './excludedFiles';

/** Whether the model may read a document that nobody has asked about: what would not be completed is not read. */
export async function isReadable(
  document: vscode.TextDocument,
  settings: Pick<Settings, 'enable' | 'languages'>,
  excluded: ExcludedFiles,
): Promise<boolean> {
  if (!isCompletable(document)) return false;
  const reason = isDocumentAllowed(toTextSource(document), pathForModel(document), settings);
  return reason === undefined && !(await excluded.has(document));
}
