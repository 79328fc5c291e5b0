package lawtest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"
)

// follower reads a SUBSCRIBE in the background.
type follower struct {
	conn   *pgconn.PgConn
	cancel context.CancelFunc
	done   chan struct{}
	mu     sync.Mutex
	rows   [][]string
	err    error
}

func startFollower(dsn, name string) (*follower, error) {
	c, err := connect(dsn)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	f := &follower{conn: c, cancel: cancel, done: make(chan struct{})}
	r, w := io.Pipe()
	go func() {
		_, err := c.CopyTo(ctx, w, "COPY (SUBSCRIBE TO "+name+") TO STDOUT")
		w.CloseWithError(err)
	}()
	go func() {
		defer close(f.done)
		in := bufio.NewScanner(r)
		for in.Scan() {
			row := strings.Split(in.Text(), "\t")
			for i, v := range row {
				if v == `\N` {
					row[i] = null
				}
			}
			f.mu.Lock()
			f.rows = append(f.rows, row)
			f.mu.Unlock()
		}
		f.mu.Lock()
		f.err = in.Err()
		f.mu.Unlock()
	}()
	return f, nil
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
	return integrate(f.rows, key)
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
