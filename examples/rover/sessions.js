'use strict'

const crypto = require('node:crypto')

// How long a session waits for its driver to come back, milliseconds.
const patience = 10000

const known = new Map()

// sessions keep what a driver has done while the line breaks and comes back.
const sessions = {
  enter (name) {
    const session = known.get(name) ?? { name: crypto.randomUUID(), commands: 0, lines: 0 }
    known.set(session.name, session)
    clearTimeout(session.forget)
    session.lines++
    return session
  },
  leave (session) {
    if (--session.lines > 0) return
    session.forget = setTimeout(() => known.delete(session.name), patience)
  }
}

module.exports = { sessions }
