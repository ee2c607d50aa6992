/** Names of files that hold keys or passwords. */
const SECRET_NAMES: readonly RegExp[] = [
  /^\.env(?:\..*)?$/,
  /^.*\.env$/,
  /\.(?:pem|key|p12|pfx|ppk|jks|keystore|kdbx|asc|gpg)$/,
  /^id_(?:rsa|dsa|ecdsa|ed25519)(?:_.*)?$/,
  /^(?:\.netrc|_netrc|\.pgpass|\.htpasswd|\.npmrc|\.pypirc|\.git-credentials)$/,
  /^(?:credentials|secrets?)(?:\.(?:json|ya?ml|toml|ini|txt))?$/,
];

/** Examples are made to be read. */
const EXAMPLE_ENDING = /\.(?:example|sample|template|dist)$/;

/** Whether a file is one that no completion should read, judged by its name alone. */
export function holdsSecrets(path: string): boolean {
  const name = (path.split(/[\\/]/).at(-1) ?? '').toLowerCase();
  return !EXAMPLE_ENDING.test(name) && SECRET_NAMES.some((pattern) => pattern.test(name));
}
