// The keys of the provider: private ones, in a file (JWK set). The first of them signs, all of them are published.
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'

// ringIn is what the file holds. It is made when it is not there, so that a restart of the provider changes nothing.
export function ringIn(file) {
  if (!existsSync(file)) keep(file, [make()])
  return JSON.parse(readFileSync(file, 'utf8')).keys
}

// steps are those of a rotation, in their order. Nobody signs with a key that is not published yet, and a key stays published
// until the tokens that it signed have expired: whoever keeps to that refuses no good token.
export const steps = {
  publish: (ring) => [...ring, make()],
  use: (ring) => [ring.at(-1), ...ring.slice(0, -1)],
  retire: (ring) => ring.slice(0, 1),
}

// rotate takes a step, and says which keys are published now.
export function rotate(file, step) {
  const ring = steps[step](ringIn(file))
  keep(file, ring)
  return ring.map((key) => key.kid)
}

function make() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'ES256' }
}

// keep leaves the whole file or none, because the provider may read it at any time.
function keep(file, keys) {
  writeFileSync(file + '.new', JSON.stringify({ keys }, null, 2) + '\n', { mode: 0o600 })
  renameSync(file + '.new', file)
}
