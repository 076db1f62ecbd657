package revocation

import (
	"encoding/hex"
	"testing"
	"time"
)

// Keys are in the files of stores: a release that changed them would let every revoked token in.
func TestKeysDoNotChangeBetweenReleases(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind          Kind
		issuer, value string
		want          string
	}{
		{KindToken, "https://id.example.com/", "1f0c", "1bf1473bb41b7b3422a88bf727256308"},
		{KindFingerprint, "", "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", "92aab4a359e12f7e5edb2f5555b8f12e"},
		{KindSession, "https://id.example.com/", "s", "bf82297d3bbbbf2587159e5bc6992e46"},
		{KindSubject, "", "ana", "0576ad6de6bb70a87fd9b6de2989745f"},
		{KindKey, "", "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", "666297230c89294b854c763edf141280"},
		{KindIssuer, "https://id.example.com/", "", "a32cde6421f17cda30a75a0f6baa71c1"},
		{KindAll, "", "", "63dc0f142f3c734e10f668cb28083535"},
		{KindHold, "", "", "736722f22cbebd49059bbc5d24c1bf71"},
	} {
		key := HashKey(c.kind, c.issuer, c.value)
		if got := hex.EncodeToString(key[:]); got != c.want {
			t.Errorf("key of %s is %s, want %s", c.kind, got, c.want)
		}
	}
}

func TestNoTwoNamesHaveOneKey(t *testing.T) {
	t.Parallel()
	type name struct {
		kind          Kind
		issuer, value string
	}
	seen := map[Key]name{}
	texts := []string{"", "a", "b", "ab", "ba", "aa", "\x00", "\x01a", "a\x00", "\x01a\x01", "a\x01b", "\x02ab"}
	for _, kind := range Kinds() {
		for _, issuer := range texts {
			for _, value := range texts {
				n := name{kind, issuer, value}
				if !kind.ofIssuer() {
					n.issuer = ""
				}
				if !kind.hasValue() {
					n.value = ""
				}
				key := HashKey(kind, issuer, value)
				if old, ok := seen[key]; ok && old != n {
					t.Errorf("%+v and %+v have one key", old, n)
				}
				seen[key] = n
			}
		}
	}
}

func TestKindsWithoutIssuerIgnoreIt(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{KindFingerprint, KindKey, KindAll, KindHold} {
		if HashKey(kind, "https://a.test", "v") != HashKey(kind, "", "v") {
			t.Errorf("%s depends on the issuer", kind)
		}
	}
	for _, kind := range []Kind{KindToken, KindSession, KindSubject, KindIssuer} {
		if HashKey(kind, "https://a.test", "v") == HashKey(kind, "https://b.test", "v") {
			t.Errorf("%s does not depend on the issuer", kind)
		}
	}
}

func TestTokenHasTheNamesItWasGiven(t *testing.T) {
	t.Parallel()
	n := NewNames("", time.Time{}, [NumKinds]string{KindSubject: "ana"})
	for _, kind := range Kinds() {
		has := n.keys[kind] != (Key{})
		if want := kind == KindSubject || kind == KindIssuer || kind == KindAll || kind == KindHold; has != want {
			t.Errorf("name of kind %s: %t, want %t", kind, has, want)
		}
	}
}
