package stream

// Cause is why the latch ended a stream. The set is closed: metrics resolve one counter for each at start.
type Cause uint8

// The causes. Towards the proxy all of them are a cancelled context, as if the client had gone: a deadline would count as
// the bot's failure and take it out of a pool with passive health checks.
const (
	Open          Cause = iota // not ended by the latch
	Expired                    // the token's exp came
	Revoked                    // a revocation matches the token
	MaxStream                  // the rule's max_stream is over
	Held                       // everything is on hold
	Unavailable                // the revocation list, or the token's status list, is not known
	PolicyChanged              // the configuration that let it in is gone
	Operator                   // somebody ended this one
	Shutdown                   // the latch ends
	NumCauses
)

// The status codes of RFC 6455 §7.4.1 and of its registry.
const (
	goingAway       = 1001
	policyViolation = 1008
	tryAgainLater   = 1013
)

// causes is what a cause is called in logs and metrics, and what the close frame of a WebSocket says.
var causes = [NumCauses]struct {
	label  string
	code   uint16
	reason string
}{
	Open:          {"open", goingAway, ""},
	Expired:       {"expired", policyViolation, "token expired"},
	Revoked:       {"revoked", policyViolation, "token revoked"},
	MaxStream:     {"max_stream", policyViolation, "stream limit"},
	Held:          {"held", tryAgainLater, "held"},
	Unavailable:   {"unavailable", tryAgainLater, "token cannot be checked"},
	PolicyChanged: {"policy_changed", goingAway, "policy changed"},
	Operator:      {"operator", policyViolation, "ended by operator"},
	Shutdown:      {"shutdown", goingAway, "shutting down"},
}

// String is the label in logs and metrics.
func (c Cause) String() string { return causes[c].label }

// goodbye is the close frame that a client gets (RFC 6455 §5.5.1), not masked, because it comes from a server.
func (c Cause) goodbye() []byte {
	const final, opClose = 0x80, 0x8
	say := causes[c]
	frame := []byte{final | opClose, byte(2 + len(say.reason)), byte(say.code >> 8), byte(say.code)} //nolint:gosec // shorter than 125
	return append(frame, say.reason...)
}
