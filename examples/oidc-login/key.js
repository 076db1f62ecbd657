// The key that the provider signs with. The latch reads its public half from a file.
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

// keyIn is the private key in a file (JWK). It is made when it is not there, so that a restart of the provider changes nothing. The set
// of public keys lies beside it, as `caddy botlatch key new` names it: provider.jwk, provider.jwks.json. '': a key in memory.
export function keyIn(file) {
  if (file === '') return make()
  if (!existsSync(file)) write(file, make())
  const key = JSON.parse(readFileSync(file, 'utf8'))
  createPrivateKey({ key, format: 'jwk' }) // throws when it is none
  const { kty, n, e, kid, use, alg } = key
  write(file.replace(/\.jwk$/, '') + '.jwks.json', { keys: [{ kty, n, e, kid, use, alg }] })
  return key
}

function make() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { ...privateKey.export({ format: 'jwk' }), kid: 'key-of-today', use: 'sig', alg: 'RS256' }
}

// write leaves the whole file or none, because the latch may read it at any time.
function write(file, content) {
  writeFileSync(file + '.new', JSON.stringify(content, null, 2) + '\n', { mode: 0o600 })
  renameSync(file + '.new', file)
}
