import path from 'node:path';
import { repositoryRoot } from '../support/repositoryRoot';

export const TARGET = `${process.platform}-${process.arch}`;
/** What `npm run package` writes. */
export const VSIX = path.join(repositoryRoot(), `mamba-complete-${TARGET}.vsix`);
