package bearer

import (
	"encoding/base64"
	"errors"
	"iter"
	"strings"

	"github.com/botlatch/botlatch/caddymodule/deny"
)

// Marker is our subprotocol, behind which the token stands as a subprotocol of its own: a page says
// new WebSocket(url, ["botlatch.bearer", token]). Nobody speaks it; where the bot selects no other, the answer must
// select it, because clients fail a handshake that selects nothing of what they offered.
const Marker = "botlatch.bearer"

// kubernetesPrefix stands before the token in the form of Kubernetes, base64url without padding. Another subprotocol
// must be offered beside it, which the bot can select.
const kubernetesPrefix = "base64url.bearer.authorization.k8s.io."

var (
	errNoMarked      = errors.New("not one b64token behind the subprotocol " + Marker)
	errNoKubernetes  = errors.New("not one b64token in base64url without padding in the subprotocol of Kubernetes")
	errNoneBeside    = errors.New("no subprotocol beside the token, so that none could be selected")
	strictlyUnpadded = base64.RawURLEncoding.Strict()
)

// offer is what Sec-WebSocket-Protocol fields hold.
type offer struct {
	tokens int    // how many, of either form
	others int    // the subprotocols that carry none
	marked bool   // the last token is behind our marker
	value  string // the last token, as it was sent
}

// readOffer looks for tokens in the fields, which are one list (RFC 9110 §5.3).
func readOffer(fields []string) (o offer) {
	if len(fields) == 0 {
		return o
	}
	behind := false
	for p := range elements(fields) {
		encoded, kubernetes := strings.CutPrefix(p, kubernetesPrefix)
		switch {
		case p == Marker:
			o.tokens, o.marked, o.value, behind = o.tokens+1, true, "", true
			continue
		case kubernetes: // behind the marker, too: then there are two
			o.tokens, o.marked, o.value = o.tokens+1, false, encoded
		case behind:
			o.value = p
		default:
			o.others++
		}
		behind = false
	}
	return o
}

// elements are the subprotocols of the fields in their order, without the empty ones (RFC 9110 §5.6.1.2).
func elements(fields []string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, field := range fields {
			for p := range strings.SplitSeq(field, ",") {
				if p = strings.Trim(p, " \t"); p != "" && !yield(p) {
					return
				}
			}
		}
	}
}

// token is the one that the subprotocols carry.
func (o offer) token() (string, error) {
	if o.marked {
		if !isB64Token(o.value) {
			return "", deny.Because(deny.MalformedCredentials, errNoMarked)
		}
		return o.value, nil
	}
	token, err := strictlyUnpadded.DecodeString(o.value)
	switch {
	case err != nil || !isB64Token(string(token)):
		return "", deny.Because(deny.MalformedCredentials, errNoKubernetes)
	case o.others == 0:
		return "", deny.Because(deny.MalformedCredentials, errNoneBeside)
	}
	return string(token), nil
}

// otherSubprotocols is a field of the subprotocols that carry no token, and whether our marker was among the others.
// Behind it stands the token itself.
func otherSubprotocols(fields []string) (field string, marked bool) {
	var kept []string
	behind := false
	for p := range elements(fields) {
		switch {
		case p == Marker:
			behind, marked = true, true
		case behind || strings.HasPrefix(p, kubernetesPrefix):
			behind = false
		default:
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, ", "), marked
}
