package walls_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const jwxWall = "jwx in no exported signature of jose"

func TestJwxInNoExportedSignature(t *testing.T) {
	t.Parallel()
	var files []*ast.File
	for _, path := range sources(t, filepath.Join("..", "..", "jose")) {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	for _, leak := range leaks(files) {
		t.Errorf("%s: %s", jwxWall, leak)
	}
}

func TestEveryWayToExportJwxIsSeen(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		`func Parse(b []byte) (jwk.Set, error) { return nil, nil }`:       "Parse",
		`func Use(set jwk.Set) {}`:                                        "Use",
		`func All[S jwk.Set](s S) {}`:                                     "All",
		`func Keys(m map[string][]*jwk.Key) {}`:                           "Keys",
		`type SigningKey struct{ Inner jwk.Key }`:                         "SigningKey",
		`type SigningKey struct{ jwk.Key }`:                               "SigningKey",
		`type Key = jwk.Key`:                                              "Key",
		`type Source interface{ Keys() jwk.Set }`:                         "Source",
		`type SigningKey struct{}; func (k SigningKey) JWK() jwk.Key {}`:  "JWK",
		`type key struct{}; func (k *key) JWK() jwk.Key { return nil }`:   "JWK",
		`var Empty = jwk.NewSet()`:                                        "Empty",
		`var Empty jwk.Set`:                                               "Empty",
		`const Default = jwk.KeyTypeKey`:                                  "Default",
		`type set = jwk.Set; func Parse() set { return nil }`:             "Parse",
		`type set []jwk.Key; type sets map[int]set; func Parse() sets {}`: "Parse",
	} {
		found := leaks(parse(t, `import "`+jwk+`"`, code))
		if len(found) != 1 || !strings.HasPrefix(found[0], want+" ") {
			t.Errorf("%s: want %s reported, got %q", code, want, found)
		}
	}
	for _, as := range []string{`j "` + jwk + `"`, `. "` + jwk + `"`} {
		if found := leaks(parse(t, "import "+as, `func Parse() j.Set { return nil }`)); len(found) == 0 {
			t.Errorf("import %s went through unseen", as)
		}
	}
	for _, code := range []string{
		`func parse() jwk.Set { return nil }`, `func Parse() { jwk.NewSet() }`, `type KeySet struct{ set jwk.Set }`,
		`type keySet struct{ set jwk.Set }; func Parse() keySet {}`, `var empty = jwk.NewSet()`, `var jwkName int`,
	} {
		for _, leak := range leaks(parse(t, `import "`+jwk+`"`, code)) {
			t.Errorf("%s may stand: %s", code, leak)
		}
	}
}

func parse(t *testing.T, imports, code string) []*ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), "x.go", "package jose; "+imports+"; "+code, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return []*ast.File{f}
}

// leaks reports what files export of jwx, by its own name or by that of an unexported type that stands for it.
func leaks(files []*ast.File) []string {
	var found []string
	foreign := make(map[string]bool) // local names of jwx packages and of types made of theirs
	for _, f := range files {
		for _, spec := range f.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			switch local := localName(spec, path); {
			case !match([]string{jwxPath + "/..."}, path):
			case local == ".":
				found = append(found, "dot import of "+path)
			default:
				foreign[local] = true
			}
		}
	}
	for more := true; more; {
		more = false
		each(files, func(name string, exposed []ast.Expr) {
			if !ast.IsExported(name) && !foreign[name] && mentions(exposed, foreign) {
				foreign[name], more = true, true
			}
		})
	}
	each(files, func(name string, exposed []ast.Expr) {
		if ast.IsExported(name) && mentions(exposed, foreign) {
			found = append(found, fmt.Sprintf("%s shows a type of jwx", name))
		}
	})
	return found
}
