package command

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/botlatch/botlatch/caddymodule/issue"
)

func TestAProxyByHTTPSTellsHowToInviteAPhone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ from, want string }{
		"ok/host name":      {"lock.example.com", "caddy botlatch invite --name my-phone --scope bot --address 'unix//d/it'\\''s/admin.sock'"},
		"deny/this machine": {"127.0.0.1:8080", ""},
	} {
		from, err := parseFrom(c.from)
		if err != nil {
			t.Fatal(err)
		}
		p := proxyPlan{from: from, files: proxyFiles{"/d/it's"}}
		inWords, asJSON := tellOf(t, p), tellOf(t, p, "--json")
		var answer map[string]any
		if err := json.Unmarshal([]byte(asJSON), &answer); err != nil {
			t.Fatal(err)
		}
		if got, _ := answer["invite"].(string); got != c.want {
			t.Errorf("%s: as JSON %q, want %q", name, got, c.want)
		}
		if has := strings.Contains(inWords, "botlatch invite"); has != (c.want != "") || !strings.Contains(inWords, c.want) {
			t.Errorf("%s: said %q, want %q in it", name, inWords, c.want)
		}
	}
}

// tellOf is what a proxy with these flags says; as JSON it is what goes to standard output.
func tellOf(t *testing.T, p proxyPlan, flags ...string) string {
	t.Helper()
	c := proxyCommand()
	var out, said strings.Builder
	c.SetOut(&out)
	c.SetErr(&said)
	if err := c.ParseFlags(flags); err != nil {
		t.Fatal(err)
	}
	if err := p.tell(c, &issue.Issued{Raw: "raw"}); err != nil {
		t.Fatal(err)
	}
	if len(flags) > 0 {
		return out.String()
	}
	return said.String()
}
