package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"
)

// life is how long tokens are valid: longer than a run takes.
const life = 12 * time.Hour

// requests are what clients send: whole requests, ready to be written.
type requests struct {
	one  []byte
	many map[int][][]byte // by the number of connections, so that no case sees the tokens of another
	bad  [][]byte

	expired []byte
}

// mint makes the requests of a plan for a key. Signing 20,000 times takes a while, so all processors do.
func mint(k *key, p *plan) (*requests, error) {
	tokens := make([]string, 1+p.tokens*len(p.connections))
	failed := make([]error, runtime.NumCPU())
	var work sync.WaitGroup
	for w := range failed {
		work.Go(func() {
			for i := w; i < len(tokens) && failed[w] == nil; i += len(failed) {
				tokens[i], failed[w] = token(k, i, time.Now())
			}
		})
	}
	work.Wait()
	for _, err := range failed {
		if err != nil {
			return nil, err
		}
	}
	expired, err := token(k, len(tokens), time.Now().Add(-life-time.Minute))
	if err != nil {
		return nil, err
	}
	r := &requests{one: request(tokens[0]), many: make(map[int][][]byte), expired: request(expired)}
	for i, t := range tokens[1:] {
		n := p.connections[i/p.tokens]
		r.many[n] = append(r.many[n], request(t))
		if i < p.tokens {
			r.bad = append(r.bad, request(spoil(t)))
		}
	}
	return r, nil
}

// token signs a token of its own number.
func token(k *key, number int, now time.Time) (string, error) {
	payload, err := json.Marshal(map[string]any{
		"iss": issuerName, "aud": audienceName, "sub": "ana", "client_id": "ana", "jti": fmt.Sprintf("benchmark-%08d", number),
		"iat": now.Unix(), "exp": now.Add(life).Unix(), "scope": "observe",
		"roles": []string{"observe"}, // caddy-security asks for roles where the others ask for scopes
	})
	if err != nil {
		return "", err
	}
	head := fmt.Sprintf(`{"alg":%q,"typ":"JWT"}`, k.algorithm)
	message := encode([]byte(head)) + "." + encode(payload)
	signature, err := k.sign([]byte(message))
	return message + "." + encode(signature), err
}

// spoil changes a bit of a signature, so far inside that the signature keeps its form and costs a whole verification.
func spoil(token string) string {
	dot := strings.LastIndexByte(token, '.')
	signature, _ := base64.RawURLEncoding.DecodeString(token[dot+1:]) // it was encoded here
	signature[5] ^= 1
	return token[:dot+1] + encode(signature)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// request is as small as requests of programs are.
func request(token string) []byte {
	return []byte("GET /status HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: benchmark\r\nAccept: */*\r\n" +
		"Authorization: Bearer " + token + "\r\n\r\n")
}
