import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { importPositions } from '../completion/relatedText';
import { toTextSource } from './documentText';

/** A document, and the line in it that is of interest: of an imported one that of what is imported. */
export interface DocumentPlace {
  document: vscode.TextDocument;
  line: number;
}

/** Larger files are data or were generated. */
const MOST_BYTES = 512 * 1024;

interface Target {
  uri: vscode.Uri;
  line: number;
}

interface Lookup {
  /** The lines that it was made for. */
  lines: string;
  found: Promise<Target[]>;
}

/**
 * What documents import, as a language server finds it: looked up once for each version of their import lines. Nothing in Restricted
 * Mode, where no other file is opened because of a document's text.
 */
export class ImportedDocuments {
  private readonly lookups = new Map<string, Lookup>();

  /** In the order of the lines. What does not come within `mostMs` is there for a later question: `onLate` is called when it has come. */
  async of(
    document: vscode.TextDocument,
    mostMs: number,
    onLate: () => void,
  ): Promise<DocumentPlace[]> {
    if (!vscode.workspace.isTrusted) return [];
    const uri = document.uri.toString();
    const positions = importPositions(toTextSource(document));
    const lines = positions.map(({ line }) => document.lineAt(line).text).join('\n');
    let lookup = this.lookups.get(uri);
    if (lookup?.lines !== lines) {
      lookup = { lines, found: this.find(document, positions) };
      this.lookups.set(uri, lookup);
    }
    const { found } = lookup;
    const timer = new AbortController();
    try {
      const targets = await Promise.race([
        found,
        delay(mostMs, undefined, { signal: timer.signal }),
      ]);
      if (targets === undefined) {
        void found.then((late) => {
          if (late.length > 0) onLate();
        });
        return [];
      }
      const opened = await Promise.all(targets.map(open));
      return opened.filter((each) => each !== undefined);
    } finally {
      timer.abort();
    }
  }

  forget(uri: string): void {
    this.lookups.delete(uri);
  }

  private async find(
    document: vscode.TextDocument,
    positions: readonly { line: number; character: number }[],
  ): Promise<Target[]> {
    const imported = new Map<string, Target>();
    for (const { line, character } of positions) {
      const at = new vscode.Position(line, character);
      // A language server that fails has found nothing.
      for (const target of await definitionsOf(document, at).catch(() => [])) {
        // TypeScript names the file that an import would have, if there were one.
        if (!(await isSmall(target.uri))) continue;
        imported.set(target.uri.toString(), target);
        break;
      }
    }
    // A language server that is still starting finds nothing: it is asked again.
    if (imported.size === 0) this.forget(document.uri.toString());
    return [...imported.values()];
  }
}

/** Where other files of the folder define what stands there; several servers may answer, one with the line itself. */
async function definitionsOf(
  document: vscode.TextDocument,
  position: vscode.Position,
): Promise<Target[]> {
  const definitions = await vscode.commands.executeCommand<
    (vscode.Location | vscode.LocationLink)[] | undefined
  >('vscode.executeDefinitionProvider', document.uri, position);
  const targets = (definitions ?? []).map((definition) =>
    'targetUri' in definition
      ? { uri: definition.targetUri, line: definition.targetRange.start.line }
      : { uri: definition.uri, line: definition.range.start.line },
  );
  return targets.filter(({ uri }) => isBeside(document, uri));
}

/** Whether a file is another one of the same workspace folder. */
export function isBeside(document: vscode.TextDocument, other: vscode.Uri): boolean {
  const folder = vscode.workspace.getWorkspaceFolder(document.uri);
  if (folder === undefined || document.uri.toString() === other.toString()) return false;
  return vscode.workspace.getWorkspaceFolder(other) === folder;
}

async function isSmall(uri: vscode.Uri): Promise<boolean> {
  try {
    return (await vscode.workspace.fs.stat(uri)).size <= MOST_BYTES;
  } catch {
    // It is gone.
    return false;
  }
}

/** Again each time: the editor closes what nobody looks at. */
async function open({ uri, line }: Target): Promise<DocumentPlace | undefined> {
  try {
    return { document: await vscode.workspace.openTextDocument(uri), line };
  } catch {
    // It is gone, or no text.
    return undefined;
  }
}
