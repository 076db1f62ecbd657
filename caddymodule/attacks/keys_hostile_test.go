package attacks_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/botlatch/botlatch/caddymodule/latchtest"
)

// worst is the slowest that a request for somebody else's site may be answered while a publisher misbehaves.
const worst = 5 * time.Second

// endless writes a body that goes on for ten gigabytes, and counts what was taken of it.
func endless(taken *atomic.Int64) http.HandlerFunc {
	piece := bytes.Repeat([]byte(" "), 1<<20)
	return func(w http.ResponseWriter, _ *http.Request) {
		for range 10 << 10 {
			n, err := w.Write(piece)
			if taken.Add(int64(n)); err != nil {
				return
			}
		}
	}
}

// drip is as slow as can be, in its header or in its body.
func drip(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if body != "" {
			_, _ = io.WriteString(w, body)
			_ = http.NewResponseController(w).Flush()
		}
		for range 1000 {
			select {
			case <-r.Context().Done():
				panic(http.ErrAbortHandler) // to return would be to end the body as it should
			case <-time.After(100 * time.Millisecond):
			}
			if body != "" {
				_, _ = io.WriteString(w, " ")
				_ = http.NewResponseController(w).Flush()
			}
		}
	}
}

// answers is an answer of a status and a body.
func answers(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// outlasts lets the publisher misbehave in each way, in place of the key set and in place of everything, with a latch that has just
// started each time: nobody of its issuer gets in, nobody else is held up, and afterwards all is well.
func (p *published) outlasts(t *testing.T, all map[string]http.HandlerFunc) {
	t.Helper()
	p.publisher.Answer(down)
	p.latch.RunUnready()
	token, other := p.theirs(t, p.signer), p.token(t, "drive")
	for name, misbehaves := range all {
		for _, where := range []string{"/keys", "/"} {
			p.publisher.Answer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if where == "/" || r.URL.Path == where {
					misbehaves(w, r)
					return
				}
				answers(http.StatusOK, `{"issuer":"`+p.publisher.URL+`","jwks_uri":"`+p.publisher.URL+`/keys"}`)(w, r)
			}))
			p.latch.Stop()
			p.latch.RunUnready()
			began := time.Now()
			p.mustBe(t, name+", the other issuer's", other, http.StatusOK)
			if took := time.Since(began); took > worst {
				t.Errorf("%s at %s: the other issuer's token took %s", name, where, took)
			}
			p.mustBe(t, name+" at "+where, token, http.StatusServiceUnavailable)
		}
	}
	p.publisher.Answer(nil)
	p.becomes(t, token, http.StatusOK)
}

func TestS1_NoRedirectOfAPublisherLeadsAnywhere(t *testing.T) {
	t.Parallel()
	p := newPublished(t)
	set := answers(http.StatusOK, string(latchtest.JWKS(p.signer)))
	elsewhere, plain := latchtest.StartPublisher(t, p.signer), httptest.NewServer(set)
	t.Cleanup(plain.Close)
	all := make(map[string]http.HandlerFunc)
	for name, location := range map[string]string{
		"another host": elsewhere.URL + "/keys", "plain HTTP": plain.URL, "a file": "file:///etc/passwd", "in circles": "/keys",
		"the metadata of a cloud": "http://169.254.169.254/latest/meta-data", "nowhere": "",
	} {
		all[name] = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", location)
			w.WriteHeader(http.StatusFound)
		}
	}
	p.outlasts(t, all)
	if n := elsewhere.Fetches(); n != 0 {
		t.Errorf("another host was asked %d times", n)
	}
}

