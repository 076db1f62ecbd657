package jose_test

import (
	"testing"

	"github.com/botlatch/botlatch/caddymodule/jose"
)

func TestAtFollowsPointersThroughObjects(t *testing.T) {
	t.Parallel()
	o, err := jose.ParseObject([]byte(`{"scope":"a","realm_access":{"roles":["b"]},"https://ns/roles":"c","x":{"a/b":"d","m~n":"e","~1":"f","":"g"},
		"null":null,"list":[{"roles":"h"}],"/odd":"i","deep":{"null":null}}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"scope": "a", "/scope": "a", "https://ns/roles": "c", "/https:~1~1ns~1roles": "c", "/x/a~1b": "d", "/x/m~0n": "e", "/x/~01": "f",
		"/x/": "g", "/~1odd": "i", "null": nil, "/deep/null": nil,
	} {
		t.Run("ok/"+name, func(t *testing.T) {
			t.Parallel()
			if got, present := o.At(name); !present || got != want {
				t.Errorf("got %v, %t", got, present)
			}
		})
	}
	for _, name := range []string{
		"realm_access.roles", "/realm_access/none", "/scope/roles", "/null/roles", "/list/0", "/list/0/roles", "/list/roles", "/none/roles",
		"/odd", "", "/", "//scope", "/Scope", "/realm_access/roles/0", "/x/~1",
	} {
		t.Run("absent/"+name, func(t *testing.T) {
			t.Parallel()
			if got, present := o.At(name); present {
				t.Errorf("got %v", got)
			}
		})
	}
	if _, present := jose.Object(nil).At("/a/b"); present {
		t.Error("an object that is none has members")
	}
}

func TestCheckNameRefusesWhatNothingCanBear(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"scope", "a~b", "/a", "/a/b", "/a~0~1b", "/https:~1~1ns~1roles", "/a/"} {
		if err := jose.CheckName(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{"", "/", "/a~2", "/a~", "/~/b", "/a/b~"} {
		if jose.CheckName(name) == nil {
			t.Errorf("%q is accepted", name)
		}
	}
}
