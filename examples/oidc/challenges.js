// node challenges.js <origin>: is refused in each way that has a challenge, and prints how npm oauth4webapi reads it.
//
//   ISSUER, SECRET  where its account is, and client_secret there
import { tokenFor } from './account.js'
import { ask } from './ask.js'

const origin = new URL(process.argv[2])
const door = new URL('/api/door', origin)
const unlock = new URL('/api/door/unlock', origin)

const print = (name, { status, challenge, challenges }) => console.log(JSON.stringify({ name, status, challenge, challenges }))

const first = await ask('GET', door, '')
const looks = await tokenFor(origin, first.challenge)
const cut = looks.slice(0, -8)

print('no token', first)
print('invalid token', await ask('GET', door, cut))
print('no JWT', await ask('GET', door, 'none'))
print('two tokens', await ask('GET', door, looks, `?access_token=${looks}`))
const refused = await ask('POST', unlock, looks)
print('insufficient scope', refused)
print('enough scope', await ask('POST', unlock, await tokenFor(origin, refused.challenge)))