func TestS4_NothingThatAPublisherAnswersLetsAnybodyInOrHoldsAnybodyUp(t *testing.T) {
	t.Parallel()
	p := newPublished(t)
	set := string(latchtest.JWKS(p.signer))
	private, err := p.signer.PrivateJWK()
	if err != nil {
		t.Fatal(err)
	}
	var taken atomic.Int64
	p.outlasts(t, map[string]http.HandlerFunc{
		"10 GB": endless(&taken), "a slow head": drip(""), "a slow body": drip("{"), "a slow body behind the set": drip(set),
		"a page": answers(http.StatusOK, "<!doctype html><title>Sign in</title>"), "nothing": answers(http.StatusOK, ""),
		"an empty set": answers(http.StatusOK, `{"keys":[]}`), "a set of null": answers(http.StatusOK, `{"keys":null}`),
		"a set and more": answers(http.StatusOK, set+set), "a set with keys twice": answers(http.StatusOK, `{"keys":[],`+strings.TrimPrefix(set, "{")),
		"an error with a set": answers(http.StatusInternalServerError, set), "not found with a set": answers(http.StatusNotFound, set),
		"no content": answers(http.StatusNoContent, ""), "the private key": answers(http.StatusOK, `{"keys":[`+string(private)+`]}`),
		"secrets only": answers(http.StatusOK, `{"keys":[{"kty":"oct","kid":"`+p.signer.ID+`","k":"c2VjcmV0"}]}`),
		"PEM":          answers(http.StatusOK, "-----BEGIN PUBLIC KEY-----\n"), "a closed connection": down,
	})
	if n := taken.Load(); n == 0 || n > 200<<20 { // what sockets hold on the way comes on top of a megabyte each
		t.Errorf("%d bytes of an endless answer were taken", n)
	}
}

func TestS1_APublisherThatNobodyVouchesForIsNotBelieved(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"another's authority", "the system's alone"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPublished(t)
			if name == "another's authority" {
				p.latch.Setenv("CA", anotherCA(t))
			} else {
				p.latch.Rewrite(strings.Replace(p.caddyfile, "trusted_ca {$CA}", "", 1))
			}
			p.latch.RunUnready()
			p.mustBe(t, name, p.theirs(t, p.signer), http.StatusServiceUnavailable)
			if n := p.publisher.Fetches(); n != 0 || !strings.Contains(p.state(t).LastError, "certificate") {
				t.Errorf("%d fetches, %q", n, p.state(t).LastError)
			}
			p.honest(t)
		})
	}
}

// TestS1_WhatWasSavedOnSomebodysWordIsNotBelievedByWhoTrustsSomebodyElse: the operator has taken back the trust in an authority.
func TestS1_WhatWasSavedOnSomebodysWordIsNotBelievedByWhoTrustsSomebodyElse(t *testing.T) {
	t.Parallel()
	p := newPublished(t)
	p.latch.Run()
	p.mustBe(t, "before", p.theirs(t, p.signer), http.StatusOK)
	p.latch.Stop()
	vouched := p.publisher.CA
	p.latch.Setenv("CA", anotherCA(t))
	p.latch.RunUnready()
	p.mustBe(t, "another authority", p.theirs(t, p.signer), http.StatusServiceUnavailable)
	p.latch.Stop()
	p.publisher.Answer(down)
	p.latch.Setenv("CA", vouched)
	p.latch.Run()
	p.mustBe(t, "the same one again, in an outage", p.theirs(t, p.signer), http.StatusOK)
}

// anotherCA is a file with a certificate that vouches for nobody here.
func anotherCA(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return latchtest.WriteFile(t, "another.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
}

// TestS1_KeysAreFetchedByHTTPSAloneAndFromWhereTheConfigurationSays is about what must not start.
func TestS1_KeysAreFetchedByHTTPSAloneAndFromWhereTheConfigurationSays(t *testing.T) {
	t.Parallel()
	address, visits := lure(t)
	for _, keys := range []string{
		"jwks http://" + address + "/keys", "jwks http://169.254.169.254/latest", "jwks //" + address, "jwks file:///etc/passwd", "jwks https://",
		"jwks https://a:b@" + address + "/keys", "jwks https://" + address + "/keys#x", "jwks ftp://" + address,
	} {
		refusesToStart(t, keys, "remote document", strings.Replace(options+site, "static {$KEYS}", keys, 1))
	}
	if n := visits.Load(); n != 0 {
		t.Errorf("%d connections", n)
	}
}
