package accesstoken

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unsafe"
)

func TestCacheIsBoundedByCountAndBytes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ size, tokens, want int }{
		"ok/by count":         {1, 3 * generationTokens, generationTokens},
		"ok/by bytes":         {generationBytes / 128, 1000, 128},
		"ok/one fills it":     {generationBytes, 10, 1},
		"ok/below both":       {1 << 10, 100, 100},
		"ok/exactly one full": {1, generationTokens, generationTokens},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var c Cache
			most := 0
			for i := range test.tokens {
				c.Put(strconv.Itoa(i), &Token{size: test.size})
				if i%500 == 0 {
					checkBounds(t, &c)
				}
				most = max(most, len(c.young))
			}
			if most != test.want {
				t.Errorf("a generation held %d tokens, want %d", most, test.want)
			}
			if c.Get(strconv.Itoa(test.tokens-1)) == nil {
				t.Error("the last token is not known")
			}
		})
	}
}

func TestCacheKeepsWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	var c Cache
	busy, idle := &Token{size: 1}, &Token{size: 1}
	c.Put("busy", busy)
	c.Put("idle", idle)
	for i := range 4 * generationTokens {
		c.Put(strconv.Itoa(i), &Token{size: 1})
		if c.Get("busy") != busy {
			t.Fatalf("forgotten after %d other tokens", i)
		}
	}
	if c.Get("idle") != nil {
		t.Error("a token that nobody asked for is still known")
	}
}

// A token that moves from the old generation counts in the young one, once.
func TestCacheCountsATokenThatMovesOnce(t *testing.T) {
	t.Parallel()
	var c Cache
	c.Put("a", &Token{size: generationBytes})
	c.Put("b", &Token{size: 5})
	if c.old["a"] == nil || c.size != 5 {
		t.Fatalf("size %d, old %v", c.size, c.old)
	}
	c.Put("b", &Token{size: 5}) // verified twice at the same time
	if c.size != 5 {
		t.Fatalf("a token put twice counts twice: %d", c.size)
	}
	for range 3 {
		c.Get("a") // too big to join b: b grows old, and a is young again
	}
	if c.young["a"] == nil || c.old["b"] == nil || c.size != generationBytes {
		t.Fatalf("size %d, young %v, old %v", c.size, c.young, c.old)
	}
	for range 3 {
		c.Get("b")
	}
	checkBounds(t, &c)
}

// A full generation does not make way for a token that it holds already.
func TestCacheReplacesWithoutTurning(t *testing.T) {
	t.Parallel()
	var c Cache
	c.Put("a", &Token{size: generationBytes})
	newer := &Token{size: generationBytes}
	c.Put("a", newer)
	if c.old != nil || c.Get("a") != newer {
		t.Error("the same spelling turned the generations")
	}
}

// Between the two locks of get another request may have verified the token anew, by the key that counts now; or turned
// the generations, so that it is gone.
func TestCacheDoesNotMoveAnOlderTokenOverANewerOne(t *testing.T) {
	t.Parallel()
	var c Cache
	older, newer := &Token{size: 1}, &Token{size: 1}
	c.old = map[string]*Token{"a": older}
	c.Put("a", newer)
	if got := c.promote("a"); got != newer || c.young["a"] != newer {
		t.Error("the older token came back")
	}
	if c.promote("b") != nil || len(c.young) != 1 {
		t.Error("a token that is gone came back")
	}
}

// The piece of a header block that is a token must not keep the block alive.
func TestCacheKeepsNoMoreThanTheToken(t *testing.T) {
	t.Parallel()
	block := strings.Repeat("x", 100) + "token"
	var c Cache
	c.Put(block[100:], &Token{size: 1})
	for raw := range c.young {
		if unsafe.StringData(raw) == unsafe.StringData(block[100:]) {
			t.Error("the key is a piece of a larger string")
		}
	}
}

func TestCacheUnderConcurrentUse(t *testing.T) {
	t.Parallel()
	var c Cache
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(worker)))
			for range 5000 {
				raw := strconv.Itoa(random.IntN(200))
				if token := c.Get(raw); token == nil {
					c.Put(raw, &Token{ID: raw, size: generationBytes / 50})
				} else if token.ID != raw {
					t.Errorf("asked for %s, got %s", raw, token.ID)
				}
			}
		})
	}
	wg.Wait()
	checkBounds(t, &c)
}

func checkBounds(t *testing.T, c *Cache) {
	t.Helper()
	size := 0
	for _, token := range c.young {
		size += token.size
	}
	if size != c.size || size > generationBytes || len(c.young) > generationTokens || len(c.old) > generationTokens {
		t.Fatalf("%d tokens of %d bytes, counted as %d; %d old ones", len(c.young), size, c.size, len(c.old))
	}
}
