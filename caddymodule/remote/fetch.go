package remote

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
)

const (
	maxRedirects   = 3
	maxHeaderBytes = 64 << 10
)

var (
	errTooLarge  = errors.New("the answer is too large")
	errEmpty     = errors.New("the answer is empty")
	errRedirects = errors.New("too many redirects")
	errRedirect  = errors.New("a redirect to another host or another scheme")

	errUnreadable = errors.New("the answer is not HTTP that can be read")
)

// newTransport is a transport of one document's own. A fetch each few minutes needs no connection kept, and one that is
// kept would need somebody to close it. There is no http.Client above it: redirects are followed in fetch, because the
// library's errors quote them.
func newTransport(o Options) *http.Transport {
	return &http.Transport{
		DialContext:            dial,
		TLSClientConfig:        &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12},
		DisableKeepAlives:      true,
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
}

// fetching is the key of a fetch's own context among its values.
type fetching struct{}

// dial connects for a fetch, and for no longer. The transport takes the end of a request from the context that it dials with, so that
// another request may have the connection: a server that takes connections and never says a word of TLS would be left with one more of
// them, and of goroutines, each time.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	if own, ok := ctx.Value(fetching{}).(context.Context); ok {
		ctx = own
	}
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err == nil {
		context.AfterFunc(ctx, func() { _ = conn.Close() })
	}
	return conn, err
}

// fetch gets the body from a URL, within the bounds.
func (d *Document[T]) fetch(ctx context.Context, from *url.URL) ([]byte, http.Header, error) {
	at := from
	for range maxRedirects + 1 {
		body, header, next, err := d.get(ctx, at)
		if err != nil && ctx.Err() != nil {
			err = ctx.Err() // that the connection is closed then is our doing
		}
		if err != nil || next == nil {
			return body, header, err
		}
		at = next
	}
	return nil, nil, errRedirects
}

// get sends one request. It returns the body, or where a redirect leads.
func (d *Document[T]) get(ctx context.Context, at *url.URL) ([]byte, http.Header, *url.URL, error) {
	req, err := http.NewRequestWithContext(context.WithValue(ctx, fetching{}, ctx), http.MethodGet, at.String(), http.NoBody)
	if err != nil {
		return nil, nil, nil, errors.New("not a URL to ask")
	}
	if d.options.Accept != "" {
		req.Header.Set("Accept", d.options.Accept)
	}
	res, err := d.transport.RoundTrip(req)
	if err != nil {
		return nil, nil, nil, cause(err)
	}
	defer func() { _ = res.Body.Close() }()
	switch res.StatusCode {
	case http.StatusOK:
		body, err := read(res.Body, d.options.MaxBytes)
		return body, res.Header, nil, err
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		next, err := res.Location()
		if err != nil || next.Scheme != at.Scheme || next.Host != at.Host || next.User != nil {
			return nil, nil, nil, errRedirect
		}
		return nil, nil, next, nil
	}
	return nil, nil, nil, fmt.Errorf("status %d", res.StatusCode)
}

// read takes at most limit bytes, and an error rather than the beginning of more.
func read(r io.Reader, limit int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return nil, cause(err)
	case int64(len(b)) > limit:
		return nil, fmt.Errorf("%w: more than %d bytes", errTooLarge, limit)
	case len(b) == 0:
		return nil, errEmpty
	}
	return b, nil
}

// cause keeps an error of the network, of TLS and of time. Any other is about what the server wrote, and quotes it.
func cause(err error) error {
	var network net.Error
	var certificate *tls.CertificateVerificationError
	if errors.As(err, &network) || errors.As(err, &certificate) {
		return err
	}
	for _, known := range []error{io.EOF, io.ErrUnexpectedEOF, context.DeadlineExceeded, context.Canceled, http.ErrSchemeMismatch} {
		if errors.Is(err, known) {
			return err
		}
	}
	return errUnreadable
}

// loopback reports whether host is this machine's own.
func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
