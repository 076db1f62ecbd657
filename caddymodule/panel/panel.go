// Package panel is the owner's page: what is open, who is in, who is invited, what was decided, and one press that stops
// everything. It is drawn on the server and made of forms, so that it works where scripts do not. Whom it is shown to is decided
// before, like on any site.
package panel

import (
	"context"
	"net/http"
	"time"
)

// Status is what there is to see.
type Status struct {
	Held        bool
	Since       time.Time // of the hold
	Reason      string    // of the hold
	Streams     []Stream
	Sessions    []Session
	Invitations []Invitation
	Decisions   []Decision
	Trouble     string // what could not be asked; empty: nothing
}

// Stream is one that is open.
type Stream struct {
	ID               string
	Site, Path, Kind string
	Subject          string
	Session          string // ID of the browser that is signed in; empty: a token opened it
	Since            time.Time
}

// Session is a browser that is signed in.
type Session struct {
	ID               string
	Site, Name, Door string
	Address, Browser string
	Since, Expires   time.Time
}

// Invitation is one that nobody has taken.
type Invitation struct {
	ID         string
	Site, Name string
	Expires    time.Time
}

// Decision is how often something was decided.
type Decision struct {
	Reason  string
	Allowed bool
	Count   int
}

// Press is a button. The set is closed.
type Press string

// The buttons. All but the first two name what they are about.
const (
	Hold             Press = "hold"
	Resume           Press = "resume"
	EndStream        Press = "end-stream"
	EndSession       Press = "end-session"
	CancelInvitation Press = "cancel-invitation"
)

// Presses are all buttons.
func Presses() []Press { return []Press{Hold, Resume, EndStream, EndSession, CancelInvitation} }

// Desk is what the panel asks of the latch.
type Desk interface {
	// Look tells how things are.
	Look(ctx context.Context) Status
	// Press does what a button says, to what has an ID. The error is for people, and holds no secret.
	Press(ctx context.Context, p Press, id string) error
}

// Root is where buttons lead, by their names.
const Root = "/press/"

// Panel is the page. Safe for concurrent use.
type Panel struct{ Desk Desk }

// maxForm bounds what a form sends, bytes.
const maxForm = 4 << 10

// formTimeout is how long a form may take.
const formTimeout = 10 * time.Second

// ServeHTTP shows the page, or does what a button says and shows the page.
func (p *Panel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		p.show(w, r, http.StatusOK, "")
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(formTimeout)) // where it cannot be set, nobody waits for a form
	if err := r.ParseForm(); err != nil {
		p.show(w, r, http.StatusBadRequest, "That could not be read. Nothing was done.")
		return
	}
	if err := p.Desk.Press(r.Context(), Press(r.URL.Path[len(Root):]), r.PostForm.Get("id")); err != nil {
		p.show(w, r, http.StatusServiceUnavailable, "That did not work: "+err.Error())
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
