'use strict'

const readline = require('node:readline')

// orders hands over each line of standard input, which is JSON. Tokens come this way: arguments and the environment can be
// read by others. The program ends with its orders.
function orders (obey) {
  const lines = readline.createInterface({ input: process.stdin })
  lines.on('line', (line) => obey(JSON.parse(line)))
  lines.on('close', () => process.exit())
  say({ ready: true })
}

// say prints what happens, one line of JSON each.
function say (what) {
  console.log(JSON.stringify(what))
}

module.exports = { orders, say }
