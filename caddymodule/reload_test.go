package caddymodule_test

import (
	"cmp"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	"go.uber.org/goleak"

	"github.com/botlatch/botlatch/caddymodule/app"
	"github.com/botlatch/botlatch/caddymodule/issue"
	"github.com/botlatch/botlatch/caddymodule/jose"
	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// reloads is how often the configuration changes under load.
const reloads = 200

// reloader is a Caddy in this process, with one site, one issuer, and files of its own.
type reloader struct {
	t         *testing.T
	dir, addr string
	keys, bot string
	path      string // what the site allows; /arm when it is empty
	issuer    string // its block; one with keys when it is empty
	storage   string // Caddy's; dir when it is empty
	requests  http.Client
	answered  atomic.Int64
	bad       atomic.Int64
}

// load loads the site's configuration, in which only the realm differs.
func (s *reloader) load(realm string) error {
	s.t.Helper()
	caddyfile := fmt.Sprintf(`# %[1]s
{
	admin off
	persist_config off
	storage file_system %[8]s
	log {
		output discard
	}
	botlatch {
		%[2]s
		revocation bolt %[3]s
	}
}
http://%[4]s {
	bind 127.0.0.1
	botlatch {
		realm %[5]s
		allow GET %[7]s scope observe
	}
	header X-Realm %[5]s
	reverse_proxy %[6]s
}
`, s.dir, cmp.Or(s.issuer, "issuer own {\n\t\t\tkeys static "+s.keys+"\n\t\t}"), filepath.Join(s.dir, "revocations.db"), s.addr, realm, s.bot,
		cmp.Or(s.path, "/arm"), cmp.Or(s.storage, s.dir))
	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt([]byte(caddyfile), map[string]any{"filename": "Caddyfile"})
	if err != nil {
		s.t.Fatal(err)
	}
	return caddy.Load(config, false)
}

// status is how the site answers a token. While Caddy changes listeners it drops connections that it has not accepted
// yet, with a latch and without; those are tried again, as every client does.
func (s *reloader) status(token string) int {
	for range 50 {
		r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, "http://"+s.addr+"/arm", http.NoBody)
		if err != nil {
			s.t.Error(err)
			return 0
		}
		r.Header.Set("Authorization", "Bearer "+token)
		if res, err := s.requests.Do(r); err == nil {
			_ = res.Body.Close()
			return res.StatusCode
		}
	}
	return 0
}

// drive sends requests until stop is closed, and counts those that were not answered 200.
func (s *reloader) drive(token string, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		s.answered.Add(1)
		if s.status(token) != http.StatusOK {
			s.bad.Add(1)
		}
	}
}

// allowed is the counter of requests that passed with a token, of this process.
func allowed(t *testing.T) float64 {
	t.Helper()
	ctx := caddy.ActiveContext()
	families, err := ctx.GetMetricsRegistry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != "botlatch_requests_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			if strings.Contains(m.String(), `"allow"`) && strings.Contains(m.String(), `"token"`) {
				return m.GetCounter().GetValue()
			}
		}
	}
	t.Fatal("no counter")
	return 0
}

func TestReloadsUnderLoadLoseNothing(t *testing.T) {
	key := latchtest.NewKey(t, jose.EdDSA)
	bot := latchtest.StartBot(t)
	s := &reloader{t: t, dir: t.TempDir(), addr: latchtest.FreeAddress(t), keys: key.File, bot: bot.Address()}
	s.requests.Timeout = 10 * time.Second
	before := goleak.IgnoreCurrent()

	if err := s.load("first"); err != nil {
		t.Fatal(err)
	}
	good := key.Mint(t, issue.Token{Issuer: "own", Subject: "ana", Scope: []string{"observe"}})
	revoked := key.Mint(t, issue.Token{Issuer: "own", Subject: "bob", Scope: []string{"observe"}})
	if got := s.status(revoked); got != http.StatusOK {
		t.Fatalf("status %d before it is revoked", got)
	}
	if _, err := app.Running().Revoke(t.Context(), app.Request{Token: revoked}, "test"); err != nil {
		t.Fatal(err)
	}
	counted := allowed(t)

	stop := make(chan struct{})
	var drivers sync.WaitGroup
	for range 4 {
		drivers.Go(func() { s.drive(good, stop) })
	}
	for i := range reloads {
		if err := s.load(fmt.Sprintf("reload-%d", i)); err != nil {
			t.Errorf("reload %d: %v", i, err)
		}
		if got := s.status(revoked); got != http.StatusUnauthorized {
			t.Errorf("reload %d: a revoked token is answered %d", i, got)
		}
		if i%20 == 0 {
			s.failToLoad()
		}
	}
	close(stop)
	drivers.Wait()
	if s.answered.Load() < reloads || s.bad.Load() > 0 {
		t.Errorf("%d of %d requests were answered wrong", s.bad.Load(), s.answered.Load())
	}
	if got, want := allowed(t)-counted, float64(s.answered.Load()); got != want {
		t.Errorf("%v requests counted, %v answered: the counter began anew", got, want)
	}
	if err := caddy.Stop(); err != nil {
		t.Error(err)
	}
	s.requests.CloseIdleConnections()
	bot.CloseClientConnections()
	// Caddy cleans its storage at start and holds a lock meanwhile, whose keeper looks up every 5 s.
	keeper := goleak.IgnoreAnyFunction("github.com/caddyserver/certmagic.keepLockfileFresh")
	if err := goleak.Find(before, keeper); err != nil {
		t.Errorf("after %d reloads: %v", reloads, err)
	}
}

// failToLoad loads a configuration whose key file is missing, which must change nothing.
func (s *reloader) failToLoad() {
	s.t.Helper()
	keys := s.keys
	s.keys = filepath.Join(s.dir, "missing.pem")
	defer func() { s.keys = keys }()
	if err := s.load("broken"); err == nil {
		s.t.Error("a configuration without its key file is loaded")
	}
}
