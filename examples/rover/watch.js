'use strict'

// node watch.js <url>: reads the telemetry. The order is {"token":"…"}. An EventSource comes back by itself when its line ends,
// and gives up when it is refused.

const { EventSource } = require('eventsource')

const { orders, say } = require('./orders')

const url = new URL('/telemetry', process.argv[2])

orders(({ token }) => {
  const source = new EventSource(url, {
    fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } })
  })
  source.onopen = () => say({ opened: true })
  source.onmessage = ({ data }) => say(JSON.parse(data))
  source.onerror = ({ code }) => say({ error: code ?? 0, over: source.readyState === source.CLOSED })
})
