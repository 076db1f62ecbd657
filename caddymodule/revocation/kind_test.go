package revocation

import (
	"encoding/json"
	"testing"
)

func TestKindsAreTheirWords(t *testing.T) {
	t.Parallel()
	want := []string{"token", "fingerprint", "session", "subject", "key", "issuer", "all", "hold"}
	kinds := Kinds()
	if len(kinds) != len(want) || len(kinds) != NumKinds-1 {
		t.Fatalf("%d kinds, NumKinds %d, want %d words", len(kinds), NumKinds, len(want))
	}
	for i, kind := range kinds {
		if kind != Kind(i+1) || kind.String() != want[i] {
			t.Errorf("kind %d is %d %q, want %q", i+1, kind, kind, want[i])
		}
		if parsed, err := ParseKind(want[i]); err != nil || parsed != kind {
			t.Errorf("ParseKind(%q) = %v, %v", want[i], parsed, err)
		}
		text, err := json.Marshal(kind)
		if err != nil || string(text) != `"`+want[i]+`"` {
			t.Errorf("JSON of %s is %s, %v", kind, text, err)
		}
		var back Kind
		if err := json.Unmarshal(text, &back); err != nil || back != kind {
			t.Errorf("JSON %s is %v, %v", text, back, err)
		}
	}
}

func TestRefusesWhatIsNoKind(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"", "Token", "token ", "held", "sub", "kind(1)", "0"} {
		if kind, err := ParseKind(word); err == nil {
			t.Errorf("ParseKind(%q) = %v", word, kind)
		}
	}
	for _, text := range []string{`1`, `""`, `"TOKEN"`, `["token"]`} {
		var kind Kind
		if err := json.Unmarshal([]byte(text), &kind); err == nil {
			t.Errorf("JSON %s is %v", text, kind)
		}
	}
	for _, kind := range []Kind{0, NumKinds, 255} {
		if _, err := kind.MarshalText(); err == nil {
			t.Errorf("%v has a text", kind)
		}
	}
}
