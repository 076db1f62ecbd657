// Thousands measures what open streams cost and how fast they end: a bot, the latch in front of it, and thousands of
// WebSockets of drivers, all on this machine. It prints a table, and compares with the same Caddy without the latch.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

func main() {
	m := measurement{out: os.Stdout}
	flag.IntVar(&m.streams, "n", 5000, "how many WebSockets; each takes two file descriptors here and two in the latch")
	flag.IntVar(&m.rounds, "rounds", 5, "how often everything is measured")
	flag.IntVar(&m.singles, "singles", 40, "how many streams are ended one by one, in each round")
	flag.StringVar(&m.program, "caddy", "", "a Caddy with the latch in it; default: built from this module")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := m.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "thousands:", err)
		os.Exit(1)
	}
}

// measurement is what is asked for, and what was found.
type measurement struct {
	out                      io.Writer
	streams, rounds, singles int
	program                  string // path of Caddy

	plain, latched []float64 // memory of a stream in Caddy, bytes
	single         []float64 // from the request to the close frame of one stream, ms
	middle, late   []float64 // from the request to the close frame of half of the clients, and of 99 of 100, ms
	last           []float64 // and to the last one
	all            []float64 // from `hold` to the last close frame of the other half, ms
}

// run measures, round by round, and prints.
func (m *measurement) run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "thousands-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if m.program == "" {
		if m.program, err = buildCaddy(ctx, dir); err != nil {
			return err
		}
	}
	bot, err := startBot(ctx)
	if err != nil {
		return err
	}
	defer bot.close()
	for round := range m.rounds {
		began := time.Now()
		if err := m.round(ctx, dir, bot); err != nil {
			return err
		}
		_, _ = fmt.Fprintf(m.out, "round %d: %s\n", round+1, time.Since(began).Round(100*time.Millisecond))
	}
	return m.print()
}

func (m *measurement) round(ctx context.Context, dir string, bot *bot) error {
	if err := m.withoutLatch(ctx, dir, bot); err != nil {
		return fmt.Errorf("without the latch: %w", err)
	}
	if err := m.withLatch(ctx, dir, bot); err != nil {
		return fmt.Errorf("with the latch: %w", err)
	}
	return nil
}

// withoutLatch measures the memory of as many streams in Caddy alone.
func (m *measurement) withoutLatch(ctx context.Context, dir string, bot *bot) error {
	c, err := startCaddy(ctx, m.program, dir, bot.address, false)
	if err != nil {
		return err
	}
	defer c.end()
	before := c.memory()
	drivers, err := openDrivers(ctx, c, m.streams, func(int) string { return "" })
	if err != nil {
		return err
	}
	m.plain = append(m.plain, (c.memory()-before)/float64(m.streams))
	drivers.hangUp()
	return nil
}

// withLatch measures memory, then ends some streams one by one, then those of one subject, then all.
func (m *measurement) withLatch(ctx context.Context, dir string, bot *bot) error {
	c, err := startCaddy(ctx, m.program, dir, bot.address, true)
	if err != nil {
		return err
	}
	defer c.end()
	tokens, err := c.mint(m.streams)
	if err != nil {
		return err
	}
	before := c.memory()
	drivers, err := openDrivers(ctx, c, m.streams, func(i int) string { return tokens[i].Raw })
	if err != nil {
		return err
	}
	defer drivers.hangUp()
	m.latched = append(m.latched, (c.memory()-before)/float64(m.streams))

	for i := range m.singles {
		one := drivers[m.streams-1-2*i-i%2]
		began := time.Now()
		if err := c.revoke(ctx, "token", tokens[one.number].ID); err != nil {
			return err
		}
		took, err := one.closed(ctx, "token revoked")
		if err != nil {
			return err
		}
		m.single = append(m.single, took.Sub(began).Seconds()*1000)
	}
	took, err := m.endAll(ctx, c, drivers, subjects[0])
	if err != nil {
		return err
	}
	m.middle, m.late, m.last = append(m.middle, at(took, 0.50)), append(m.late, at(took, 0.99)), append(m.last, at(took, 1))
	if took, err = m.endAll(ctx, c, drivers, subjects[1]); err != nil {
		return err
	}
	m.all = append(m.all, at(took, 1))
	return nil
}

// endAll revokes a subject, and returns how long each of its streams took to end, ms.
func (m *measurement) endAll(ctx context.Context, c *caddy, all drivers, subject string) ([]float64, error) {
	open := all.of(subject)
	began := time.Now()
	if err := c.revoke(ctx, "subject", subject); err != nil {
		return nil, err
	}
	return open.allClosed(ctx, began, "token revoked")
}
