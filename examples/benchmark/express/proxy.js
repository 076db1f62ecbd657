'use strict'

const http = require('node:http')

const httpProxy = require('http-proxy')

const { PORT, UPSTREAM } = process.env

// serve hands everything that app lets through to the bot, over connections that are kept.
function serve (app) {
  const proxy = httpProxy.createProxyServer({ target: `http://${UPSTREAM}`, agent: new http.Agent({ keepAlive: true }) })
  proxy.on('error', (error, req, res) => {
    console.error(error.message)
    res.writeHead(502, { 'Content-Length': 0 }).end()
  })
  app.use((req, res) => proxy.web(req, res))
  app.listen(Number(PORT), '127.0.0.1', (error) => {
    if (error) throw error
  })
}

module.exports = { serve }
