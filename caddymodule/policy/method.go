package policy

import (
	"errors"
	"fmt"
	"net/http"
)

// The method words that HTTP does not have.
const (
	WebSocket = "WS" // a WebSocket handshake
	AnyMethod = "*"  // all methods of HTTP that the latch knows; WS has to be named
)

// methods is a set of methods.
type methods uint8

const (
	methodGet methods = 1 << iota
	methodPost
	methodPut
	methodPatch
	methodDelete
	methodOptions
	methodWS

	// A handshake opens a stream that no rule looks into: whoever wants that must say so.
	anyMethod = methodGet | methodPost | methodPut | methodPatch | methodDelete | methodOptions
)

// methodOf is the set of the one method that word names, or the empty set.
func methodOf(word string) methods {
	switch word {
	case http.MethodGet:
		return methodGet
	case http.MethodPost:
		return methodPost
	case http.MethodPut:
		return methodPut
	case http.MethodPatch:
		return methodPatch
	case http.MethodDelete:
		return methodDelete
	case http.MethodOptions:
		return methodOptions
	case WebSocket:
		return methodWS
	}
	return 0
}

// parseMethods is the set of a rule's words.
func parseMethods(words []string) (methods, error) {
	var set methods
	for _, word := range words {
		m := methodOf(word)
		if word == AnyMethod {
			m = anyMethod
		}
		switch {
		case word == http.MethodHead:
			return 0, errors.New("method HEAD: is judged as GET, so write GET")
		case m == 0:
			return 0, fmt.Errorf("method %q: is not one of GET POST PUT PATCH DELETE OPTIONS WS *", word)
		case set&m != 0:
			return 0, fmt.Errorf("method %s: is named already", word)
		}
		set |= m
	}
	if set == 0 {
		return 0, errors.New("no method: name some, or * for all")
	}
	return set, nil
}
