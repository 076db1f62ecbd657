// Package deny is the response table: every reason for which the latch refuses a request, and what the client is
// told. One reason is one row: a status, an RFC 6750 error code, a label for logs and metrics. Nothing outside this
// package writes a refusal, so the table cannot drift from the code. It imports the standard library only.
package deny

import (
	"errors"
	"net/http"
)

// Reason is a row of the response table. The set is closed: metrics resolve one counter for each at start.
type Reason uint8

// The rows, in the order in which a request meets them.
const (
	AmbiguousTarget Reason = iota // 400: two parsers would read the request target differently
	ForeignUpgrade                // 400: an upgrade or CONNECT that is not a WebSocket handshake
	PlainHTTP                     // 403: a bearer token may not travel over plain HTTP (RFC 6750 §5.3)
	EarlyData                     // 425: replayable TLS early data, and GET acts (RFC 8470 §5.2)
	NoRule                        // 403 without a challenge: the policy is not an oracle
	Held                          // 503: everything is on hold, whoever asks
	NoCredentials                 // 401 with a bare challenge (RFC 6750 §3.1)
	Foreign                       // 401 as NoCredentials, and so down to NoMetadata: a session that does not count here
	Outside
	Prefetch
	ServiceWorker
	NoMetadata
	MalformedCredentials // 400 invalid_request: not one b64token where one counts (RFC 6750 §2.1)
	SeveralCredentials   // 400 invalid_request: more than one method, or a field twice (RFC 6750 §2)
	MisplacedCredentials // 400 invalid_request: a token where this site takes none
	MalformedToken       // 401 invalid_token, as all down to Revoked
	UnknownIssuer
	UnknownKey
	BadSignature
	WrongProfile // header or claims of another kind of token: ID token, logout token, status list
	Expired
	NotYetValid
	LivesTooLong
	WrongAudience
	Revoked
	InsufficientScope // 403 insufficient_scope
	ClaimNotMet       // 403 without a challenge: no scope would help
	TooOld            // 403: issued_within; a new token would pass
	Used              // 403: once; a new token would pass
	Unavailable       // 503: keys or revocation list not known
	Unanswered        // 502: the bot took the request and did not answer; it is not sent again
	Internal          // 503: a panic, recovered
	NumReasons        // how many rows there are
)

// The error codes of RFC 6750 §3.1.
const (
	invalidRequest    = "invalid_request"
	invalidToken      = "invalid_token"
	insufficientScope = "insufficient_scope"
)

// The descriptions a client may read. They tell expired from everything else and no more, so that nobody learns from
// them which check refused a forged token.
const (
	required    = "An access token is required"
	notAccepted = "The access token is not accepted"
	ambiguous   = "The request can be read in more than one way"
)

// row is one line of the table. A row without a challenge has none whatever its code.
type row struct {
	label     string // in logs and metrics
	status    int
	challenge bool   // a WWW-Authenticate field
	scope     bool   // the challenge names the scopes that the rule asks for
	code      string // error attribute of the challenge, RFC 6750 §3.1
	detail    string // error_description, and detail of the body
	retry     bool   // a Retry-After field
}

