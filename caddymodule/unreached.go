package caddymodule

import "errors"

var errUnreached = errors.New("reverse_proxy stands before botlatch in one route, so no request ever comes to the latch: put botlatch first")

// unreached reports whether a list of routes or handlers has the latch behind a proxy that takes every request. Only a
// `route` block is in such an order: elsewhere the directive sorts itself to the front.
func unreached(o map[string]any) bool {
	return behindProxy(o["routes"], alwaysSends) || behindProxy(o["handle"], answersAll)
}

// behindProxy reports whether the latch stands in an element of a list behind one that takes every request.
func behindProxy(list any, takes func(map[string]any) bool) bool {
	elements, _ := list.([]any)
	taken := false
	for _, element := range elements {
		if taken && holds(element, named("botlatch")) {
			return true
		}
		o, _ := element.(map[string]any)
		taken = taken || takes(o)
	}
	return false
}

// alwaysSends reports whether a route sends every request on.
func alwaysSends(route map[string]any) bool {
	if _, some := route["match"]; some {
		return false
	}
	handlers, _ := route["handle"].([]any)
	for _, handler := range handlers {
		if o, _ := handler.(map[string]any); answersAll(o) {
			return true
		}
	}
	return false
}

// answersAll reports whether a handler is a proxy that hands nothing on, as forward_auth does, or holds one that is always
// asked.
func answersAll(handler map[string]any) bool {
	switch handler["handler"] {
	case "reverse_proxy":
		return handler["handle_response"] == nil
	case "subroute":
		routes, _ := handler["routes"].([]any)
		for _, route := range routes {
			if o, _ := route.(map[string]any); alwaysSends(o) {
				return true
			}
		}
	}
	return false
}
