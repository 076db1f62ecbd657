package login_test

import "testing"

// TestRevokingThePersonEndsTheSession, and what is open, as an operator does it: by the provider's name and the person's there.
func TestRevokingThePersonEndsTheSession(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	b := s.browse(t)
	s.signIn(b, "ana")
	b.becomes(acts, "0")
	s.watched(t, 1)
	cleo := b.stranger()
	s.signIn(cleo, "cleo")
	s.watched(t, 2)
	if out, errs, code := s.latch.Command(t.Context(), "", "botlatch", "revoke", "--issuer", s.issuer, "--sub", "ana"); code != 0 {
		t.Fatalf("exit code %d\n%s%s", code, out, errs)
	}
	s.watched(t, 1)
	b.becomes(acts, "nobody knows how many")
	b.press("#open")
	b.becomes(said, "That did not work: 401")
	s.acted(t, 0)
	s.isOut(b)
	cleo.becomes(acts, "0")
	cleo.open(s.origin + "/")
	s.isIn(cleo) // of whom nobody spoke

	b.press(toProvider) // she is who she says, and that is not enough
	b.becomes(title+" + "+status, revoked+"403")
	s.isOut(b)
	if n := s.sessions(t); n != 1 { // cleo's: who is revoked is not in
		t.Errorf("%d sessions", n)
	}
}

// TestASessionEnds when its time is over, with what is open.
func TestASessionEnds(t *testing.T) {
	t.Parallel()
	s := newStage(t, "lifetime 12h", "lifetime 8s")
	b := s.browse(t)
	s.signIn(b, "ana")
	b.becomes(acts, "0")
	s.watched(t, 1)
	b.becomes(acts, "nobody knows how many")
	s.watched(t, 0)
	b.press("#open")
	b.becomes(said, "That did not work: 401")
	s.acted(t, 0)
	s.isOut(b)
}
