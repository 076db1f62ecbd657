package caddymodule_test

import (
	"context"
	"net"
	"net/http"
)

// loopback is the context of a request that came in on loopback, as net/http makes it.
var loopback = context.WithValue(context.Background(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80})
