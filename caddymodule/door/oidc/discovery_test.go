package oidc_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/door/oidc"
)

const metadataPath = "/.well-known/openid-configuration"

func TestAProviderThatIsNoneIsNotUsed(t *testing.T) {
	t.Parallel()
	type members = map[string]any
	says := func(s string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(s)) }
	}
	for name, c := range map[string]struct {
		metadata members
		handle   http.HandlerFunc
	}{
		"deny/status":            {nil, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "canary", http.StatusInternalServerError) }},
		"deny/cut off":           {nil, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
		"deny/empty":             {nil, says("")},
		"deny/HTML":              {nil, says("<!doctype html><title>canary</title>")},
		"deny/array":             {nil, says(`["canary"]`)},
		"deny/member twice":      {nil, says(`{"issuer":"canary","issuer":"canary"}`)},
		"deny/huge":              {nil, says(`{"canary":"` + strings.Repeat("a", 2<<20) + `"}`)},
		"deny/redirect loop":     {nil, http.RedirectHandler(metadataPath, http.StatusFound).ServeHTTP},
		"deny/issuer of another": {members{"issuer": "https://canary.example.com"}, nil},
		"deny/issuer missing":    {members{"issuer": nil}, nil},
		"deny/no token endpoint": {members{"token_endpoint": nil}, nil},
		"deny/no keys":           {members{"jwks_uri": nil}, nil},
		"deny/endpoint by http":  {members{"authorization_endpoint": "http://canary.example.com/"}, nil},
		"deny/endpoint script":   {members{"authorization_endpoint": "javascript:canary"}, nil},
		"deny/endpoint userinfo": {members{"token_endpoint": "https://canary@example.com/"}, nil},
		"deny/endpoint a number": {members{"token_endpoint": 7}, nil},
		"deny/logout by http":    {members{"end_session_endpoint": "http://canary.example.com/"}, nil},
		"deny/only HS256":        {members{"id_token_signing_alg_values_supported": []string{"HS256", "none"}}, nil},
		"deny/no algorithm":      {members{"id_token_signing_alg_values_supported": nil}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.metadata, f.handle[metadataPath] = c.metadata, c.handle
			location, cookies, err := newProvider(t, f.config(), nil).Begin(newPhone(t).request(t, site), site, time.Now(), "")
			mustRefuse(t, nil, err, oidc.ErrProvider)
			if n := f.asked(metadataPath); location != "" || cookies != nil || n < 1 || n > 4 {
				t.Errorf("location %q, cookies %v, asked %d times", location, cookies, n)
			}
		})
	}
}

func TestMetadataAreFoundThroughARedirectOnTheHost(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.handle[metadataPath] = http.RedirectHandler("/elsewhere", http.StatusFound).ServeHTTP
	f.handle["/elsewhere"] = func(w http.ResponseWriter, _ *http.Request) { f.tellMetadata(w) }
	if _, err := f.signIn(t, newProvider(t, f.config(), nil), time.Now()); err != nil {
		t.Error(err)
	}
}

func TestNoRedirectLeadsToAnotherHost(t *testing.T) {
	t.Parallel()
	f, other := newFake(t), newFake(t)
	other.metadata = map[string]any{"issuer": f.URL} // all that would be needed
	f.handle[metadataPath] = http.RedirectHandler(other.URL+metadataPath, http.StatusFound).ServeHTTP
	_, _, err := newProvider(t, f.config(), nil).Begin(newPhone(t).request(t, site), site, time.Now(), "")
	mustRefuse(t, nil, err, oidc.ErrProvider, other.URL)
	if other.asked(metadataPath) != 0 {
		t.Error("the other host was asked")
	}
}

func TestAProviderThatIsDownIsToldSo(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	config := f.config()
	f.Close()
	_, _, err := newProvider(t, config, nil).Begin(newPhone(t).request(t, site), site, time.Now(), "")
	mustRefuse(t, nil, err, oidc.ErrProvider)
	if err != nil && !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("%v does not tell the owner why", err)
	}
}

func TestAProviderByTLSShowsACertificate(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	server := httptest.NewUnstartedServer(f)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	config := f.config()
	config.Issuer = server.URL
	_, _, err := newProvider(t, config, nil).Begin(newPhone(t).request(t, site), site, time.Now(), "")
	mustRefuse(t, nil, err, oidc.ErrProvider)
	if certificate, ok := errors.AsType[*tls.CertificateVerificationError](err); !ok {
		t.Errorf("%v does not tell the owner why: %v", err, certificate)
	}
	if f.asked(metadataPath) != 0 {
		t.Error("it was asked all the same")
	}
}

func TestAnIssuerMayEndWithASlash(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.metadata, f.claims = map[string]any{"issuer": f.URL + "/"}, map[string]any{"iss": f.URL + "/"}
	config := f.config()
	config.Issuer += "/"
	p, phone, now := newProvider(t, config, nil), newPhone(t), time.Now()
	callback := with(f.answer(phone.begin(t, p, now)), "iss", p.Issuer())
	if who, err := phone.finish(t, p, callback, now); err != nil || who.Issuer != f.URL+"/" {
		t.Errorf("%+v, %v", who, err)
	}
}

func TestAProviderThatNeverAnswersIsGivenTenSeconds(t *testing.T) {
	t.Parallel()
	f, over := newFake(t), make(chan struct{})
	t.Cleanup(func() { close(over) })
	f.handle[metadataPath] = func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("{")) // it has begun to
		_ = http.NewResponseController(w).Flush()
		<-over
	}
	began := time.Now()
	_, _, err := newProvider(t, f.config(), nil).Begin(newPhone(t).request(t, site), site, began, "")
	mustRefuse(t, nil, err, oidc.ErrProvider)
	if took := time.Since(began); took < 9*time.Second || took > 30*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestAProviderThatIsSlowKeepsNobodyLongerThanTheyWait(t *testing.T) {
	t.Parallel()
	f, over := newFake(t), make(chan struct{})
	t.Cleanup(func() { close(over) })
	f.handle[metadataPath] = func(http.ResponseWriter, *http.Request) { <-over }
	p := newProvider(t, f.config(), nil)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	var people sync.WaitGroup
	for range 3 { // one asks, the others wait for the answer
		people.Go(func() {
			_, _, err := p.Begin(newPhone(t).request(t, site).WithContext(ctx), site, time.Now(), "")
			mustRefuse(t, nil, err, oidc.ErrProvider)
		})
	}
	began := time.Now()
	people.Wait()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}
