'use strict'

const http = require('node:http')

const PERIOD = 40 // milliseconds

const all = (pins) => Object.fromEntries(Array.from(pins, ([number, pin]) => [number, pin.reading()]))

// find is what a path names: all pins, one, or nothing.
function find (pins, path) {
  if (path === '/pins') return all(pins)
  const [, number] = /^\/pins\/(\d+)$/.exec(path) ?? []
  return pins.get(Number(number))?.reading()
}

// server answers GET /pins and GET /pins/9. There is nothing that it could be made to do.
function server (pins) {
  return http.createServer((request, response) => {
    const reads = ['GET', 'HEAD'].includes(request.method)
    const found = reads ? find(pins, request.url.split('?')[0]) : undefined
    const status = reads ? (found ? 200 : 404) : 405
    const body = JSON.stringify(found ?? { error: http.STATUS_CODES[status] })
    response.writeHead(status, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      'Cache-Control': 'no-store',
      ...(reads ? {} : { Allow: 'GET, HEAD' })
    })
    response.end(body)
  })
}

// follow prints a line for a pin whenever something about it has changed. That a servo's pulse has come and gone is nothing.
function follow (pins, print) {
  const before = new Map()
  setInterval(() => {
    for (const [pin, { mode, high, width, moves, duty }] of Array.from(pins, ([pin, p]) => [pin, p.reading()])) {
      const now = {
        input: { pin, mode }, output: { pin, mode, high }, servo: { pin, mode, width, moves }, pwm: { pin, mode, duty }
      }[mode]
      const line = JSON.stringify(now)
      if (before.has(pin) && before.get(pin) !== line) print(now)
      before.set(pin, line)
    }
  }, PERIOD)
}

module.exports = { follow, server }
