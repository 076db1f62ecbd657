package session_test

import (
	"net/http"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/session"
)

// BenchmarkSession is what the cookie of a browser costs in place of a token: finding it, knowing it, and asking where the request
// began.
func BenchmarkSession(b *testing.B) {
	ring, err := session.NewRing(noon)
	if err != nil {
		b.Fatal(err)
	}
	raw, err := ring.Sign(anas())
	if err != nil {
		b.Fatal(err)
	}
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, site+"/door", http.NoBody)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Cookie", "theme=dark; "+session.CookieName(site)+"="+raw)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Sec-Fetch-Mode", "cors")
	p := session.Provenance{Origin: site, Home: []string{"/"}}
	for name, fresh := range map[string]bool{"known": false, "first seen": true} {
		b.Run(name, func(b *testing.B) {
			v := session.NewVerifier(&keys{now: ring})
			b.ReportAllocs()
			for b.Loop() {
				if fresh {
					v = session.NewVerifier(&keys{now: ring})
				}
				cookie := session.Find(r, session.CookieName(site))
				if _, err := v.Verify(b.Context(), cookie, site, noon); err != nil {
					b.Fatal(err)
				}
				if err := p.Check(r, false); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
