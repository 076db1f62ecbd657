package oidc

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// The bounds of one call to a provider.
const (
	callTimeout  = 10 * time.Second
	maxBody      = 1 << 20
	maxHeader    = 64 << 10
	maxRedirects = 3
)

var (
	errPlain      = errors.New("it would be asked without TLS")
	errRedirect   = errors.New("a redirect to another host, or one that should not be")
	errTooLarge   = errors.New("the answer is too large")
	errUnreadable = errors.New("the answer cannot be read")
)

// newClient is a client within those bounds. A sign-in now and then needs no connection kept. Proxies named by the environment
// are not used.
func newClient(insecureLoopback bool) *http.Client {
	return &http.Client{
		Timeout: callTimeout,
		Transport: &transport{
			base: &http.Transport{
				// The transport lets a connection that is being made go on when its request has been given up.
				DialContext:            (&net.Dialer{Timeout: callTimeout}).DialContext,
				TLSHandshakeTimeout:    callTimeout,
				TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
				DisableKeepAlives:      true,
				MaxResponseHeaderBytes: maxHeader,
			},
			insecureLoopback: insecureLoopback,
		},
		CheckRedirect: func(next *http.Request, via []*http.Request) error {
			from := via[0]
			// What is posted is a code and a secret: they go where the metadata say, and nowhere else.
			if from.Method != http.MethodGet || len(via) > maxRedirects || next.URL.Scheme != from.URL.Scheme ||
				next.URL.Host != from.URL.Host || next.URL.User != nil {
				return errRedirect
			}
			return nil
		},
	}
}

// transport refuses plain HTTP, and answers that are too large, for libraries that would read them whole.
type transport struct {
	base             *http.Transport
	insecureLoopback bool
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if !mayAsk(r.URL, t.insecureLoopback) {
		if r.Body != nil {
			_ = r.Body.Close()
		}
		return nil, errPlain
	}
	res, err := t.base.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	res.Body = http.MaxBytesReader(nil, res.Body, maxBody)
	return res, nil
}

// get reads a whole document.
func get(ctx context.Context, client *http.Client, address string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, errUnreadable
	}
	r.Header.Set("Accept", "application/json")
	res, err := client.Do(r)
	if err != nil {
		return nil, cause(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", res.StatusCode)
	}
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, cause(err)
	}
	return b, nil
}

// cause keeps an error of the network, of TLS and of time, and those of this file. Any other is about what the provider wrote,
// and quotes it, or quotes what was sent.
func cause(err error) error {
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err // without the URL
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return errTooLarge
	}
	if network, ok := errors.AsType[net.Error](err); ok {
		return network
	}
	if certificate, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return certificate
	}
	for _, known := range []error{
		io.EOF, io.ErrUnexpectedEOF, context.DeadlineExceeded, context.Canceled, http.ErrSchemeMismatch, errPlain, errRedirect,
	} {
		if errors.Is(err, known) {
			return known
		}
	}
	return errUnreadable
}
