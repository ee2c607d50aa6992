import type { RelateFilesNotification } from '../../model-runtime/protocol/messages';
import { Disposable } from '../common/disposable';
import type { RuntimeClient } from './runtimeClient';

type RelatedFileList = Pick<RelateFilesNotification, 'files' | 'mostTokens'>;

const NONE: RelatedFileList = { files: [], mostTokens: 0 };

/** The lists of related files that the runtime has been told, by document: one that did not change is not sent again. */
export class RelatedFileLists extends Disposable {
  /** As they were sent. */
  private readonly told = new Map<string, string>();

  constructor(
    private readonly runtime: Pick<RuntimeClient, 'health' | 'notify' | 'onHealthChange'>,
  ) {
    super();
    this.register(
      runtime.onHealthChange(({ state }) => {
        // A new process has been told nothing; one that stays ready goes on with another engine, and knows them.
        if (state !== 'ready') this.told.clear();
      }),
    );
  }

  tell(documentId: string, list: RelatedFileList): void {
    // It would not be sent.
    if (this.runtime.health.state !== 'ready') return;
    const told = this.told.get(documentId);
    // Nothing is what the runtime takes it for.
    if (told === undefined && list.files.length === 0) return;
    const now = JSON.stringify(list);
    if (told === now) return;
    this.told.set(documentId, now);
    this.runtime.notify({ kind: 'relateFiles', documentId, ...list });
  }

  forget(documentId: string): void {
    this.tell(documentId, NONE);
    this.told.delete(documentId);
  }
}
