package app

import (
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/botlatch/botlatch/caddymodule/revocation"
)

// change is a way to change the list: the log lines of one that was made and of one that was not, and its event.
type change struct{ done, failed, event string }

var (
	revoking  = change{"revoked", "revocation failed", "token_revoked"}
	restoring = change{"restored", "restoring failed", "revocation_removed"}
	importing = change{"imported", "import failed", "revocations_imported"}
	holding   = change{"held", "held on this latch alone", "held"}
	resuming  = change{"resumed", "resuming failed", "resumed"}

	inviting   = change{"invited", "invitation failed", "invitation_made"}
	cancelling = change{"invitation cancelled", "cancelling an invitation failed", "invitation_cancelled"}
	rotating   = change{"session keys rotated", "rotating session keys failed", "session_keys_rotated"}
)

// audit leaves one line for each change that was asked of the stores, made or not, and tells an event of one that was
// made. by says who asked. Values are names of people and tokens: line and event bear the kind and the issuer, the list
// bears the rest.
func (a *App) audit(c change, by string, failed error, what ...zap.Field) {
	what = append(what, zap.String("by", by))
	if failed != nil {
		a.logger.Warn(c.failed, append(what, zap.Error(failed))...)
		return
	}
	a.logger.Info(c.done, what...)
	a.announce(c, what)
}

// auditHold is audit for a hold, which acts even when it fails: its event is told in any case.
func (a *App) auditHold(by string, failed error, what ...zap.Field) {
	what = append(what, zap.Bool("this_latch_alone", failed != nil))
	a.audit(holding, by, failed, what...)
	if failed != nil {
		a.announce(holding, append(what, zap.String("by", by)))
	}
}

func (a *App) announce(c change, what []zap.Field) {
	data := zapcore.NewMapObjectEncoder()
	for _, field := range what {
		field.AddTo(data)
	}
	a.events.announce(c.event, data.Fields)
}

// audited is what the audit says of an entry.
func audited(e revocation.Entry) []zap.Field {
	fields := []zap.Field{zap.Stringer("kind", e.Kind), zap.String("iss", e.Issuer), zap.String("reason", e.Reason)}
	if !e.IssuedBefore.IsZero() {
		fields = append(fields, zap.Time("issued_before", e.IssuedBefore))
	}
	if !e.ExpiresAt.IsZero() {
		fields = append(fields, zap.Time("expires_at", e.ExpiresAt))
	}
	return fields
}
