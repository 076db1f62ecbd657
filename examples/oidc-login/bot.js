// A bot with a page of its own. It knows nothing of logins: whoever reaches it may do everything.
//
//   PORT  where to listen, on loopback; 0: anywhere free
import { createServer } from 'node:http'

const { PORT = '3000' } = process.env

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<title>Lock</title>
<style>body { font: 1.2rem system-ui; max-width: 20rem; margin: 3rem auto } button { font: inherit; padding: 1rem }</style>
<h1>Lock</h1>
<p>Opened <output id="acts">…</output> times.</p>
<button id="open">Open</button>
<p id="said"></p>
<script>
  const acts = document.getElementById('acts')
  const events = new EventSource('/events')
  events.onmessage = (event) => { acts.textContent = event.data }
  events.onerror = () => { if (events.readyState === EventSource.CLOSED) acts.textContent = 'nobody knows how many' }
  document.getElementById('open').onclick = async () => {
    const answer = await fetch('/act')
    if (!answer.ok) document.getElementById('said').textContent = 'That did not work: ' + answer.status
  }
</script>
</html>`

let acts = 0
const watchers = new Set()

const routes = {
  '/': (res) => res.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(page),
  '/acts': (res) => tell(res),
  '/act': (res) => { // a GET that acts, as on many bots
    acts++
    for (const watcher of watchers) watcher.write(`data: ${acts}\n\n`)
    tell(res)
  },
  '/events': (res) => { // stays open
    res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    res.write(`data: ${acts}\n\n`)
    watchers.add(res)
    res.on('close', () => watchers.delete(res))
  },
}

function tell(res) {
  res.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
  res.end(JSON.stringify({ acts, watchers: watchers.size }))
}

const server = createServer((req, res) => {
  const route = Object.hasOwn(routes, req.url) && req.method === 'GET' ? routes[req.url] : undefined
  if (route) route(res)
  else res.writeHead(404).end()
})

server.listen(Number(PORT), '127.0.0.1', () => {
  console.log(JSON.stringify({ listening: `http://127.0.0.1:${server.address().port}` }))
})
