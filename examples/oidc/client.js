// node client.js <method> <url>: a program that has an account at a provider and knows the URL of a bot, and nothing else. The
// latch's challenge leads it to what it needs. It prints each step, and never a token.
//
//   ISSUER, SECRET  where its account is, and client_secret there
import { tokenFor } from './account.js'
import { ask } from './ask.js'

const [method, address] = process.argv.slice(2)
const url = new URL(address)

const print = ({ status, challenge, body }) => console.log(JSON.stringify({ status, challenge, body: challenge ? undefined : body }))

const refused = await ask(method, url, '')
print(refused)
if (refused.status === 401) print(await ask(method, url, await tokenFor(new URL(url.origin), refused.challenge)))
