package session_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/session"
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

func newRing(t *testing.T) *session.Ring {
	t.Helper()
	r, err := session.NewRing(noon)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func anas() *session.Session {
	return &session.Session{
		Origin: site, Subject: "ana", Name: "Ana", Scope: []string{"door:open", "observe"}, ID: "s1", TokenID: "t1",
		IssuedAt: time.Unix(noon.Unix(), 0), ExpiresAt: time.Unix(noon.Add(30*day).Unix(), 0),
		From: session.From{Issuer: "https://id.example.com/", Subject: "auth0|ana", Key: "k"},
	}
}

func sign(t *testing.T, r *session.Ring, s *session.Session) string {
	t.Helper()
	raw, err := r.Sign(s)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestASessionComesBackAsItWas(t *testing.T) {
	t.Parallel()
	r := newRing(t)
	got, err := r.Verify(sign(t, r, anas()), site, noon.Add(day))
	if err != nil || !reflect.DeepEqual(got, anas()) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestNoSessionIsTooLongForABrowser(t *testing.T) {
	t.Parallel()
	r := newRing(t)
	for name, c := range map[string]struct {
		length int
		ok     bool
	}{"ok/long": {2400, true}, "deny/no browser keeps it": {3000, false}} {
		s := anas()
		s.Scope = []string{strings.Repeat("x", c.length)}
		raw, err := r.Sign(s)
		if (err == nil) != c.ok || len(session.CookieName(site)+raw) > 4096 {
			t.Errorf("%s: %d bytes, %v", name, len(raw), err)
		}
	}
}

func TestTheNewestKeySignsAlsoAfterAClockWasPutBack(t *testing.T) {
	t.Parallel()
	old := newRing(t)
	rotated, err := old.Rotate(noon.Add(-day), false)
	if err != nil {
		t.Fatal(err)
	}
	b, err := rotated.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	read, err := session.ParseRing(b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := old.Verify(sign(t, read, anas()), site, noon); !errors.Is(err, session.ErrUnknownKey) {
		t.Errorf("the old key signs: %v", err)
	}
	if read.Seal("flow") != rotated.Seal("flow") {
		t.Error("what one latch has sealed another one does not open")
	}
}

func TestWhatIsNoSessionOfThisSiteIsNone(t *testing.T) {
	t.Parallel()
	r, other := newRing(t), newRing(t)
	good := sign(t, r, anas())
	foreign, err := jose.GenerateKey(jose.HS256)
	if err != nil {
		t.Fatal(err)
	}
	access, err := foreign.Sign("at+jwt", []byte(`{"iss":"`+site+`","aud":"`+site+`","sub":"ana","sid":"s","jti":"t","iat":1,"exp":4000000000}`))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(good, ".")
	for name, c := range map[string]struct {
		raw, origin string
		at          time.Time
		want        error
	}{
		"ok/its last second":     {good, site, noon.Add(30*day - time.Second), nil},
		"deny/over":              {good, site, noon.Add(30 * day), session.ErrExpired},
		"deny/another site":      {good, site + ":8443", noon, session.ErrNoSession},
		"deny/no site":           {good, "", noon, session.ErrNoSession},
		"deny/another ring's":    {sign(t, other, anas()), site, noon, session.ErrUnknownKey},
		"deny/access token":      {access, site, noon, session.ErrNoSession},
		"deny/changed payload":   {parts[0] + "." + parts[1][:len(parts[1])-4] + "AAAA." + parts[2], site, noon, session.ErrNoSession},
		"deny/without signature": {parts[0] + "." + parts[1] + ".", site, noon, session.ErrNoSession},
		"deny/empty":             {"", site, noon, session.ErrNoSession},
		"deny/long":              {strings.Repeat("a", 9<<10), site, noon, session.ErrNoSession},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := r.Verify(c.raw, c.origin, c.at)
			if !errors.Is(err, c.want) || (s != nil) != (c.want == nil) {
				t.Errorf("%+v, %v, want %v", s, err, c.want)
			}
		})
	}
}

func TestNoSessionIsSignedThatCouldNotBeTakenBack(t *testing.T) {
	t.Parallel()
	r := newRing(t)
	for name, change := range map[string]func(*session.Session){
		"no origin":      func(s *session.Session) { s.Origin = "" },
		"no subject":     func(s *session.Session) { s.Subject = "" },
		"no sid":         func(s *session.Session) { s.ID = "" },
		"no jti":         func(s *session.Session) { s.TokenID = "" },
		"over already":   func(s *session.Session) { s.ExpiresAt = s.IssuedAt },
		"longer than it": func(s *session.Session) { s.ExpiresAt = s.IssuedAt.Add(session.MaxLife + time.Second) },
	} {
		t.Run("deny/"+name, func(t *testing.T) {
			t.Parallel()
			s := anas()
			change(s)
			if raw, err := r.Sign(s); err == nil {
				t.Errorf("signed: %d characters", len(raw))
			}
		})
	}
}

func TestARotationKeepsSessionsUntilTheOldKeysAreDropped(t *testing.T) {
	t.Parallel()
	first := newRing(t)
	old := sign(t, first, anas())
	second, err := first.Rotate(noon.Add(day), false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := second.Verify(old, site, noon.Add(2*day)); err != nil {
		t.Errorf("the old one: %v", err)
	}
	young := sign(t, second, anas())
	if _, err := first.Verify(young, site, noon.Add(2*day)); !errors.Is(err, session.ErrUnknownKey) {
		t.Errorf("a latch that has not read the ring again: %v", err)
	}
	third, err := second.Rotate(noon.Add(3*day), true)
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range []string{old, young} {
		if _, err := third.Verify(raw, site, noon.Add(3*day)); !errors.Is(err, session.ErrUnknownKey) {
			t.Errorf("dropped: %v", err)
		}
	}
	for wait, want := range map[time.Duration]int{session.MaxLife - time.Second: 3, session.MaxLife: 2} {
		late, err := second.Rotate(noon.Add(day+wait), false)
		if err != nil {
			t.Fatal(err)
		}
		if b, err := late.Marshal(); err != nil || strings.Count(string(b), `"created"`) != want {
			t.Errorf("after %s, %v: %d keys, want %d", wait, err, strings.Count(string(b), `"created"`), want)
		}
	}
	if _, err := second.Verify(old, site, noon.Add(day+session.MaxLife)); !errors.Is(err, session.ErrUnknownKey) {
		t.Errorf("a key of which no session lasts: %v", err)
	}
}

func TestARingAtRestComesBack(t *testing.T) {
	t.Parallel()
	first := newRing(t)
	r, err := first.Rotate(noon.Add(time.Hour), false)
	if err != nil {
		t.Fatal(err)
	}
	b, err := r.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	back, err := session.ParseRing(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range []string{sign(t, first, anas()), sign(t, r, anas())} {
		if _, err := back.Verify(raw, site, noon.Add(2*time.Hour)); err != nil {
			t.Error(err)
		}
	}
	if _, err := r.Verify(sign(t, back, anas()), site, noon.Add(2*time.Hour)); err != nil {
		t.Errorf("the newest does not sign: %v", err)
	}
}

func TestARingThatIsNoneShowsNoKey(t *testing.T) {
	t.Parallel()
	b, err := newRing(t).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Keys []struct{ Key struct{ K string } }
	}
	if err := json.Unmarshal(b, &file); err != nil || file.Keys[0].Key.K == "" {
		t.Fatalf("%v", err)
	}
	secret, text := file.Keys[0].Key.K, string(b)
	for name, text := range map[string]string{
		"empty":           "",
		"no keys":         `{"keys":[]}`,
		"cut off":         text[:len(text)-10],
		"no time":         strings.Replace(text, `"created"`, `"made"`, 1),
		"other algorithm": strings.Replace(text, "HS256", "HS384", 1),
		"no kid":          strings.Replace(text, `"kid"`, `"kid_"`, 1),
		"twice":           `{"keys":[` + strings.Repeat(text[strings.Index(text, "[")+1:strings.LastIndex(text, "]")]+",", 2) + "\x00",
	} {
		t.Run("deny/"+name, func(t *testing.T) {
			t.Parallel()
			text = strings.Replace(text, ",\x00", "]}", 1)
			r, err := session.ParseRing([]byte(text))
			if err == nil || r != nil || strings.Contains(err.Error(), secret) {
				t.Errorf("%v, %v", r, err)
			}
		})
	}
}
