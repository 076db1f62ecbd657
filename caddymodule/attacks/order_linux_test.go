package attacks_test

import (
	"net"
	"net/http"
	"syscall"
	"testing"
	"unsafe"
)

// TestR6_RevocationThatWasNotKeptIsAnError lets the disk be full: the system takes no more bytes of the latch's files.
func TestR6_RevocationThatWasNotKeptIsAnError(t *testing.T) {
	t.Parallel()
	s := newRing(t)
	token := map[string]string{"": called("EdDSA").token(nil, map[string]any{"jti": "r6"})}
	limit(t, s.latch.Admin, 1)
	status, answer := s.latch.Ask(t, http.MethodPost, "/botlatch/revocations", `{"token":"`+token[""]+`"}`)
	if status < http.StatusInternalServerError {
		t.Errorf("status %d: %s", status, answer)
	}
	limit(t, s.latch.Admin, ^uint64(0))
	s.revoke(t, `{"token":"`+token[""]+`"}`)
	s.forbids(t, token)
	s.latch.Kill()
	s.latch.Run()
	s.forbids(t, token)
}

// limit bounds the size of files that whoever listens on a socket may write, in bytes.
func limit(t *testing.T, socket string, bytes uint64) {
	t.Helper()
	conn, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var peer *syscall.Ucred
	var failed error
	if err := raw.Control(func(fd uintptr) {
		peer, failed = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	both := struct{ now, most uint64 }{bytes, ^uint64(0)}
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(peer.Pid), syscall.RLIMIT_FSIZE, uintptr(unsafe.Pointer(&both)), 0, 0, 0); errno != 0 {
		t.Fatal(errno)
	}
}
