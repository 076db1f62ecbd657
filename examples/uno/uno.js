'use strict'

// node uno.js [--serial host:port] [--http host:port] [--end-with-stdin]
//
// An Arduino Uno that runs StandardFirmata, on an emulated ATmega328P. Its serial port is a TCP port; what is on its pins
// is told over HTTP and, as it changes, on standard output, one line of JSON at a time.

const { parseArgs } = require('node:util')

const { Board } = require('./board')
const readings = require('./readings')
const serial = require('./serial')

// address splits host:port; port 0 is any that is free.
function address (text) {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(text) ?? []
  if (host === undefined) throw new Error(`${text} is not host:port`)
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
}

// listen resolves to host:port.
function listen (server, text) {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(address(text), () => {
      const { address, family, port } = server.address()
      resolve(family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`)
    })
  })
}

const print = (what) => console.log(JSON.stringify(what))

async function main () {
  const { values } = parseArgs({
    options: {
      serial: { type: 'string', default: '127.0.0.1:3030' },
      http: { type: 'string', default: '127.0.0.1:3031' },
      'end-with-stdin': { type: 'boolean', default: false }
    }
  })
  const board = new Board()
  print({
    serial: await listen(serial.server(board), values.serial),
    http: `http://${await listen(readings.server(board.pins), values.http)}`
  })
  board.start()
  readings.follow(board.pins, print)
  // Whoever started it has gone. It never reads a terminal: in the background that would stop it.
  if (values['end-with-stdin']) process.stdin.on('end', () => process.exit(0)).resume()
}

main().catch((error) => {
  console.error(`uno: ${error.message}`)
  process.exit(1)
})
