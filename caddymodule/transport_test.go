package caddymodule

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/deny"
)

func TestListenersInPlainHTTPStayOnThisMachine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		address string
		tls     bool
		ok      bool
	}{
		"ok/TLS everywhere":          {":443", true, true},
		"ok/TLS on an address":       {"192.0.2.1:8443", true, true},
		"ok/loopback":                {"127.0.0.1:8080", false, true},
		"ok/loopback of IPv6":        {"[::1]:8080", false, true},
		"ok/localhost":               {"localhost:8080", false, true},
		"ok/unix socket":             {"unix//run/latch.sock", false, true},
		"deny/everywhere":            {":8080", false, false},
		"deny/everywhere, IPv6":      {"[::]:8080", false, false},
		"deny/an address":            {"192.0.2.1:8080", false, false},
		"deny/a name":                {"lock.example.com:8080", false, false},
		"deny/HTTP port beside TLS":  {":80", true, false},
		"deny/range with HTTP port":  {":79-81", true, false},
		"deny/handed over":           {"fd/3", false, false},
		"deny/localhost as a prefix": {"localhost.example.com:80", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := checkListener(c.address, c.tls, 80)
			if (err == nil) != c.ok {
				t.Errorf("%v", err)
			}
			if err != nil && !strings.Contains(err.Error(), "insecure_http") {
				t.Errorf("%v does not say what to do", err)
			}
		})
	}
}

func TestTokensInPlainHTTPStayOnThisMachine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		local net.Addr
		ok    bool
	}{
		"ok/loopback":        {&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}, true},
		"ok/unix socket":     {&net.UnixAddr{Name: "/run/latch.sock", Net: "unix"}, true},
		"deny/R15 elsewhere": {&net.TCPAddr{IP: net.IPv4(192, 0, 2, 1)}, false},
		"deny/R15 unknown":   {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := context.WithValue(t.Context(), http.LocalAddrContextKey, c.local)
			r := (&http.Request{}).WithContext(ctx)
			err := new(Handler).checkTransport(r)
			if (err == nil) != c.ok || err != nil && deny.ReasonOf(err) != deny.PlainHTTP {
				t.Errorf("%v", err)
			}
			if err := (&Handler{InsecureHTTP: true}).checkTransport(r); err != nil {
				t.Errorf("with insecure_http: %v", err)
			}
		})
	}
}
