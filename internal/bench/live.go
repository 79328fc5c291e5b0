package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// liveFigures measures over the wire: look-ups by key, a large INSERT, and how soon a row is seen by who subscribes.
func liveFigures(base string) ([]figure, error) {
	data := filepath.Join(base, "data")
	if err := clear(data); err != nil {
		return nil, err
	}
	cmd, c, _, err := serve(data)
	if err != nil {
		return nil, err
	}
	var out []figure
	for _, f := range []func(string, *pgconn.PgConn) ([]figure, error){lookups, largeInsert, latencies} {
		some, err := f(base, c)
		if err != nil {
			return nil, err
		}
		for _, f := range some {
			log.Printf("%s: %s (%s)", f.name, f.value, f.aim)
		}
		out = append(out, some...)
	}
	return out, stop(cmd)
}

var tps = regexp.MustCompile(`tps = (\d+)`)

// lookups runs PostgreSQL's pgbench, where it is installed, with a prepared SELECT by key.
func lookups(base string, c *pgconn.PgConn) ([]figure, error) {
	pgbench, err := exec.LookPath("pgbench")
	if err != nil {
		log.Print("SKIP: look-ups: pgbench is not installed")
		return nil, nil
	}
	if err := each(c, "CREATE STREAM looked (k bigint, v bigint)", "CREATE MATERIALIZED VIEW looked_view AS SELECT k, count(*) AS n, sum(v) AS s FROM looked GROUP BY k",
		"INSERT INTO looked SELECT i % 100000, i FROM generate_series(1, 300000) g(i)", "FLUSH looked_view",
		"CREATE TABLE looked_table (k bigint PRIMARY KEY, n bigint, s numeric)", "INSERT INTO looked_table SELECT * FROM looked_view"); err != nil {
		return nil, err
	}
	host, port, _ := strings.Cut(address, ":")
	var out []figure
	for _, name := range []string{"looked_table", "looked_view"} {
		script := filepath.Join(base, "lookup.sql")
		if err := os.WriteFile(script, []byte("\\set k random(0, 99999)\nSELECT * FROM "+name+" WHERE k = :k;\n"), 0o644); err != nil {
			return nil, err
		}
		best := 0
		for range *rounds {
			b, err := exec.Command(pgbench, "-h", host, "-p", port, "-U", "bench", "-n", "-M", "prepared", "-c", "8", "-j", "2", "-T", "4", "-f", script, "bench").CombinedOutput()
			m := tps.FindSubmatch(b)
			if err != nil || m == nil {
				return nil, fmt.Errorf("pgbench: %v\n%s", err, b)
			}
			n, _ := strconv.Atoi(string(m[1]))
			best = max(best, n)
		}
		what := map[string]string{"looked_table": "a table by primary key", "looked_view": "a materialized view by its key"}[name]
		out = append(out, figure{"look-ups in " + what + ", prepared, 8 clients, pgbench on the same 2 cores", fmt.Sprintf("%d/s", best), "20,000/s"})
	}
	return out, nil
}

// largeInsert is one INSERT of 10,000 rows of VALUES into a table with a primary key.
func largeInsert(_ string, c *pgconn.PgConn) ([]figure, error) {
	if _, err := exe(c, "CREATE TABLE large (id bigint PRIMARY KEY, name text, amount numeric, at timestamptz)"); err != nil {
		return nil, err
	}
	var took time.Duration
	for round := range *rounds {
		var b strings.Builder
		b.WriteString("INSERT INTO large VALUES ")
		for i := range 10_000 {
			if i > 0 {
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "(%d, 'name %d', %d.25, '2026-01-01 00:00:00+00')", round*10_000+i, i, i)
		}
		began := time.Now()
		if _, err := exe(c, b.String()); err != nil {
			return nil, err
		}
		took = least(took, time.Since(began))
	}
	return []figure{{"INSERT of 10,000 rows of VALUES, with its synced commit", ms(took), "150 ms"}}, nil
}

// latencies are the times from the INSERT of a row to its arrival at SUBSCRIBE, through views with trigger 'continuous'.
func latencies(_ string, c *pgconn.PgConn) ([]figure, error) {
	if err := each(c, "CREATE STREAM sent (auction bigint, price bigint, at bigint)",
		"CREATE MATERIALIZED VIEW converted WITH (trigger = 'continuous', output_mode = 'append') AS SELECT auction, price * 0.908 AS price, at FROM sent",
		"CREATE MATERIALIZED VIEW counted WITH (trigger = 'continuous', output_mode = 'update') AS SELECT auction, count(*) AS n, max(at) AS at FROM sent GROUP BY auction"); err != nil {
		return nil, err
	}
	var out []figure
	for _, v := range []struct{ view, what, aim string }{{"converted", "q1", "5 ms"}, {"counted", "a keyed running count", "10 ms"}} {
		all, err := latency(c, v.view)
		if err != nil {
			return nil, err
		}
		out = append(out, figure{"'continuous', INSERT to SUBSCRIBE at 20,000 rows/s, " + v.what + ", median (p99)",
			fmt.Sprintf("%.1f ms (%.1f ms)", quantile(all, 0.5), quantile(all, 0.99)), v.aim})
	}
	return out, nil
}

// latency sends 100 rows each 5 ms for 5 s, each with the time, and takes the times at which a subscriber has them.
func latency(c *pgconn.PgConn, view string) ([]time.Duration, error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	sub, err := pgconn.Connect(ctx, "postgres://bench@"+address+"/bench?sslmode=disable")
	if err != nil {
		return nil, err
	}
	rows := sub.Exec(ctx, "SUBSCRIBE "+view+" WITH (snapshot = false)")
	done := make(chan []time.Duration)
	go func() {
		var all []time.Duration
		for rows.NextResult() {
			r := rows.ResultReader()
			at := slices.IndexFunc(r.FieldDescriptions(), func(f pgconn.FieldDescription) bool { return f.Name == "at" })
			for r.NextRow() {
				us, _ := strconv.ParseInt(string(r.Values()[at]), 10, 64)
				all = append(all, time.Duration(time.Now().UnixMicro()-us)*time.Microsecond)
			}
		}
		done <- all
	}()
	time.Sleep(500 * time.Millisecond)
	tick := time.NewTicker(5 * time.Millisecond)
	for n := 0; n < 1000; n++ {
		<-tick.C
		var b strings.Builder
		b.WriteString("INSERT INTO sent VALUES ")
		for i := range 100 {
			if i > 0 {
				b.WriteByte(',')
			}
			fmt.Fprintf(&b, "(%d,%d,%d)", (n*100+i)%1000, i, time.Now().UnixMicro())
		}
		if _, err := exe(c, b.String()); err != nil {
			return nil, err
		}
	}
	time.Sleep(500 * time.Millisecond)
	cancel()
	all := <-done
	if len(all) < 50_000 {
		return nil, fmt.Errorf("%s: only %d rows came", view, len(all))
	}
	slices.Sort(all)
	return all, nil
}

func quantile(sorted []time.Duration, q float64) float64 {
	return float64(sorted[int(float64(len(sorted)-1)*q)].Microseconds()) / 1000
}
