// A bot with a page of its own. It knows nothing of logins: whoever reaches it may do everything.
//
//   PORT  where to listen, on loopback; 0: anywhere free
import { createServer } from 'node:http'

const { PORT = '3000' } = process.env

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Lock</title>
<style>body { font: 1.2rem system-ui; max-width: 20rem; margin: 3rem auto } button { font: inherit; padding: 1rem }</style>
<h1>Lock</h1>
<p>Opened <output id="acts">…</output> times.</p>
<button id="open">Open</button>
<script>
  const acts = document.getElementById('acts')
  const ask = async (path) => {
    const answer = await fetch(path)
    acts.textContent = answer.ok ? (await answer.json()).acts : 'status ' + answer.status
  }
  document.getElementById('open').onclick = () => ask('/act')
  ask('/acts')
</script>
</html>`

let acts = 0

const routes = {
  '/': (res) => res.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(page),
  '/acts': (res) => tell(res),
  '/act': (res) => { // a GET that acts, as on many bots
    acts++
    tell(res)
  },
}

function tell(res) {
  res.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
  res.end(JSON.stringify({ acts }))
}

const server = createServer((req, res) => {
  const route = Object.hasOwn(routes, req.url) && req.method === 'GET' ? routes[req.url] : undefined
  if (route) route(res)
  else res.writeHead(404).end()
})

server.listen(Number(PORT), '127.0.0.1', () => {
  console.log(JSON.stringify({ listening: `http://127.0.0.1:${server.address().port}` }))
})
