package main

import "testing"

func TestCountsWhatReachesTheBot(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ want, answers, reached int }{
		"ok/all good":                     {200, 5, 5},
		"ok/all refused":                  {401, 5, 0},
		"deny/refused, yet it came to it": {401, 5, 1},
		"deny/answered by somebody else":  {200, 5, 4},
		"deny/sent twice":                 {200, 5, 6},
	} {
		if err := reachedAsMeant(c.want, c.answers, c.reached); (err == nil) != (name[:2] == "ok") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNewTokensAreSentOnce(t *testing.T) {
	t.Parallel()
	q := &requests{one: []byte("one"), many: map[int][][]byte{2: {[]byte("a"), []byte("b")}}, bad: [][]byte{[]byte("x"), []byte("y")}}
	guard, proxy := system{refusal: 401}, system{}
	for name, c := range map[string]struct {
		s    system
		kind string
		want int
		sent string
	}{
		"one, guard":  {guard, one, 200, "one one one"},
		"many, guard": {guard, many, 200, "a b"},
		"bad, guard":  {guard, bad, 401, "x y x"},
		"bad, proxy":  {proxy, bad, 200, "x y x"},
	} {
		want, next, warm := c.s.traffic(q, use{c.kind, 2})
		_ = warm() // takes nothing of what must be new
		sent := ""
		for range 3 {
			if r := next(); r != nil {
				sent += " " + string(r)
			}
		}
		if c.kind == bad { // warming up took the first
			c.sent = "y x y"
		}
		if want != c.want || sent != " "+c.sent {
			t.Errorf("%s: status %d, sent%s", name, want, sent)
		}
	}
}
