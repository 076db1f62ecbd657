// Starts the provider, the bot and the latch, each as a program of its own, and ends them all with Ctrl-C. Whichever ends first ends
// the others.
//
//   CADDY          the latch
//   PROVIDER_PORT  where the provider listens
//   BOT_PORT       where the bot does
//   LOCK_SITE      where people open the lock
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

const { CADDY = './caddy', PROVIDER_PORT = '9000', BOT_PORT = '3000', LOCK_SITE = 'https://localhost:8443' } = process.env
const programs = []

function start(command, args, env, stdout) {
  const program = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', stdout, 'inherit'] })
  program.on('error', (error) => { console.error(`${command}: ${error.message}`); end(1) })
  program.on('exit', () => end(1))
  programs.push(program)
  return program
}

// address waits until a program has printed where it listens.
async function address(program) {
  for await (const line of createInterface({ input: program.stdout })) {
    program.stdout.resume()
    return JSON.parse(line).listening
  }
}

let ending = false
function end(code) {
  if (ending) return
  ending = true
  process.exitCode = code
  for (const program of programs) program.kill('SIGTERM')
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => end(0))

// The latch reads the provider's public key when it starts: it comes last.
const issuer = await address(start('node', ['provider.js'], { PORT: PROVIDER_PORT, SITE: LOCK_SITE, KEY: 'provider.jwk' }, 'pipe'))
const bot = await address(start('node', ['bot.js'], { PORT: BOT_PORT }, 'pipe'))
start(CADDY, ['run', '--config', 'Caddyfile'], {
  LOCK_SITE, LOCK_ISSUER: issuer, LOCK_KEYS: 'provider.jwks.json', LOCK_UPSTREAM: bot.replace('http://', ''),
}, 'inherit')
console.log(`The lock is at ${LOCK_SITE}, its provider at ${issuer}.`)