var table = [NumReasons]row{
	AmbiguousTarget:      {"ambiguous_target", http.StatusBadRequest, false, false, "", ambiguous, false},
	ForeignUpgrade:       {"foreign_upgrade", http.StatusBadRequest, false, false, "", "The only upgrade accepted is a WebSocket handshake over HTTP/1.1", false},
	PlainHTTP:            {"plain_http", http.StatusForbidden, false, false, "", "Tokens are accepted over HTTPS only", false},
	EarlyData:            {"early_data", http.StatusTooEarly, false, false, "", "Send the request again after the TLS handshake", false},
	NoRule:               {"no_rule", http.StatusForbidden, false, false, "", "No rule allows this request", false},
	Held:                 {"held", http.StatusServiceUnavailable, false, false, "", "Everything is on hold", true},
	NoCredentials:        {"no_credentials", http.StatusUnauthorized, true, true, "", required, false},
	Foreign:              {"foreign", http.StatusUnauthorized, true, true, "", required, false},
	Outside:              {"outside", http.StatusUnauthorized, true, true, "", required, false},
	Prefetch:             {"prefetch", http.StatusUnauthorized, true, true, "", required, false},
	ServiceWorker:        {"service_worker", http.StatusUnauthorized, true, true, "", required, false},
	NoMetadata:           {"no_metadata", http.StatusUnauthorized, true, true, "", required, false},
	MalformedCredentials: {"malformed_credentials", http.StatusBadRequest, true, false, invalidRequest, "The request does not hold one well-formed Bearer token", false},
	SeveralCredentials:   {"several_credentials", http.StatusBadRequest, true, false, invalidRequest, "The request carries more than one token", false},
	MisplacedCredentials: {"misplaced_credentials", http.StatusBadRequest, true, false, invalidRequest, "Tokens are not accepted there; send one in the Authorization field", false},
	MalformedToken:       {"malformed_token", http.StatusUnauthorized, true, false, invalidToken, notAccepted, false},
	UnknownIssuer:        {"unknown_issuer", http.StatusUnauthorized, true, false, invalidToken, notAccepted, false},
	UnknownKey:           {"unknown_key", http.StatusUnauthorized, true, false, invalidToken, notAccepted, false},
	BadSignature:         {"bad_signature", http.StatusUnauthorized, true, false, invalidToken, notAccepted, false},
	WrongProfile:         {"wrong_profile", http.StatusUnauthorized, true, false, invalidToken, notAccepted, false},
	Expired:              {"expired", http.StatusUnauthorized, true, false, invalidToken, "The access token expired", false},
	NotYetValid:          {"not_yet_valid", http.StatusUnauthorized, true, false, invalidToken, notAccepted, false},
	LivesTooLong:         {"lives_too_long", http.StatusUnauthorized, true, false, invalidToken, notAccepted, false},
	WrongAudience:        {"wrong_audience", http.StatusUnauthorized, true, false, invalidToken, notAccepted, false},
	Revoked:              {"revoked", http.StatusUnauthorized, true, false, invalidToken, notAccepted, false},
	InsufficientScope:    {"insufficient_scope", http.StatusForbidden, true, true, insufficientScope, "The access token lacks a scope that this request needs", false},
	ClaimNotMet:          {"claim_not_met", http.StatusForbidden, false, false, "", "The access token does not meet the rule for this request", false},
	TooOld:               {"too_old", http.StatusForbidden, false, false, "", "This request needs a token that was issued just now", false},
	Used:                 {"used", http.StatusForbidden, false, false, "", "This token was used before; a new one would pass", false},
	Unavailable:          {"unavailable", http.StatusServiceUnavailable, false, false, "", "The access token cannot be checked at the moment", true},
	Unanswered:           {"unanswered", http.StatusBadGateway, false, false, "", "The request was sent and not answered; it may have been carried out, and is not sent again", false},
	Internal:             {"internal", http.StatusServiceUnavailable, false, false, "", "The request cannot be checked at the moment", true},
}

// String is the reason's label in logs and metrics.
func (r Reason) String() string { return table[r].label }

// Status is the HTTP status of the row.
func (r Reason) Status() int { return table[r].status }

// Error is a refusal on its way to the client. The client sees the row; only the log sees Err.
type Error struct {
	Reason Reason
	Err    error // why, for the operator; never holds a token, a claim value or a key. nil: the row says it all
}

// Detail is what the row says to people, without a full stop.
func (r Reason) Detail() string { return table[r].detail }

// Because wraps err in the row of reason. err may be nil.
func Because(reason Reason, err error) *Error { return &Error{Reason: reason, Err: err} }

// Error is the label and what is behind it, for logs.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Reason.String()
	}
	return e.Reason.String() + ": " + e.Err.Error()
}

// Unwrap returns what is behind the refusal.
func (e *Error) Unwrap() error { return e.Err }

// ReasonOf is the row of err: Internal when err holds no *Error, so that an error nobody thought of denies.
func ReasonOf(err error) Reason {
	var e *Error
	if errors.As(err, &e) && e.Reason < NumReasons {
		return e.Reason
	}
	return Internal
}
