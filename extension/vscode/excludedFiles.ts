import * as vscode from 'vscode';
import { foldersAbove, isIgnored, type IgnoreFile } from '../completion/ignoreRules';
import { Disposable } from '../common/disposable';
import { fileOf } from './notebookText';
import type { SettingsStore } from './settingsStore';

/** Answers for so many documents are kept. */
const MOST_KEPT = 500;

/**
 * Files that the user keeps from being read: by `mambaComplete.exclude`, by `files.exclude`, and by `.gitignore` files. The
 * answer for a document is kept until one of these changes.
 */
export class ExcludedFiles extends Disposable {
  private readonly answers = new Map<string, Promise<boolean>>();

  constructor(private readonly settings: SettingsStore) {
    super();
    const forget = () => {
      this.answers.clear();
    };
    const watcher = this.register(vscode.workspace.createFileSystemWatcher('**/.gitignore'));
    this.register(watcher.onDidCreate(forget));
    this.register(watcher.onDidChange(forget));
    this.register(watcher.onDidDelete(forget));
    this.register(vscode.workspace.onDidChangeWorkspaceFolders(forget));
    this.register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('files.exclude')) forget();
      }),
    );
    this.register(settings.onChange(forget));
  }

  has(document: vscode.TextDocument): Promise<boolean> {
    const key = document.uri.toString();
    const kept = this.answers.get(key);
    if (kept !== undefined) return kept;
    if (this.answers.size >= MOST_KEPT) this.answers.clear();
    const answer = this.find(document);
    this.answers.set(key, answer);
    return answer;
  }

  private async find(document: vscode.TextDocument): Promise<boolean> {
    const { exclude, useIgnoreFiles } = this.settings.read(document);
    // No workspace folder has the cells of its notebooks.
    const uri = fileOf(document);
    const folder = vscode.workspace.getWorkspaceFolder(uri);
    const hidden = vscode.workspace
      .getConfiguration('files', uri)
      .get<Record<string, unknown>>('exclude', {});
    const patterns = Object.entries({ ...hidden, ...exclude })
      // `files.exclude` has conditions beside switches; a file is hidden by them only beside another.
      .filter(([, isOn]) => isOn === true)
      .map(([pattern]) => pattern);
    if (patterns.some((pattern) => matches(pattern, uri, document, folder))) return true;
    return useIgnoreFiles && folder !== undefined && ignoredByGit(uri, folder);
  }
}

/** Whether a pattern names the document's file or a folder that it is in. */
function matches(
  pattern: string,
  uri: vscode.Uri,
  document: vscode.TextDocument,
  folder: vscode.WorkspaceFolder | undefined,
): boolean {
  return [pattern, `${pattern}/**`].some((glob) => {
    const within = folder === undefined ? glob : new vscode.RelativePattern(folder, glob);
    return vscode.languages.match({ pattern: within }, { ...document, uri }) > 0;
  });
}

async function ignoredByGit(uri: vscode.Uri, folder: vscode.WorkspaceFolder): Promise<boolean> {
  const path = vscode.workspace.asRelativePath(uri, false);
  // Not below the folder after all.
  if (path.startsWith('/') || path.includes('\\')) return false;
  const files = await Promise.all(foldersAbove(path).map((name) => readIgnoreFile(folder, name)));
  return isIgnored(
    path,
    files.filter((file) => file !== undefined),
  );
}

async function readIgnoreFile(
  { uri }: vscode.WorkspaceFolder,
  folder: string,
): Promise<IgnoreFile | undefined> {
  try {
    const bytes = await vscode.workspace.fs.readFile(
      vscode.Uri.joinPath(uri, folder, '.gitignore'),
    );
    return { folder, text: new TextDecoder().decode(bytes) };
  } catch {
    // There is none.
    return undefined;
  }
}
