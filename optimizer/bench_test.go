package optimizer

import (
	"syscall"
	"testing"
	"time"

	"github.com/streamsqld/streamsqld/catalog"
	"github.com/streamsqld/streamsqld/sql"
	"github.com/streamsqld/streamsqld/sql/parser"
	"github.com/streamsqld/streamsqld/types"
)

// BenchmarkParsePlan parses, binds and optimizes statements from a look-up to a join of three relations with a sub-select. The aim is 300 µs for a typical one.
func BenchmarkParsePlan(b *testing.B) {
	env := &sql.Env{Catalog: catalog.New(nil), SearchPath: []string{catalog.Public}, Format: types.UTCFormat(0)}
	if err := setup(`CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL, country text, since date);
CREATE TABLE products (id bigint PRIMARY KEY, name text, category text, price numeric(10,2));
CREATE STREAM orders (id bigint, customer bigint, product bigint, amount int, at timestamptz, WATERMARK FOR at AS at - INTERVAL '5 seconds')`, env); err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct{ name, sql string }{
		{"point", `SELECT name, country FROM customers WHERE id = 42`},
		{"join", `SELECT c.country, p.category, count(*) AS n, sum(o.amount * p.price) AS total
FROM orders o JOIN customers c ON c.id = o.customer JOIN products p ON p.id = o.product
WHERE o.at >= '2026-01-01' AND p.category IN ('a', 'b', 'c') GROUP BY c.country, p.category HAVING count(*) > 10 ORDER BY total DESC LIMIT 20`},
		{"window", `SELECT window_start, product, sum(amount) AS total FROM tumble(orders, at, INTERVAL '1 minute') GROUP BY window_start, window_end, product`},
		{"ranked", `WITH t AS (SELECT *, row_number() OVER (PARTITION BY customer ORDER BY at DESC) AS k FROM orders)
SELECT t.id, c.name, (SELECT max(p.price) FROM products p WHERE p.id = t.product) AS price FROM t LEFT JOIN customers c ON c.id = t.customer WHERE t.k <= 3`},
	} {
		b.Run(c.name, func(b *testing.B) {
			before := processorTime()
			for b.Loop() {
				q, err := parser.ParseQuery(c.sql)
				if err != nil {
					b.Fatal(err)
				}
				bound, err := sql.BindQuery(q, c.sql, env)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := Optimize(bound); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64((processorTime()-before).Microseconds())/float64(b.N), "cpu-µs/op")
		})
	}
}

// processorTime is what the process has used, which other work on the machine changes less than the clock.
func processorTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
