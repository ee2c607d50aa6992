/** Names of files that hold keys or passwords. */
const SECRET_NAMES: readonly RegExp[] = [
  /^\.env(?:\..*)?$/,
  /^.*\.env$/,
  /\.(?:pem|key|p12|pfx|ppk|jks|keystore|truststore|kdbx|asc|gpg|secrets?|token|tfvars|tfstate)$/,
  /^id_(?:rsa|dsa|ecdsa|ed25519)(?:_.*)?$/,
  /^(?:\.netrc|_netrc|\.pgpass|\.my\.cnf|\.htpasswd|\.npmrc|\.pypirc|\.git-credentials)$/,
  /^(?:\.vault-token|\.dockercfg|\.s3cfg|kubeconfig)$/,
  /^(?:credentials|secrets?)(?:\.(?:json|ya?ml|toml|ini|txt|properties))?$/,
  /^service[-_]?account.*\.json$/,
];

/** Folders in which tools keep keys and passwords. */
const SECRET_FOLDERS = new Set(['.ssh', '.aws', '.gnupg', '.kube']);

/** Examples are made to be read. */
const EXAMPLE_ENDING = /\.(?:example|sample|template|dist)$/;

/** Whether a file is one that no completion should read, judged by its path alone. */
export function holdsSecrets(path: string): boolean {
  const folders = path.toLowerCase().split(/[\\/]/);
  const name = folders.pop() ?? '';
  if (folders.some((folder) => SECRET_FOLDERS.has(folder))) return true;
  return !EXAMPLE_ENDING.test(name) && SECRET_NAMES.some((pattern) => pattern.test(name));
}
