// Package revocation holds the list that every request asks. It knows nothing of JWTs, HTTP or Caddy: a token is to
// it a set of names, and an entry takes out every token that bears one of them.
//
//	Kind, Key      what can be named, and a name hashed to 16 bytes
//	Names          the names of one token, hashed once when its signature was verified
//	Entry          what is taken out, since when, until when, and why
//	List, Source   the list in memory, and what each store says to it
//	Opener, Store, Writer, Consumer
//	               the contract of the stores that keep entries on disk or elsewhere, and which token was used
//	Keeper, Drawer the contract of those that keep small records beside: invitations, and who is signed in
//
// # Which token an entry takes out
//
// A token is revoked when one of its names is in the list. An entry without a cut-off (IssuedBefore) takes the token
// out whenever it was issued. One with a cut-off does so when the token's iat is not later, or when the token has no
// iat. Tokens count in whole seconds, so do entries: a token issued in the very second of a cut-off is out.
//
// # What it costs
//
// The list has a version, and the names of a token remember the version at which they were last found clean: until
// somebody revokes something, asking again is one comparison. A writer inserts first and raises the version after; a
// reader loads the version before it looks. The other order, on either side, lets a revocation pass unseen for ever.
//
// # The hold
//
// One kind of entry takes out every token there is, for as long as it is there: KindHold, for when a bot must not be
// moved. List.Held asks for it in one load, whatever else is wrong with a request.
//
// # Stores
//
// A store is a guest in a package of its own that imports nothing of the latch but this one; package latchtest has
// its contract as a test. Each store speaks to the list through its own Source, so that an entry that two stores name
// goes when both have let go of it.
package revocation
