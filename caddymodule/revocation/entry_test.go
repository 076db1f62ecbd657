package revocation

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

const (
	site = "https://id.example.com/"
	hash = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
)

var noon = time.Date(2030, 1, 2, 12, 0, 0, 0, time.UTC)

func TestEntryReadsAndWritesItsMembers(t *testing.T) {
	t.Parallel()
	const text = `{"kind":"subject","iss":"https://id.example.com/","value":"ana","issued_before":"2030-01-02T12:00:00Z",` +
		`"expires_at":"2030-01-03T12:00:00Z","reason":"lost phone","at":"2030-01-02T12:00:01Z"}`
	want := Entry{
		Kind: KindSubject, Issuer: site, Value: "ana", IssuedBefore: noon, ExpiresAt: noon.AddDate(0, 0, 1),
		Reason: "lost phone", At: noon.Add(time.Second),
	}
	var e Entry
	if err := json.Unmarshal([]byte(text), &e); err != nil || e != want {
		t.Errorf("read %+v, %v", e, err)
	}
	if back, err := json.Marshal(want); err != nil || string(back) != text {
		t.Errorf("wrote %s, %v", back, err)
	}
	least, err := json.Marshal(Entry{Kind: KindToken, Value: "x", At: noon})
	if err != nil || string(least) != `{"kind":"token","value":"x","at":"2030-01-02T12:00:00Z"}` {
		t.Errorf("wrote %s, %v", least, err)
	}
}

func TestEntryIsValidOrNamesTheMember(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", MaxValue)
	for name, c := range map[string]struct {
		e    Entry
		want string // part of the error
	}{
		"ok/token":                    {e: Entry{Kind: KindToken, Issuer: site, Value: "x"}},
		"ok/token of nameless secret": {e: Entry{Kind: KindToken, Value: "x"}},
		"ok/token expires in 2286":    {e: Entry{Kind: KindToken, Value: "x", ExpiresAt: time.Unix(9999999999, 0)}},
		"ok/token already expired":    {e: Entry{Kind: KindToken, Value: "x", ExpiresAt: noon.AddDate(-1, 0, 0)}},
		"ok/fingerprint":              {e: Entry{Kind: KindFingerprint, Value: hash}},
		"ok/session":                  {e: Entry{Kind: KindSession, Issuer: site, Value: "s"}},
		"ok/subject":                  {e: Entry{Kind: KindSubject, Issuer: long, Value: long}},
		"ok/subject of control bytes": {e: Entry{Kind: KindSubject, Value: "\x00\n"}},
		"ok/key":                      {e: Entry{Kind: KindKey, Value: hash, IssuedBefore: noon}},
		"ok/issuer":                   {e: Entry{Kind: KindIssuer, Issuer: site}},
		"ok/issuer until now":         {e: Entry{Kind: KindIssuer, Issuer: site, IssuedBefore: noon}},
		"ok/all":                      {e: Entry{Kind: KindAll, IssuedBefore: noon}},
		"ok/hold":                     {e: Entry{Kind: KindHold, Reason: "water in the cellar"}},
		"ok/reason":                   {e: Entry{Kind: KindToken, Value: "x", Reason: "señal: lost, again"}},

		"deny/no kind":              {Entry{Issuer: site, Value: "x"}, "kind"},
		"deny/unknown kind":         {Entry{Kind: NumKinds, Issuer: site, Value: "x"}, "kind"},
		"deny/token no value":       {Entry{Kind: KindToken, Issuer: site}, "value missing"},
		"deny/fingerprint no value": {Entry{Kind: KindFingerprint}, "value missing"},
		"deny/session no value":     {Entry{Kind: KindSession, Issuer: site}, "value missing"},
		"deny/subject no value":     {Entry{Kind: KindSubject, Issuer: site}, "value missing"},
		"deny/key no value":         {Entry{Kind: KindKey}, "value missing"},
		"deny/value too long":       {Entry{Kind: KindToken, Value: long + "x"}, "value longer"},
		"deny/iss too long":         {Entry{Kind: KindToken, Issuer: long + "x", Value: "x"}, "iss longer"},
		"deny/value not UTF-8":      {Entry{Kind: KindToken, Value: "\xff"}, "UTF-8"},
		"deny/iss not UTF-8":        {Entry{Kind: KindToken, Issuer: "\xff", Value: "x"}, "UTF-8"},
		"deny/fingerprint with iss": {Entry{Kind: KindFingerprint, Issuer: site, Value: hash}, "iss must be empty"},
		"deny/fingerprint short":    {Entry{Kind: KindFingerprint, Value: hash[:42]}, "SHA-256"},
		"deny/fingerprint padded":   {Entry{Kind: KindFingerprint, Value: hash + "="}, "SHA-256"},
		"deny/fingerprint base64":   {Entry{Kind: KindFingerprint, Value: strings.ReplaceAll(hash, "-", "+")}, "SHA-256"},
		"deny/fingerprint spelling": {Entry{Kind: KindFingerprint, Value: hash[:42] + "V"}, "SHA-256"},
		"deny/fingerprint newline":  {Entry{Kind: KindFingerprint, Value: hash[:21] + "\n" + hash[22:]}, "SHA-256"},
		"deny/key with iss":         {Entry{Kind: KindKey, Issuer: site, Value: hash}, "iss must be empty"},
		"deny/key by kid":           {Entry{Kind: KindKey, Value: "2029-01"}, "SHA-256"},
		"deny/issuer no iss":        {Entry{Kind: KindIssuer, IssuedBefore: noon}, "iss missing"},
		"deny/issuer with value":    {Entry{Kind: KindIssuer, Issuer: site, Value: site}, "value must be empty"},
		"deny/all with iss":         {Entry{Kind: KindAll, Issuer: site, IssuedBefore: noon}, "iss must be empty"},
		"deny/all with value":       {Entry{Kind: KindAll, Value: "x", IssuedBefore: noon}, "value must be empty"},
		"deny/all for ever":         {Entry{Kind: KindAll}, "issued_before missing"},
		"deny/hold with iss":        {Entry{Kind: KindHold, Issuer: site}, "iss must be empty"},
		"deny/hold with value":      {Entry{Kind: KindHold, Value: "x"}, "value must be empty"},
		"deny/hold of some":         {Entry{Kind: KindHold, IssuedBefore: noon}, "issued_before must be empty"},
		"deny/hold with an end":     {Entry{Kind: KindHold, ExpiresAt: noon}, "expires_at must be empty"},
		"deny/cut-off in 1970":      {Entry{Kind: KindAll, IssuedBefore: time.Unix(0, 5)}, "issued_before"},
		"deny/cut-off before 1970":  {Entry{Kind: KindAll, IssuedBefore: time.Unix(-5, 0)}, "issued_before"},
		"deny/cut-off in 2200":      {Entry{Kind: KindAll, IssuedBefore: noon.AddDate(170, 0, 0)}, "issued_before"},
		"deny/end before 1970":      {Entry{Kind: KindToken, Value: "x", ExpiresAt: time.Unix(-5, 0)}, "expires_at"},
		"deny/end in 10000":         {Entry{Kind: KindToken, Value: "x", ExpiresAt: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, "expires_at"},
		"deny/made in 2200":         {Entry{Kind: KindToken, Value: "x", At: noon.AddDate(170, 0, 0)}, "at not"},
		"deny/reason too long":      {Entry{Kind: KindToken, Value: "x", Reason: strings.Repeat("r", MaxReason+1)}, "reason longer"},
		"deny/reason of two lines":  {Entry{Kind: KindToken, Value: "x", Reason: "a\nb"}, "reason not"},
		"deny/reason not UTF-8":     {Entry{Kind: KindToken, Value: "x", Reason: "\xff"}, "reason not"},
		"deny/reason turns round":   {Entry{Kind: KindToken, Value: "x", Reason: "a\u202eb"}, "reason not"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.e.At.IsZero() {
				c.e.At = noon
			}
			err := c.e.Validate()
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("Validate() = %v, want %q", err, c.want)
			}
		})
	}
	if err := (Entry{Kind: KindToken, Value: "x"}).Validate(); err == nil {
		t.Error("entry without at: no error")
	}
}

