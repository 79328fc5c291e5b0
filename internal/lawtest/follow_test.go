package lawtest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"
)

// follower reads a SUBSCRIBE in the background, and goes on after a restart of the server where it was.
type follower struct {
	conn   *pgconn.PgConn
	cancel context.CancelFunc
	done   chan struct{}
	mu     sync.Mutex
	rows   [][]string
	whole  int   // rows of steps that are complete
	since  int64 // the last such step; -1: none
	err    error
}

// startFollower begins with a snapshot, or where old is not nil after what that has.
func startFollower(dsn, name string, old *follower) (*follower, error) {
	c, err := connect(dsn)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	f := &follower{conn: c, cancel: cancel, done: make(chan struct{}), since: -1}
	from := ""
	if old != nil && old.since >= 0 {
		f.rows, f.whole, f.since = old.rows[:old.whole], old.whole, old.since
		from = fmt.Sprintf(", since = %d", f.since)
	}
	r, w := io.Pipe()
	go func() {
		_, err := c.CopyTo(ctx, w, "COPY (SUBSCRIBE TO "+name+" WITH (progress = true"+from+")) TO STDOUT")
		w.CloseWithError(err)
	}()
	go func() {
		defer close(f.done)
		in := bufio.NewScanner(r)
		for in.Scan() {
			f.take(strings.Split(in.Text(), "\t"))
		}
		f.mu.Lock()
		f.err = in.Err()
		f.mu.Unlock()
	}()
	return f, nil
}

// copyText takes back what COPY writes for backslashes and control characters.
var copyText = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t", `\r`, "\r", `\b`, "\b", `\f`, "\f", `\v`, "\v")

func (f *follower) take(row []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if row[1] == "progress" {
		f.whole = len(f.rows)
		f.since, _ = strconv.ParseInt(row[0], 10, 64)
		return
	}
	for i, v := range row {
		if row[i] = copyText.Replace(v); v == `\N` {
			row[i] = null
		}
	}
	f.rows = append(f.rows, row)
}

func (f *follower) stop() {
	f.cancel()
	<-f.done
	f.conn.Close(context.Background())
	<-f.conn.CleanupDone()
}

func (f *follower) integrate(key []int) ([][]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return nil, f.err
	}
	return integrate(f.rows[:f.whole], key)
}

// integrate applies changes (_batch_id, _op, row ...) to an empty table.
func integrate(changes [][]string, key []int) ([][]string, error) {
	n := map[string]int{}
	rows := map[string][]string{}
	byKey := map[string]string{}
	of := func(row []string) string {
		var k []string
		for _, c := range key {
			k = append(k, row[c])
		}
		return strings.Join(k, "\x00")
	}
	for _, c := range changes {
		row := c[2:]
		text := strings.Join(row, "\x00")
		rows[text] = row
		switch c[1] {
		case "insert":
			n[text]++
			byKey[of(row)] = text
		case "delete":
			n[text]--
		case "update":
			if key == nil {
				return nil, fmt.Errorf("an update without a key: %v", c)
			}
			old, ok := byKey[of(row)]
			if !ok || n[old] < 1 {
				return nil, fmt.Errorf("an update of a row that is not there: %v", c)
			}
			n[old]--
			n[text]++
			byKey[of(row)] = text
		default:
			return nil, fmt.Errorf("unknown _op in %v", c)
		}
	}
	var out [][]string
	for text, k := range n {
		if k < 0 {
			return nil, fmt.Errorf("a row was deleted that is not there: %v", rows[text])
		}
		for range k {
			out = append(out, rows[text])
		}
	}
	slices.SortFunc(out, slices.Compare)
	return out, nil
}
