package attacks_test

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// mutationsWanted is how many different mutations there must be.
const mutationsWanted = 10_000

// An original is a token that somebody issued.
type original struct {
	algorithm
	id     string // jti; "": it has none, and is revoked by its fingerprint
	token  string
	parts  [3]string // header, payload and signature as they stand in token
	header string    // JSON
	claims string    // JSON
	thin   int       // of the bits that could be flipped only each so manieth is: slow algorithms are tried less
}

// A mutation is something that nobody issued.
type mutation struct {
	how  string
	text string
	of   *original
	// twin: the same header and payload under the other ECDSA signature that verifies, which anybody can compute. RFC
	// 7518 §3.4 does not ask for the lower S, and most signers do not choose it, so it cannot be refused without
	// refusing half of all honest tokens. It means what its original means, and must fall with it.
	twin bool
}

// originals are two tokens of each algorithm: one with a jti, one without, as some providers issue.
func originals() []*original {
	thin := map[string]int{"HS256": 1, "EdDSA": 2, "HS384": 6, "HS512": 6, "ES256": 6, "RS256": 6, "PS256": 6}
	var all []*original
	for _, a := range algorithms() {
		for _, id := range []string{"mutated-" + a.name, ""} {
			o := &original{algorithm: a, id: id, header: object(a.header(), nil), claims: object(a.claims(id), nil), thin: thin[a.name]}
			if o.thin == 0 {
				o.thin = 20
			}
			if id == "" {
				o.thin *= 3
			}
			o.token = a.write(o.header, o.claims)
			o.parts = [3]string(strings.Split(o.token, "."))
			all = append(all, o)
		}
	}
	return all
}

// mutations are what the rules make of the originals, each text once.
func mutations(all []*original) []mutation {
	seen := make(map[string]bool)
	for _, o := range all {
		seen[o.token] = true
	}
	var found []mutation
	for _, o := range all {
		var some []mutation
		for _, rule := range o.rules() {
			rule(o, func(how, text string) { some = append(some, mutation{how: o.name + ": " + how, text: text, of: o}) })
		}
		slices.SortFunc(some, func(a, b mutation) int { return cmp.Or(strings.Compare(a.how, b.how), strings.Compare(a.text, b.text)) })
		for _, m := range some {
			// White space around a field's value, a folded line too, is HTTP's and no part of the token.
			if !seen[m.text] && strings.Trim(m.text, " \t\r\n") != o.token {
				seen[m.text] = true
				found = append(found, m)
			}
		}
		if o.curve != nil {
			found = append(found, mutation{how: o.name + ": twin", text: o.twin(), of: o, twin: true})
		}
	}
	return found
}

// rules are what is tried on o: everything on one token of each kind of key, and on the others what costs little.
func (o *original) rules() []func(*original, func(how, text string)) {
	rules := []func(*original, func(how, text string)){flippedBits, flippedCharacters, respelled, restructured}
	if o.id != "" {
		rules = append(rules, resigned)
	}
	if o.id != "" && o.whole() {
		rules = append(rules, reheaded, reclaimed)
	}
	return rules
}

// whole reports whether o stands for its kind of key.
func (o *original) whole() bool {
	return slices.Contains([]string{"HS256", "RS256", "ES256", "EdDSA"}, o.name)
}

func (o *original) twin() string {
	return o.parts[0] + "." + o.parts[1] + "." + b64(twin(o.curve, unb64(o.parts[2])))
}

// TestNoMutationOfATokenOpensAnything sends what the rules make of good tokens: first while their originals are good, then
// when these were revoked.
func TestNoMutationOfATokenOpensAnything(t *testing.T) {
	t.Parallel()
	s := newRing(t)
	all := originals()
	good := make(map[string]string)
	for _, o := range all {
		good[o.name+" "+o.id] = o.token
	}
	s.opens(t, good)
	s.opens(t, good) // and from the cache

	made := mutations(all)
	if len(made) < mutationsWanted {
		t.Fatalf("%d mutations, want %d at least", len(made), mutationsWanted)
	}
	sent := eachNth(made, stride)
	began, before := time.Now(), s.bot.Hits()
	statuses, acts := s.fire(t, sent, false)
	if got := s.bot.Hits() - before; got != acts {
		t.Errorf("the bot got %d requests, and %d twins were let through", got, acts)
	}
	t.Logf("%d mutations made, %d sent in %s: %v, of which %d twins passed", len(made), len(sent), time.Since(began).Round(time.Millisecond), statuses, acts)
	for _, reason := range []string{"malformed_token", "unknown_issuer", "unknown_key", "bad_signature", "wrong_profile", "malformed_credentials"} {
		if s.refusals(t, reason) == "0" {
			t.Errorf("no mutation was refused as %s: the rules do not reach that far", reason)
		}
	}

	for _, o := range all {
		if o.id != "" {
			s.revoke(t, `{"kind":"token","iss":"`+o.issuer+`","value":"`+o.id+`"}`)
		} else {
			s.revoke(t, `{"token":"`+o.token+`"}`)
		}
	}
	s.forbids(t, good)
	began, before = time.Now(), s.bot.Hits()
	statuses, acts = s.fire(t, sent, true)
	if got := s.bot.Hits() - before; got != 0 || acts != 0 {
		t.Errorf("when the originals were revoked %d requests reached the bot, %d were answered 200", got, acts)
	}
	t.Logf("once more after the revocation, in %s: %v", time.Since(began).Round(time.Millisecond), statuses)
	s.honest(t)
}

// fire sends mutations over a few kept connections and counts the answers, and how many were let through.
func (s *stage) fire(t *testing.T, all []mutation, revoked bool) (statuses map[int]int, acts int) {
	t.Helper()
	statuses = make(map[int]int)
	var mu sync.Mutex
	var next atomic.Int64
	var workers sync.WaitGroup
	for range 6 {
		workers.Go(func() {
			line := newLine(s.address())
			defer line.close()
			for {
				i := int(next.Add(1)) - 1
				if i >= len(all) || t.Failed() && i > len(all)/2 {
					return
				}
				m := all[i]
				status := line.ask(t, m.text)
				mu.Lock()
				statuses[status]++
				if status == http.StatusOK {
					acts++
				}
				mu.Unlock()
				switch {
				case m.twin && !revoked && status == http.StatusOK:
				case status != http.StatusBadRequest && status != http.StatusUnauthorized, m.twin && !revoked:
					t.Errorf("%s: status %d", m.how, status)
				}
			}
		})
	}
	workers.Wait()
	return statuses, acts
}

// eachNth is every nth mutation, and every twin.
func eachNth(all []mutation, n int) (some []mutation) {
	for i, m := range all {
		if m.twin || i%n == 0 {
			some = append(some, m)
		}
	}
	return some
}

// TestEitherTwinTakesOutTheOther revokes a token by the signature that its holder does not have.
func TestEitherTwinTakesOutTheOther(t *testing.T) {
	t.Parallel()
	s := newRing(t)
	for _, o := range originals() {
		if o.curve == nil {
			continue
		}
		both := map[string]string{o.name + " " + o.id: o.token, o.name + " " + o.id + ", twin": o.twin()}
		s.opens(t, both)
		s.revoke(t, `{"token":"`+o.twin()+`"}`)
		s.forbids(t, both)
	}
}