func TestMergeTakesOutWhatEitherDoes(t *testing.T) {
	t.Parallel()
	times := []time.Time{{}, noon, noon.Add(time.Hour)}
	var entries []Entry
	for _, before := range times {
		for _, end := range times {
			entries = append(entries, Entry{Kind: KindSubject, Value: "ana", IssuedBefore: before, ExpiresAt: end})
		}
	}
	latest := func(a, b time.Time) time.Time {
		if a.IsZero() || b.IsZero() {
			return time.Time{}
		}
		return later(a, b)
	}
	for _, a := range entries {
		for _, b := range entries {
			a.Reason, b.Reason = "a", "b"
			want := Entry{
				Kind: KindSubject, Value: "ana", Reason: "b",
				IssuedBefore: latest(a.IssuedBefore, b.IssuedBefore), ExpiresAt: latest(a.ExpiresAt, b.ExpiresAt),
			}
			if want.IssuedBefore == a.IssuedBefore && want.ExpiresAt == a.ExpiresAt {
				want.Reason = "a"
			}
			if got := a.Merge(b); got != want {
				t.Errorf("%+v.Merge(%+v) = %+v", a, b, got)
			}
		}
	}
}

func TestCanonicalDropsFractionsAndZones(t *testing.T) {
	t.Parallel()
	local := noon.Add(999 * time.Millisecond).In(time.FixedZone("x", 3600))
	got := Entry{Kind: KindAll, IssuedBefore: local, At: local}.Canonical()
	if want := (Entry{Kind: KindAll, IssuedBefore: noon, At: noon}); got != want {
		t.Errorf("got %+v", got)
	}
}

func TestEntryGoesADayAfterItsEnd(t *testing.T) {
	t.Parallel()
	e := Entry{Kind: KindToken, Value: "x", ExpiresAt: noon}
	if e.Gone(noon.Add(Grace)) || !e.Gone(noon.Add(Grace+time.Second)) {
		t.Error("not a day after its end")
	}
	e.ExpiresAt = time.Time{}
	if e.Gone(noon.AddDate(1000, 0, 0)) {
		t.Error("an entry without an end is gone")
	}
	e.ExpiresAt = noon.AddDate(100, 0, 0) // more than 32 bits of seconds
	if e.Gone(noon.AddDate(99, 0, 0)) {
		t.Error("gone before its end")
	}
}
