package accesstoken

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/jose"
)

// StatusLists answers for the tokens of an issuer that stand on an IETF Token Status List
// (draft-ietf-oauth-status-list).
type StatusLists interface {
	// Covers reports whether uri is one of the lists. It asks nobody.
	Covers(uri string) bool
	// Revoked asks the list on which t stands whether t counts no more. An error means that it is not known: 503, not
	// 401. It is asked of verified tokens only, and may wait, briefly, for a list that was not needed before.
	Revoked(ctx context.Context, t *Token, now time.Time) (bool, error)
}

// StatusReference is the place of a token on a status list: its claim status.status_list.
type StatusReference struct {
	URI   string // of the list; one that Issuer.Status covers
	Index uint64
}

var (
	errStatusUnread = errors.New("the token is on a status list that this latch does not read")
	errStatusForm   = errors.New("the status claim is not a status_list with idx and uri")
	errStatusOther  = errors.New("the status claim holds more than a status list")
)

// status reads the claim of that name. A token on a list that cannot be asked is refused, because somebody may have taken
// it back there. So is one that has other ways to be taken back beside the list.
func (i *Issuer) status(claims jose.Object) (*StatusReference, error) {
	claim, present := claims["status"]
	if !present {
		return nil, nil //nolint:nilnil // no reference is no mistake
	}
	if i.Status == nil {
		return nil, deny.Because(deny.WrongProfile, errStatusUnread)
	}
	status, _ := claim.(map[string]any)
	list, ok := status["status_list"].(map[string]any)
	if !ok {
		return nil, deny.Because(deny.MalformedToken, errStatusForm)
	}
	if len(status) > 1 {
		return nil, deny.Because(deny.WrongProfile, errStatusOther)
	}
	number, _ := list["idx"].(json.Number)
	index, err := strconv.ParseUint(number.String(), 10, 64)
	uri, ok := list["uri"].(string)
	if err != nil || !ok {
		return nil, deny.Because(deny.MalformedToken, errStatusForm)
	}
	if !i.Status.Covers(uri) {
		return nil, deny.Because(deny.WrongProfile, errStatusUnread)
	}
	return &StatusReference{URI: uri, Index: index}, nil
}
