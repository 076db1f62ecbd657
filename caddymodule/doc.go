// Package caddymodule is Botlatch: a latch in front of any bot's HTTP API. Importing it adds to Caddy the handler
// http.handlers.botlatch, the app botlatch, the admin API admin.api.botlatch and the command `caddy botlatch`.
//
// # The way of one request
//
//	serve.go         decide    1 policy.ParseTarget   one reading of the target, or 400
//	                             door.Serve           what is below /.botlatch/ is the latch's, where people sign in
//	                             metadata.find        where tokens come from is told to everybody
//	                           2 policy.Match         the rule that decides, or 403
//	                             app.CheckHeld        everything but public rules on hold, or not            or 503
//	                           3 bearer.Find          one credential, or 401, 400
//	                             session.Verify       or the session's cookie, which counts for what began on the site's own pages
//	                           4 accesstoken.Verify   form, issuer, key, signature, kind; cached     or 401
//	                           5 accesstoken.Validate expiry, age, audience                          or 401
//	                           6 app.CheckRevoked     the list, then the token's status list         or 401, 503
//	                           7 rule.Permit          scopes, claims                                 or 403
//	                 release   8 app.Consume          under once the token is used up                        or 403, 503
//	                           9 present, headers     what the bot may see
//	                          10 stream.Serve         open until it is over, its token expires or a revocation matches
//	                             sendOnce             reverse_proxy, and behind it the bot: never twice without an answer
//	                          11 will.leave           the bot is told to stop when the last one is over: last_will
//
// decide reads and changes nothing; release acts. A refusal is written once, in serve.go, from the table in deny.
// insecure_report_only is decide without its answer. Around all of it, querytoken.go keeps a token that stands in the
// query out of Caddy's logs. A session is a token from there on: identity.go makes one of it. A site with a panel answers by itself, in
// place of the bot.
//
// # The house
//
// Ground floor, each to be read alone: deny (the response table), revocation (the list), jose (strict JWS and keys), remote
// (documents that others publish). Above them accesstoken and bearer, then policy, stream, keysource, statuslist and
// issue. session, door (with door/oidc) and panel are people's: a cookie, the ways to it, the owner's page; cors is for pages that live
// elsewhere. app joins them to Caddy's lifecycle; this package, admin and command stand on it. Guests (revocation/…store) import the contract they fulfil and nothing else of ours.
//
// # What it defends against
//
// Anybody who can send bytes to the listener: forged, altered, expired and revoked tokens, requests that the latch and
// the bot would read differently, headers that claim an identity, upgrades that tunnel past the rules. Not: who can write
// to this machine's files or to Caddy's admin socket, who can reach the bot without passing the latch, and what a
// permitted request makes the bot do.
package caddymodule
