// Package oidc signs a person in at an OpenID provider: authorization code with PKCE (RFC 7636, S256). It knows no pages, no
// sessions and no Caddy: it says where to send a browser, and who came back.
//
// # The way of one sign-in
//
//	Begin    discovery (at the first sign-in, then once an hour) → state, nonce, verifier → the flow, sealed, in a cookie
//	           └ the browser goes to the provider, and comes back to CallbackPath
//	Finish   1 the cookie that fits state          ErrNoFlow          another browser, over, used, tampered with
//	         2 iss (RFC 9207)                      ErrMixUp           another provider's answer, or two answers in one
//	         3 error                               ErrRefused         the provider says no
//	         4 code and verifier for tokens        ErrProvider        it is down, or answers nonsense
//	         5 the ID token                        ErrIDToken         not signed by it, not for us, not of this flow, not of now
//	         6 scopes                              ErrNothingGranted  signed in, and nobody has given this person anything
//
// # A flow
//
// A flow is one sign-in under way. It lives in the browser alone, in a cookie sealed with AES-256-GCM and named after its state:
// who has not begun a sign-in in this browser cannot end one in it (login CSRF), and a code of another flow has another verifier
// and another nonce. SameSite is Lax, because the way back begins at the provider. The cookie is taken away by every answer
// to the callback (Spent); its ten minutes are also sealed inside. A browser holds four of them at most.
//
// # What a person may do
//
// The scopes of an access token for the configured resource, when the caller's Check takes it, and those of each Grant that fits
// the ID token. Being known to a provider gives nothing by itself.
//
// # What is not here
//
// No refresh token is asked for or kept, and userinfo is not asked: what a grant looks at must be in the ID token. Errors and
// what they wrap never hold a token, a code, a claim's value or what a provider wrote, except the error codes that are registered.
package oidc
