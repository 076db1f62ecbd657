package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/botlatch/botlatch/caddymodule/accesstoken"
	"github.com/botlatch/botlatch/caddymodule/deny"
	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// ErrNoWriter is the answer to a write when no configured store can be written.
var ErrNoWriter = errors.New("no revocation store of this configuration can be written")

// CheckRevoked asks the list whether an entry takes t out. No I/O; while the list is being loaded it waits up to a
// second.
func (a *App) CheckRevoked(ctx context.Context, t *accesstoken.Token) error {
	if err := a.ready(ctx); err != nil {
		return err
	}
	if kind, revoked := process.list.Revoked(t.Names); revoked {
		return deny.Because(deny.Revoked, revokedBy[kind])
	}
	return nil
}

// Admitted notes that a token was let through: a cut-off that means "now" must not be older than what it let in.
func (a *App) Admitted(t *accesstoken.Token) { process.list.SawIssuedAt(t.IssuedAt) }

// revokedBy are the reasons for the log, made once.
var revokedBy = func() (all [revocation.NumKinds]error) {
	for _, kind := range revocation.Kinds() {
		all[kind] = fmt.Errorf("by an entry of kind %s", kind)
	}
	return all
}()

// Revoke is the one way in: durable in the first store that can be written, then in the list, then one audit line. It
// returns the entry as it was stored. by says who asked, for the audit. Errors that wrap ErrEntry are the caller's.
func (a *App) Revoke(ctx context.Context, req Request, by string) (revocation.Entry, error) {
	entry, err := a.entry(ctx, req, time.Now())
	if err != nil {
		return entry, err
	}
	if err := a.checkKnown(entry); err != nil {
		return entry, err
	}
	if err := a.add(ctx, entry); err != nil {
		return entry, err
	}
	a.audit("revoked", entry, by)
	return entry, nil
}

// Restore undoes Revoke for the name of an entry, and is audited too. A name that is not on the list is no error.
func (a *App) Restore(ctx context.Context, req Request, by string) (revocation.Entry, error) {
	entry, err := a.name(ctx, req, time.Now())
	if err != nil {
		return entry, err
	}
	store, writer, err := a.writer(ctx)
	if err != nil {
		return entry, err
	}
	// The store tells the list, in the order in which it made its changes. To take the entry out of the list here, too,
	// could undo a revocation of the same name that was answered a moment ago.
	if err := writer.Remove(ctx, entry); err != nil {
		return entry, fmt.Errorf("writing to revocation store %s: %w", store.resource, err)
	}
	a.audit("restored", entry, by)
	return entry, nil
}

// add makes entries durable, all or none. The store has told the list by then (revocation.Writer); if it cannot be
// followed just now, the list is told here.
func (a *App) add(ctx context.Context, entries ...revocation.Entry) error {
	store, writer, err := a.writer(ctx)
	if err != nil {
		return err
	}
	if err := writer.Add(ctx, entries...); err != nil {
		return fmt.Errorf("writing to revocation store %s: %w", store.resource, err)
	}
	if _, err := store.state(); err != nil {
		store.source.Add(entries...)
	}
	return nil
}

// audit leaves one line a change. Values are names of people and tokens: the line bears the kind and the issuer, the
// list bears the rest.
func (a *App) audit(what string, e revocation.Entry, by string) {
	line := []zap.Field{zap.Stringer("kind", e.Kind), zap.String("iss", e.Issuer), zap.String("reason", e.Reason), zap.String("by", by)}
	if !e.IssuedBefore.IsZero() {
		line = append(line, zap.Time("issued_before", e.IssuedBefore))
	}
	a.logger.Info(what, line...)
}

// writer is the first store that can be written.
func (a *App) writer(ctx context.Context) (*followed, revocation.Writer, error) {
	if err := a.ready(ctx); err != nil {
		return nil, nil, err
	}
	for _, s := range a.stores {
		if w, ok := s.followed.store.(revocation.Writer); ok {
			return s.followed, w, nil
		}
	}
	return nil, nil, ErrNoWriter
}
