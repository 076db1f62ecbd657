package revocation

import (
	"fmt"
	"runtime"
	"testing"
)

// Filling takes a while: 10 M entries some 10 s and 600 MB.
var sizes = []struct {
	name    string
	entries int
}{{"1M", 1_000_000}, {"10M", 10_000_000}}

func filled(entries int) *List {
	l := &List{}
	s, _ := l.Source("bench")
	var batch [addStep]Entry
	for i := 0; i < entries; {
		some := batch[:0]
		for ; len(some) < addStep && i < entries; i++ {
			some = append(some, Entry{Kind: KindToken, Issuer: site, Value: fmt.Sprintf("jti-%08d", i), ExpiresAt: noon, At: noon})
		}
		s.Add(some...)
	}
	return l
}

// BenchmarkRepeated is a token that was found clean before: every request but the first.
func BenchmarkRepeated(b *testing.B) {
	l, n := filled(1_000_000), ana(noon)
	l.Revoked(n)
	b.ReportAllocs()
	for b.Loop() {
		l.Revoked(n)
	}
}

// BenchmarkFirst is a token seen for the first time, clean, in a list of many. Its names are hashed already, see
// BenchmarkNames.
func BenchmarkFirst(b *testing.B) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			l := filled(size.entries)
			tokens := make([]*Names, 1<<16) // more than a processor's cache remembers
			for i := range tokens {
				tokens[i] = NewNames(site, noon, [NumKinds]string{
					KindToken: fmt.Sprint(i), KindFingerprint: hash, KindSession: fmt.Sprint(i), KindSubject: fmt.Sprint(i), KindKey: hash,
				})
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				n := tokens[i%len(tokens)]
				n.clean.Store(0)
				l.Revoked(n)
				i++
			}
			b.StopTimer()
		})
	}
}

// BenchmarkMemory reports what an entry costs once the collector came by.
func BenchmarkMemory(b *testing.B) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			l := filled(size.entries)
			runtime.GC()
			runtime.ReadMemStats(&after)
			runtime.KeepAlive(l)
			b.ReportMetric(float64(after.HeapInuse-before.HeapInuse)/float64(size.entries), "B/entry")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkNames hashes the names of a token, once for each.
func BenchmarkNames(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ana(noon)
	}
}
