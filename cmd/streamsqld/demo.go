package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/streamsqld/streamsqld/engine"
)

// demoSetup makes what the demo shows; %s is the time of the first event. The view is an ordinary one: everything here can be typed into psql.
var demoSetup = []string{
	`CREATE STREAM IF NOT EXISTS demo_bids WITH (connector = 'nexmark', table = 'bid', events_per_second = 1000, first_event_rate = 1000, start_time = '%s')`,
	`CREATE MATERIALIZED VIEW IF NOT EXISTS demo_windows WITH (trigger = '1 second') AS
SELECT window_start, window_end, count(*) AS bids, count(DISTINCT auction) AS auctions, max(price) AS highest, round(avg(price), 2) AS average
FROM tumble(demo_bids, date_time, INTERVAL '10 seconds')
GROUP BY window_start, window_end`,
}

const demoQuery = `SELECT window_start::time(0) AS "from", window_end::time(0) AS "to", bids, auctions, highest, average
FROM demo_windows ORDER BY window_start DESC LIMIT 8`

// demo makes the demo's stream and view and shows the newest windows on out until ctx ends: as a table that is drawn again each second on a
// terminal, else as lines, one when a window has changed.
func demo(ctx context.Context, n *node, addr net.Addr, out *os.File) error {
	s, err := n.local(ctx, "demo")
	if err != nil {
		return err
	}
	defer s.Close()
	start := time.Now().UTC().Truncate(10 * time.Second).Format(time.RFC3339)
	for _, sql := range demoSetup {
		if err := s.Query(ctx, strings.ReplaceAll(sql, "%s", start), &printer{out: out, quiet: true}); err != nil {
			return err
		}
	}
	s.Updates()
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return err
	}
	psql := fmt.Sprintf("psql -h %s -p %s", host, port)
	if !terminal(out) {
		fmt.Fprintf(out, "streamsqld demo: bids per 10 seconds. Connect with: %s\n", psql)
		return demoLines(ctx, s, out)
	}
	return demoScreen(ctx, s, out, psql)
}

func terminal(f *os.File) bool {
	st, err := f.Stat()
	return err == nil && st.Mode()&os.ModeCharDevice != 0
}

func demoScreen(ctx context.Context, s engine.Session, out *os.File, psql string) error {
	for ctx.Err() == nil {
		var b strings.Builder
		if err := s.Query(ctx, demoQuery, &printer{out: &b, quiet: true}); err != nil {
			return err
		}
		fmt.Fprintf(out, "\x1b[H\x1b[2Jstreamsqld demo: bids per window of 10 seconds, newest first\n\n%s", b.String())
		fmt.Fprintf(out, "Look for yourself:  %s\n  SELECT * FROM demo_windows;  SHOW QUERIES;  COPY (SUBSCRIBE demo_windows) TO STDOUT;\nCtrl-C stops.\n", psql)
		pause(ctx, time.Second)
	}
	return nil
}

// demoLines prints each change of a window: what a program at the other end of a pipe can read.
func demoLines(ctx context.Context, s engine.Session, out *os.File) error {
	err := s.Query(ctx, "COPY (SUBSCRIBE demo_windows) TO STDOUT", &printer{out: out, quiet: true})
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
